/// How the path of a field is written: as a Swift programmer would, not as the compiler stores it.
enum LayoutNames {
  /// `prefix` and `name` as one path; `[…]` joins without a dot.
  static func join(_ prefix: String, _ name: String) -> String {
    if name.isEmpty { return prefix }
    if prefix.isEmpty || name.utf8.first == UInt8(ascii: "[") { return prefix + name }
    return prefix + "." + name
  }

  /// A stored property's name, or `nil` if it is one of the standard library's own that no program can name.
  ///
  /// - Parameter container: The mangled name of the type that has the property.
  static func property(_ name: String, in container: String?) -> String? {
    let lazyPrefix = "$__lazy_storage_$_"
    if name.hasPrefix(lazyPrefix) { return String(name.dropFirst(lazyPrefix.count)) }
    if let container, isStandardLibrary(container), name.utf8.first == UInt8(ascii: "_") || hidden.contains(name) {
      return nil
    }
    return name
  }

  /// Properties of Dictionary, Set and ArraySlice on the way to their storage.
  private static let hidden: Set<String> = ["object", "rawValue", "owner"]

  /// `s…`: declared in module Swift; `S…`: one of its types with a letter of its own, `Sc…` concurrency's.
  private static func isStandardLibrary(_ mangled: String) -> Bool {
    var bytes = mangled.utf8.makeIterator()
    switch bytes.next() {
    case UInt8(ascii: "s"): return true
    case UInt8(ascii: "S"):
      guard let next = bytes.next() else { return false }
      return next != UInt8(ascii: "g")
    default: return false
    }
  }

  static func isOptional(_ mangled: String?) -> Bool { mangled?.hasSuffix("Sg") ?? false }
}
