/// Names and paths in a form in which two ways of writing them are equal.
enum ZooNames {
  /// Without the standard library's module, and without the place in which a private type is declared:
  /// `(Entry in $55aa).Key<Swift.Int>` is `Entry.Key<Int>`.
  static func type(_ name: String) -> String {
    var result = ""
    var rest = name[...]
    while let character = rest.first {
      let startsName = result.last.map { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "." } ?? true
      if startsName, rest.hasPrefix("Swift.") {
        rest.removeFirst("Swift.".count)
      } else if let (declared, length) = privateName(rest) {
        result += declared
        rest.removeFirst(length)
      } else {
        result.append(character)
        rest.removeFirst()
      }
    }
    return result
  }

  /// `(Entry in $55aa)` at the start: the name, and the length of it all.
  private static func privateName(_ text: Substring) -> (name: Substring, length: Int)? {
    guard text.first == "(", let end = text.firstIndex(of: ")") else { return nil }
    let inside = text[text.index(after: text.startIndex)..<end]
    guard let place = inside.firstRange(of: " in ") else { return nil }
    let declared = inside[..<place.lowerBound]
    guard let mark = inside[place.upperBound...].first, mark == "$" || mark == "_",
      declared.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
    else { return nil }
    return (declared, text.distance(from: text.startIndex, to: end) + 1)
  }

  /// A lazy property's storage is called like the property.
  static func field(_ path: String) -> String {
    path.split(separator: "$__lazy_storage_$_", omittingEmptySubsequences: false).joined()
  }

  /// Whether a path is of the pattern: `*` at its end stands for any rest, and `(action,1)` for either of the two, since
  /// a tuple's element can be called by its label or by its number.
  static func isField(_ path: String, as pattern: String?) -> Bool {
    guard let pattern else { return true }
    guard let start = pattern.firstIndex(of: "("), let end = pattern[start...].firstIndex(of: ")") else {
      let path = field(path)
      return pattern.hasSuffix("*") ? path.hasPrefix(pattern.dropLast()) : path == pattern
    }
    return pattern[pattern.index(after: start)..<end].split(separator: ",").contains {
      isField(path, as: String(pattern[..<start]) + $0 + String(pattern[pattern.index(after: end)...]))
    }
  }

  /// Whether a context's name is the closure: both are a closure, of the same number, in the same function, whatever of
  /// modules, parameters and thunks is told besides.
  static func isClosure(_ name: String, as pattern: String) -> Bool {
    guard let function = pattern.ranges(of: " in ").last else { return false }
    let closure = pattern[..<function.lowerBound]
    let path = pattern[function.upperBound...].prefix { $0 != "(" }
    return name.contains(closure) && name.contains(path)
  }
}
