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

  /// The toolchain's modules, which may be linked into the program (`-static-stdlib`), or specialised or inlined into its code.
  private static let toolchainModules: Set<String> = [
    "Swift", "_Concurrency", "_StringProcessing", "_RegexParser", "Synchronization", "Distributed", "Observation",
    "Dispatch",
    "Foundation", "FoundationEssentials", "FoundationInternationalization", "FoundationNetworking", "FoundationXML",
  ]

  /// Of the standard library or Foundation. What a symbol begins with is the module (docs/ABI/Mangling.rst): `s` is the standard
  /// library's, whose own types are an `S` and a letter. Where a module stands behind a type, before an `E`, it has extended the
  /// type: somebody else's code, perhaps.
  private static func isOfStandardLibrary(_ symbol: String) -> Bool {
    guard var rest = ["$s", "$S"].first(where: symbol.hasPrefix).map({ symbol.utf8.dropFirst($0.utf8.count) }),
      let first = rest.first
    else { return false }
    switch first {
    case UInt8(ascii: "s"):
      rest = rest.dropFirst()
    case UInt8(ascii: "S"):
      // So: a C declaration, by whom is not said.
      guard let kind = rest.dropFirst().first, kind != UInt8(ascii: "o") else { return false }
      rest = rest.dropFirst(2)
      // Concurrency's own have two letters.
      if kind == UInt8(ascii: "c") { rest = rest.dropFirst() }
    default:
      guard let module = identifier(&rest), toolchainModules.contains(module) else { return false }
    }
    while let name = identifier(&rest), let kind = rest.popFirst() {
      if kind == UInt8(ascii: "E") { return toolchainModules.contains(name) }
      guard [UInt8(ascii: "V"), UInt8(ascii: "C"), UInt8(ascii: "O"), UInt8(ascii: "P")].contains(kind) else { break }
    }
    return true
  }

  /// A name with its length in front; `nil` for others, as those that repeat words of the symbol.
  private static func identifier(_ rest: inout Substring.UTF8View) -> String? {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard digits.first != UInt8(ascii: "0"), let length = Int(String(decoding: digits, as: UTF8.self)),
      rest.count - digits.count >= length
    else { return nil }
    rest = rest.dropFirst(digits.count)
    defer { rest = rest.dropFirst(length) }
    return String(decoding: rest.prefix(length), as: UTF8.self)
  }
}
