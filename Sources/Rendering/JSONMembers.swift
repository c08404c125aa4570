import RegressionCompare

/// JSON as it is built, all in one text. The callers name the members of an object in the order of their keys; a member
/// without a value is left out.
struct JSONMembers {
  private(set) var text = ""
  private var isFirst = true
  /// The document's own members begin a line each.
  private var depth = 0

  /// The object that holds all others.
  mutating func document(_ write: (inout JSONMembers) -> Void) {
    text += "{"
    write(&self)
    text += "\n}\n"
  }

  mutating func member(_ key: StaticString, _ write: (inout JSONMembers) -> Void) {
    begin(key)
    object(write)
  }

  mutating func member(_ key: StaticString, text value: String?) {
    guard let value else { return }
    begin(key)
    JSONText.append(value, to: &text)
  }

  mutating func member(_ key: StaticString, integer value: Int) {
    begin(key)
    text += String(value)
  }

  mutating func member(_ key: StaticString, number value: Double?) {
    guard let value else { return }
    begin(key)
    text += JSONText.number(value)
  }

  mutating func member(_ key: StaticString, flag value: Bool) {
    begin(key)
    text += value ? "true" : "false"
  }

  /// A value that is known to be none.
  mutating func null(_ key: StaticString) {
    begin(key)
    text += "null"
  }

  /// A list of objects; the document's own lists have one on a line.
  mutating func member<Entry>(
    _ key: StaticString, list entries: [Entry], _ write: (Entry, inout JSONMembers) -> Void
  ) {
    list(key, entries) { entry, json in json.object { write(entry, &$0) } }
  }

  /// A list of texts; the document's own lists have one on a line.
  mutating func member(_ key: StaticString, texts: [String]) {
    list(key, texts) { entry, json in JSONText.append(entry, to: &json.text) }
  }

  /// A list of lists of objects.
  mutating func member<Entry>(
    _ key: StaticString, lists: [[Entry]], _ write: (Entry, inout JSONMembers) -> Void
  ) {
    list(key, lists) { entries, json in
      json.text += "["
      for (index, entry) in entries.enumerated() {
        if index > 0 { json.text += ", " }
        json.object { write(entry, &$0) }
      }
      json.text += "]"
    }
  }

  private mutating func list<Entry>(
    _ key: StaticString, _ entries: [Entry], _ write: (Entry, inout JSONMembers) -> Void
  ) {
    begin(key)
    let isNested = depth > 0
    text += "["
    for (index, entry) in entries.enumerated() {
      text += isNested ? (index == 0 ? "" : ", ") : index == 0 ? "\n    " : ",\n    "
      write(entry, &self)
    }
    text += isNested || entries.isEmpty ? "]" : "\n  ]"
  }

  private mutating func object(_ write: (inout JSONMembers) -> Void) {
    text += "{ "
    isFirst = true
    depth += 1
    write(&self)
    depth -= 1
    isFirst = false
    text += " }"
  }

  private mutating func begin(_ key: StaticString) {
    if !isFirst { text += "," }
    text += depth == 0 ? "\n  \"" : isFirst ? "\"" : " \""
    isFirst = false
    text += key.description
    text += "\": "
  }
}
