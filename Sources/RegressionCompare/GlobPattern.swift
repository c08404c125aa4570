/// A pattern over metric names and case ids: `*` stands for any bytes, `/` included, `?` for one; all else for itself.
package struct GlobPattern: Sendable, Hashable {
  package let text: String
  private let bytes: [UInt8]

  package init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  var matchesEverything: Bool { bytes == [UInt8(ascii: "*")] }

  /// Going back to the last `*` only: O(pattern × name) at worst, no recursion.
  package func matches(_ name: String) -> Bool {
    if matchesEverything { return true }
    let name = Array(name.utf8)
    var inPattern = 0
    var inName = 0
    var star: (pattern: Int, name: Int)?
    while inName < name.count {
      if inPattern < bytes.count, bytes[inPattern] == UInt8(ascii: "*") {
        star = (inPattern, inName)
        inPattern += 1
      } else if inPattern < bytes.count, bytes[inPattern] == UInt8(ascii: "?") || bytes[inPattern] == name[inName] {
        inPattern += 1
        inName += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        inPattern = last.pattern + 1
        inName = last.name + 1
      } else {
        return false
      }
    }
    return bytes[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
