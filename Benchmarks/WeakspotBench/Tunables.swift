import Glibc

/// `GLIBC_TUNABLES` (glibc manual, “Tunables”), which glibc reads when a process starts.
enum Tunables {
  static let name = "GLIBC_TUNABLES"
  private static let cacheTunable = "glibc.malloc.tcache_count"

  /// This process's tunables with the thread cache turned off.
  static var withoutThreadCache: String {
    let others = (ownEnvironment()[name] ?? "").split(separator: ":").filter { !$0.hasPrefix(cacheTunable + "=") }
    return (others.map(String.init) + [cacheTunable + "=0"]).joined(separator: ":")
  }

  /// This process's environment as a sample's process gets it.
  static func environment(with tunables: String?) -> [String: String] {
    var environment = ownEnvironment()
    if let tunables { environment[name] = tunables }
    return environment
  }

  private static func ownEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return variables
  }

  /// Starts this process again from its beginning with the thread cache off, unless it is off already. Returns only if
  /// it is, or if the system refuses.
  static func restartWithoutThreadCache() {
    let wanted = withoutThreadCache
    guard ownEnvironment()[name] != wanted else { return }
    setenv(name, wanted, 1)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }
}
