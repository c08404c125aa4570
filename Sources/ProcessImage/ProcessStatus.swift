/// What `/proc/PID/status` says of a process or thread (proc_pid_status(5)). What a kernel does not say is `nil`.
package struct ProcessStatus: Sendable, Equatable {
  /// The command's name, at most 15 bytes.
  package var name: String
  /// `R` running, `S` sleeping, `D` waiting in the kernel, `T` stopped, `t` stopped by a tracer, `Z` zombie, `X` dead.
  package var state: Character
  /// The process that the thread belongs to.
  package var processID: Int32
  package var threadID: Int32
  package var parentID: Int32?
  /// The process that traces this one, or 0.
  package var tracerID: Int32
  /// The effective user.
  package var user: UInt32?
  package var threadCount: Int?
  /// A thread of the kernel.
  package var isKernelThread: Bool
  /// Bytes in memory: all, anonymous, of files, shared.
  package var residentBytes: Int?
  package var residentAnonymousBytes: Int?
  package var residentFileBytes: Int?
  package var residentSharedBytes: Int?
  package var swappedBytes: Int?
  package var hasPtraceCapability: Bool
  /// A seccomp filter is at work.
  package var isFiltered: Bool
  /// Signals that wait for this thread, as a mask; bit 8 is SIGKILL.
  package var pendingSignals: UInt64

  /// - Returns: `nil` if the text is no status.
  package static func parse(_ text: String) -> ProcessStatus? {
    var fields: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == "\t" || $0 == " " }
      fields[line[..<colon]] = value
    }
    func number(_ field: Substring) -> Int? {
      fields[field].flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }).first }.flatMap { Int($0) }
    }
    func identifier(_ field: Substring) -> Int32? { number(field).flatMap { Int32(exactly: $0) } }
    func bytes(_ field: Substring) -> Int? { number(field).map { $0 &* 1024 } }
    guard let state = fields["State"]?.first, let threadID = identifier("Pid"), let processID = identifier("Tgid")
    else {
      return nil
    }
    let users = fields["Uid"]?.split(separator: "\t") ?? []
    let capabilities = fields["CapEff"].flatMap { UInt64($0, radix: 16) } ?? 0
    return ProcessStatus(
      name: String(fields["Name"] ?? ""), state: state, processID: processID, threadID: threadID,
      parentID: identifier("PPid"), tracerID: identifier("TracerPid") ?? 0,
      user: users.count > 1 ? UInt32(users[1]) : nil, threadCount: number("Threads"),
      isKernelThread: number("Kthread") == 1 || (number("Kthread") == nil && fields["VmSize"] == nil && state != "Z"),
      residentBytes: bytes("VmRSS"), residentAnonymousBytes: bytes("RssAnon"), residentFileBytes: bytes("RssFile"),
      residentSharedBytes: bytes("RssShmem"), swappedBytes: bytes("VmSwap"),
      hasPtraceCapability: capabilities & (1 << 19) != 0, isFiltered: number("Seccomp") == 2,
      pendingSignals: fields["SigPnd"].flatMap { UInt64($0, radix: 16) } ?? 0)
  }

  /// Resident bytes by `/proc/PID/smaps_rollup`, which counts pages one by one where `status` may lag behind.
  package static func residentBytes(inRollup text: String) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix("Rss:") {
      return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 &* 1024 }
    }
    return nil
  }
}
