// Where the facts come from: the C library, /proc, /sys and the compiler.

import Glibc

extension EnvironmentFacts {
  /// The facts of this process.
  package static func current() -> EnvironmentFacts {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if let separator = text.firstIndex(of: "=") {
        variables[String(text[..<separator])] = String(text[text.index(after: separator)...])
      }
      next += 1
    }
    return current(environment: variables)
  }

  /// The facts of a process of this program that is started with `environment`.
  package static func current(environment: [String: String]) -> EnvironmentFacts {
    // A variable set to nothing does what an unset one does.
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    var system = utsname()
    uname(&system)
    return EnvironmentFacts(
      glibcVersion: glibcVersion(), pageSize: Int(sysconf(Int32(_SC_PAGESIZE))),
      transparentHugePages: text(of: "/sys/kernel/mm/transparent_hugepage/enabled").flatMap(selectedMode),
      glibcTunables: variable("GLIBC_TUNABLES"), mallocVariables: environment.filter { $0.key.hasPrefix("MALLOC_") },
      preload: variable("LD_PRELOAD"), architecture: string(from: system.machine), swiftVersion: compilerVersion,
      optimization: optimizationMode(), kernelRelease: string(from: system.release),
      cpuModel: text(of: "/proc/cpuinfo").flatMap { value(of: "model name", in: $0, separator: ":") },
      cores: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), memoryBytes: memoryBytes(),
      cgroupMemoryLimitBytes: text(of: "/proc/self/cgroup").flatMap { memoryLimit(cgroups: $0, read: text) },
      operatingSystem: text(of: "/etc/os-release").flatMap { value(of: "PRETTY_NAME", in: $0, separator: "=") })
  }

  /// The word in brackets of `always [madvise] never`.
  static func selectedMode(_ text: String) -> String? {
    guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else { return nil }
    return String(text[text.index(after: open)..<close])
  }

  /// The value after a key at the start of a line, without blanks and double quotes around it.
  static func value(of key: String, in text: String, separator: Character) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      let rest = line.dropFirst(key.count).drop { $0 == " " || $0 == "\t" }
      guard rest.first == separator else { continue }
      let value = rest.dropFirst().drop { $0 == " " || $0 == "\"" }
      let end = value.lastIndex { $0 != " " && $0 != "\"" }
      return end.map { String(value[...$0]) }
    }
    return nil
  }

  /// The least memory limit of the process's cgroup and those above it, from `/proc/self/cgroup`; nil without a limit.
  ///
  /// Version 2 has `memory.max`, version 1 `memory.limit_in_bytes`, where no limit is a number near 2⁶³.
  static func memoryLimit(cgroups: String, read: (String) -> String?) -> Int64? {
    var limits: [Int64] = []
    for line in cgroups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let unified = parts[0] == "0" && parts[1].isEmpty
      guard unified || parts[1].split(separator: ",").contains("memory") else { continue }
      var folder = parts[2] == "/" ? "" : String(parts[2])
      while true {
        let path =
          unified ? "/sys/fs/cgroup\(folder)/memory.max" : "/sys/fs/cgroup/memory\(folder)/memory.limit_in_bytes"
        if let limit = read(path).flatMap({ Int64($0.prefix { $0.isNumber }) }), limit < 1 << 60 {
          limits.append(limit)
        }
        guard let slash = folder.lastIndex(of: "/") else { break }
        folder = String(folder[..<slash])
      }
    }
    return limits.min()
  }

  private static func text(of path: String) -> String? {
    do throws(SystemError) {
      return String(decoding: try File.contents(of: path), as: UTF8.self)
    } catch {
      // A kernel without the feature has no such file: the fact is unknown.
      return nil
    }
  }

  /// `2.36`; `gnu_get_libc_version` is not in the headers that Swift imports, confstr(3) says the same.
  private static func glibcVersion() -> String? {
    var buffer = [UInt8](repeating: 0, count: 64)
    let length = buffer.withUnsafeMutableBytes { bytes in
      confstr(Int32(_CS_GNU_LIBC_VERSION), bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    guard length > 1, length <= buffer.count else { return nil }
    return String(decoding: buffer[..<(length - 1)], as: UTF8.self).split(separator: " ").last.map(String.init)
  }

  /// Asked of `assert`, which is there in debug builds only: no build system needs to define a name for it.
  private static func optimizationMode() -> String {
    var mode = "release"
    assert({ mode = "debug" }() == ())
    return mode
  }

  private static func memoryBytes() -> Int64? {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? Int64(pages) * Int64(size) : nil
  }

  /// A C array of characters that Swift imports as a tuple.
  private static func string<Tuple>(from tuple: Tuple) -> String {
    withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The newest version that the compiler says it reaches: the standard library names only its minor version.
  private static var compilerVersion: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4.3)
      "6.4.3"
    #elseif compiler(>=6.4.2)
      "6.4.2"
    #elseif compiler(>=6.4.1)
      "6.4.1"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3.4)
      "6.3.4"
    #elseif compiler(>=6.3.3)
      "6.3.3"
    #elseif compiler(>=6.3.2)
      "6.3.2"
    #elseif compiler(>=6.3.1)
      "6.3.1"
    #elseif compiler(>=6.3)
      "6.3"
    #elseif compiler(>=6.2.4)
      "6.2.4"
    #elseif compiler(>=6.2.3)
      "6.2.3"
    #elseif compiler(>=6.2.2)
      "6.2.2"
    #elseif compiler(>=6.2.1)
      "6.2.1"
    #else
      "6.2"
    #endif
  }
}
