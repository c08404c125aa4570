/// Turns rows into lines of CSV (RFC 4180, LF), by the table of columns.
struct RowEncoder {
  /// The header, its line end included.
  static var header: [UInt8] { Array(ReportSchema.headerLine.utf8) + [UInt8(ascii: "\n")] }

  /// The line of a row, its line end included, in a buffer that is kept from row to row.
  private(set) var line: [UInt8] = []

  mutating func encode(_ row: ReportRow) throws(ReportError) {
    line.removeAll(keepingCapacity: true)
    for column in ReportSchema.columns {
      if !line.isEmpty { line.append(UInt8(ascii: ",")) }
      switch column.cell(row) {
      case .missing:
        break
      case .integer(let value):
        if value < column.minimum ?? .min || value > column.maximum ?? .max {
          throw .unwritableValue(column: column.name, value: String(value), expected: column.expectation)
        }
        line.append(contentsOf: String(value).utf8)
      case .text(let text):
        try append(text, in: column)
      case .unrepresentable(let value):
        let expected = "a whole number up to \(Int64.max)"
        throw .unwritableValue(column: column.name, value: value, expected: expected)
      }
    }
    line.append(UInt8(ascii: "\n"))
  }

  /// Text is refused that a reader would refuse, or that a spreadsheet would take for a formula.
  private mutating func append(_ text: String, in column: Column) throws(ReportError) {
    guard let first = text.utf8.first, !"=+-@".utf8.contains(first),
      !text.utf8.contains(where: { $0 < 32 || $0 == 127 })
    else {
      throw .unwritableValue(
        column: column.name, value: printable(text.utf8),
        expected: "printable text that does not begin with =, +, - or @")
    }
    if column.name == .caseID, CaseIdentity(text) == nil {
      throw .unwritableValue(column: column.name, value: text, expected: "names without / and not empty")
    }
    if text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) {
      line.append(UInt8(ascii: "\""))
      for byte in text.utf8 {
        if byte == UInt8(ascii: "\"") { line.append(byte) }
        line.append(byte)
      }
      line.append(UInt8(ascii: "\""))
    } else {
      line.append(contentsOf: text.utf8)
    }
  }
}

/// At most 40 bytes as text for a message: what is not printable ASCII as `\x1b`.
func printable(_ bytes: some Collection<UInt8>) -> String {
  if bytes.isEmpty { return "nothing" }
  var text = ""
  for byte in bytes.prefix(40) {
    if byte >= 32, byte < 127 {
      text.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      let digits = String(byte, radix: 16)
      text += "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
  }
  return bytes.count > 40 ? text + "…" : text
}
