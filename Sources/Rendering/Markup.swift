/// HTML as it is built: names come from our own source, and every text and value is escaped here, so that no string
/// from a report can become markup.
struct Markup {
  typealias Attributes = KeyValuePairs<StaticString, String?>

  private(set) var text: String

  init() { text = "" }

  /// An element with content; an attribute whose value is nil is left out.
  mutating func element(
    _ name: StaticString, _ attributes: Attributes = [:], _ content: (inout Markup) -> Void
  ) {
    open(name, attributes)
    content(&self)
    text += "</\(name)>"
    endLine(after: name)
  }

  /// An element that holds a text.
  mutating func element(_ name: StaticString, _ attributes: Attributes, _ content: String) {
    element(name, attributes) { $0.write(content) }
  }

  mutating func element(_ name: StaticString, _ content: String) { element(name, [:], content) }

  /// An HTML element that has neither content nor end, as `meta`.
  mutating func empty(_ name: StaticString, _ attributes: Attributes) {
    open(name, attributes)
    endLine(after: name)
  }

  /// An SVG element without content.
  mutating func shape(_ name: StaticString, _ attributes: Attributes) {
    openTag(name, attributes)
    text += "/>\n"
  }

  /// A text, escaped.
  mutating func write(_ text: String) { Self.append(text, to: &self.text) }

  /// What is written in our own source, as it stands.
  mutating func write(verbatim source: StaticString) { text += "\(source)" }

  /// What was escaped as it was built.
  mutating func write(_ other: Markup) { text += other.text }

  private mutating func open(_ name: StaticString, _ attributes: Attributes) {
    openTag(name, attributes)
    text += ">"
  }

  private mutating func openTag(_ name: StaticString, _ attributes: Attributes) {
    text += "<\(name)"
    for (attribute, value) in attributes {
      guard let value else { continue }
      text += " \(attribute)=\""
      Self.append(value, to: &text)
      text += "\""
    }
  }

  /// A line for each element, but not within a paragraph or a row of a table.
  private mutating func endLine(after name: StaticString) {
    switch "\(name)" {
    case "a", "code", "span", "strong", "td", "th", "tspan": break
    default: text += "\n"
    }
  }

  /// The text with `& < > " '` as references, and U+FFFD for control characters, which HTML does not allow.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    append(text, to: &escaped)
    return escaped
  }

  /// Appends a text likewise.
  static func append(_ text: String, to escaped: inout String) {
    // Most texts hold nothing that has to be escaped.
    guard text.utf8.contains(where: mayNeedEscape) else {
      escaped += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      default:
        escaped.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
      }
    }
  }

  /// Whether a byte of UTF-8 is one of `& < > " '`, a control character, or, 0xC2, may begin one of C1.
  private static func mayNeedEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case 0..<0x20, 0x7F, 0xC2, UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
      UInt8(ascii: "'"):
      true
    default: false
    }
  }

  /// A number for a `data-value`: the digits that read back as the same number.
  static func exact(_ value: Double) -> String {
    if let integer = Int64(exactly: value) { return String(integer) }
    return "\(value)"
  }
}
