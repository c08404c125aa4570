/// Strings and numbers as JSON writes them, the same text on every machine.
package enum JSONText {
  package static func quoted(_ text: String) -> String {
    var quoted = ""
    append(text, to: &quoted)
    return quoted
  }

  /// Appends a text in quotes.
  package static func append(_ text: String, to quoted: inout String) {
    quoted += "\""
    defer { quoted += "\"" }
    // Most texts hold nothing that has to be escaped.
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
      quoted += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
  }

  /// Whole numbers without a decimal point; others as the shortest text that reads back the same. The value is finite.
  package static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 9_007_199_254_740_992 ? "\(Int64(value))" : "\(value)"
  }
}
