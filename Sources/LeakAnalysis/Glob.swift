/// A pattern for type names: `*` stands for any characters, `?` for one; all else, brackets too, for itself.
///
/// A pattern matches a whole name, with its module or without: `Node`, `App.Node` and `App.*` all match `App.Node`.
package struct Glob: Equatable, Sendable {
  package let pattern: String
  private let characters: [Character]

  package init(_ pattern: String) {
    self.pattern = pattern
    characters = Array(pattern)
  }

  package func matches(_ name: String) -> Bool {
    if matches(whole: Array(name)) { return true }
    guard let dot = name.firstIndex(of: "."), name[..<dot].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
    else {
      return false
    }
    return matches(whole: Array(name[name.index(after: dot)...]))
  }

  /// Linear in the name for each `*`: on a mismatch only the last `*` takes one character more.
  private func matches(whole name: [Character]) -> Bool {
    var position = 0
    var inPattern = 0
    var star: (inPattern: Int, position: Int)?
    while position < name.count {
      if inPattern < characters.count, characters[inPattern] == "*" {
        star = (inPattern, position)
        inPattern += 1
      } else if inPattern < characters.count, characters[inPattern] == "?" || characters[inPattern] == name[position] {
        inPattern += 1
        position += 1
      } else if let last = star {
        star = (last.inPattern, last.position + 1)
        inPattern = last.inPattern + 1
        position = last.position + 1
      } else {
        return false
      }
    }
    return characters[inPattern...].allSatisfy { $0 == "*" }
  }
}
