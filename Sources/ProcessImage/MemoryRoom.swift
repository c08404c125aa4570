import Glibc

/// How much memory a process may still take: what the machine has, and what its cgroups allow (cgroups(7)).
struct MemoryRoom: Equatable {
  var bytes: Int
  /// What sets the limit, for the user: `memory` or the cgroup's folder.
  var limit: String

  /// Room of process `process` (`self`, or a number); `nil` if nothing tells.
  static func current(of process: String = "self") -> MemoryRoom? {
    room(meminfo: ProcFile.text("/proc/meminfo"), cgroups: ProcFile.text("/proc/\(process)/cgroup")) {
      ProcFile.text($0)
    }
  }

  /// Bytes of address space that we may still take (RLIMIT_AS); `nil` if there is no limit.
  static var addressSpace: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(9), &limit) == 0, let most = Int(exactly: limit.rlim_cur),
      let pages = ProcFile.number("/proc/self/statm")
    else { return nil }
    return max(0, most - pages * PageScanner.pageSize)
  }

  /// The least that any limit leaves.
  /// - Parameters:
  ///   - meminfo: `/proc/meminfo`.
  ///   - cgroups: `/proc/PID/cgroup`.
  ///   - file: A small file's text, `nil` where it is not there.
  static func room(meminfo: String?, cgroups: String?, file: (String) -> String?) -> MemoryRoom? {
    var least: MemoryRoom?
    func consider(_ bytes: Int?, _ limit: String) {
      if let bytes, bytes < (least?.bytes ?? .max) { least = MemoryRoom(bytes: max(bytes, 0), limit: limit) }
    }
    for line in (meminfo ?? "").split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      consider(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 &* 1024 }, "the machine")
    }
    for line in (cgroups ?? "").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isSecond = parts[0] == "0" && parts[1].isEmpty
      guard isSecond || parts[1].split(separator: ",").contains("memory") else { continue }
      let mount = isSecond ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
      let (limitFile, usageFile, cacheKey) =
        isSecond
        ? ("memory.max", "memory.current", "inactive_file")
        : ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
      // Every group above limits too.
      var path = parts[2]
      while true {
        let folder = mount + (path == "/" ? "" : path)
        if let limit = number(file("\(folder)/\(limitFile)")), let used = number(file("\(folder)/\(usageFile)")) {
          let cache = value(of: cacheKey, in: file("\(folder)/memory.stat")) ?? 0
          consider(limit &- used &+ cache, "cgroup \(folder)")
        }
        guard let slash = path.lastIndex(of: "/"), path.count > 1 else { break }
        path = slash == path.startIndex ? "/" : path[..<slash]
      }
    }
    return least
  }

  /// `nil` for `max`, and for the huge number by which cgroup v1 says the same.
  private static func number(_ text: String?) -> Int? {
    guard let number = text?.split(whereSeparator: \.isWhitespace).first.flatMap({ Int($0) }), number < 1 << 60 else {
      return nil
    }
    return number
  }

  private static func value(of key: String, in text: String?) -> Int? {
    for line in (text ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == key { return Int(words[1]) }
    }
    return nil
  }
}
