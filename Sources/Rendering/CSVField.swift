import RegressionCompare

/// One field of a row of CSV before it is text.
enum CSVField {
  case text(String)
  case integer(Int)
  case real(Double?)

  /// As RFC 4180 has it; empty: missing.
  var csv: String {
    switch self {
    case .integer(let value): return String(value)
    case .real(let value): return value.map(JSONText.number) ?? ""
    case .text(let text):
      // A spreadsheet takes a text that begins so for a formula.
      let safe = text.utf8.first.map { "=+-@".utf8.contains($0) } == true ? "'" + text : text
      guard safe.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 < 32 }) else {
        return safe
      }
      return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
  }
}
