import BenchmarkReport

/// How many bytes a new process may use before the system runs out: the least of what the kernel says and what each
/// cgroup above this process has left.
package enum AvailableMemory {
  /// Reads `MemAvailable` (proc_meminfo(5)) and the memory limits of cgroup v2 (Control Group v2, memory.max).
  package static func read() throws(RunError) -> Int {
    guard let text = contents("/proc/meminfo"), let machine = memAvailable(in: text) else {
      throw .memoryUnknown("/proc/meminfo has no MemAvailable")
    }
    return min(machine, cgroupRest() ?? machine)
  }

  /// Bytes of the line `MemAvailable:  123 kB`.
  static func memAvailable(in text: String) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      let words = line.split(separator: " ")
      guard words.count == 3, words[2] == "kB", let kilobytes = Int(words[1]) else { return nil }
      return kilobytes.multipliedReportingOverflow(by: 1024).partialValue
    }
    return nil
  }

  /// The path of this process's group in the text of `/proc/self/cgroup`: the line `0::/PATH` of the unified hierarchy.
  static func unifiedGroup(in text: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix("0::/") }.map { String($0.dropFirst(3)) }
  }

  /// What the tightest cgroup has left; `nil` if none has a limit.
  private static func cgroupRest() -> Int? {
    guard let text = contents("/proc/self/cgroup"), var group = unifiedGroup(in: text) else { return nil }
    var least: Int?
    while true {
      let folder = "/sys/fs/cgroup" + group
      if let limit = number(folder + "/memory.max"), let current = number(folder + "/memory.current") {
        let reclaimable = contents(folder + "/memory.stat").map(reclaimable) ?? 0
        least = min(least ?? Int.max, max(0, limit - max(0, current - reclaimable)))
      }
      guard let slash = group.lastIndex(of: "/"), group != "/" else { return least }
      group = slash == group.startIndex ? "/" : String(group[..<slash])
    }
  }

  /// Bytes of a cgroup's `memory.stat` that the kernel gives up before it runs out: file pages not in active use, and
  /// what it can reclaim of its own.
  static func reclaimable(in stat: String) -> Int {
    stat.split(separator: "\n").reduce(0) { sum, line in
      let words = line.split(separator: " ")
      guard words.count == 2, words[0] == "inactive_file" || words[0] == "slab_reclaimable" else { return sum }
      return sum + (Int(words[1]) ?? 0)
    }
  }

  /// The number in a cgroup's file; `nil` for `max` and where there is no such file.
  private static func number(_ path: String) -> Int? {
    contents(path).flatMap { Int($0.split(separator: "\n").first ?? "") }
  }

  /// A small file's text; `nil` if it cannot be read.
  private static func contents(_ path: String) -> String? {
    do throws(ReportError) {
      return String(decoding: try SmallFile.read(path), as: UTF8.self)
    } catch {
      return nil
    }
  }
}
