extension SourceFrame.Role {
  /// - Parameters:
  ///   - symbol: As it stands in the file, mangled.
  ///   - function: The same in words.
  ///   - path: Of the loaded file.
  package init(symbol: String, function: String, path: String) {
    if Self.isAllocation(symbol, function) {
      self = .allocation
    } else {
      self = Self.isOfSystem(path) || Self.isOfStandardLibrary(symbol) ? .library : .user
    }
  }

  private static let allocators: Set<String> = [
    "malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "posix_memalign", "memalign", "valloc", "pvalloc",
  ]

  /// `operator new` and `new[]`, and the functions of the Swift runtime, which is C++ (stdlib/public/runtime).
  private static let allocatorPrefixes = ["_Znw", "_Zna", "swift_", "_swift_", "_ZN5swift", "_ZNK5swift"]

  private static func isAllocation(_ symbol: String, _ function: String) -> Bool {
    if allocators.contains(symbol) || allocatorPrefixes.contains(where: symbol.hasPrefix) { return true }
    // What the compiler makes for each class: its caller is who made the object.
    return function.contains(".__allocating_init(")
  }

  private static let systemFolders = ["/usr/lib/", "/usr/lib64/", "/lib/", "/lib64/"]
  /// The Swift runtime's libraries lie in a toolchain's folder or beside the program.
  private static let systemFiles = [
    "libswift", "lib_Foundation", "libFoundation", "libdispatch.", "libBlocksRuntime.", "libweakspot-recorder.",
  ]

  private static func isOfSystem(_ path: String) -> Bool {
    let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    return systemFolders.contains(where: path.hasPrefix) || systemFiles.contains(where: name.hasPrefix)
  }

  /// Of the standard library, also where it was specialised into the program: its module is `s`, and its own types are an `S`
  /// and a letter (docs/ABI/Mangling.rst). A module's name behind that is an extension's: somebody else's code.
  private static func isOfStandardLibrary(_ symbol: String) -> Bool {
    guard let rest = ["$s", "$S"].first(where: symbol.hasPrefix).map({ symbol.utf8.dropFirst($0.utf8.count) }),
      let first = rest.first
    else { return false }
    if first == UInt8(ascii: "s") { return true }
    guard first == UInt8(ascii: "S"), let kind = rest.dropFirst().first, kind != UInt8(ascii: "o") else { return false }
    let behind = rest.dropFirst(2)
    let digits = behind.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let length = Int(String(decoding: digits, as: UTF8.self)) else { return true }
    return behind.dropFirst(digits.count + length).first != UInt8(ascii: "E")
  }
}
