/// What of this process is in memory, in bytes: `/proc/self/smaps_rollup` (proc_pid_smaps(5)), the kernel's exact count.
public struct ResidentMemory: Equatable, Sendable {
  /// Resident set: every page of the process that is in memory.
  public var resident: Int
  /// Proportional set: a page shared by n processes counts as 1/n.
  public var proportional: Int
  /// Pages that this process wrote and shares with nobody.
  public var privateDirty: Int
  /// The part of the resident set in transparent huge pages.
  public var anonymousHuge: Int

  /// Reads the counts. Allocates nothing; takes some 170 µs, more with many mappings.
  public static func read() throws(HeapProbeError) -> ResidentMemory {
    let path: StaticString = "/proc/self/smaps_rollup"
    let fields = try ProcFile.read(path) { text in
      (
        resident: kilobyteField("Rss:", in: text), proportional: kilobyteField("Pss:", in: text),
        privateDirty: kilobyteField("Private_Dirty:", in: text),
        anonymousHuge: kilobyteField("AnonHugePages:", in: text)
      )
    }
    guard let resident = fields.resident else { throw .missingField(path: "\(path)", field: "Rss") }
    guard let proportional = fields.proportional else { throw .missingField(path: "\(path)", field: "Pss") }
    guard let privateDirty = fields.privateDirty else { throw .missingField(path: "\(path)", field: "Private_Dirty") }
    guard let anonymousHuge = fields.anonymousHuge else { throw .missingField(path: "\(path)", field: "AnonHugePages") }
    return ResidentMemory(
      resident: resident, proportional: proportional, privateDirty: privateDirty, anonymousHuge: anonymousHuge)
  }

  /// The most that was resident at once since the process started or the peak was last reset: `VmHWM` of
  /// `/proc/self/status`. Never `ru_maxrss`: it survives exec, so that a child reports its parent's peak.
  public static func peak() throws(HeapProbeError) -> Int {
    let path: StaticString = "/proc/self/status"
    guard let peak = try ProcFile.read(path, { kilobyteField("VmHWM:", in: $0) }) else {
      throw .missingField(path: "\(path)", field: "VmHWM")
    }
    return peak
  }

  /// Sets the peak back to what is resident now: writes `5` to `/proc/self/clear_refs` (proc_pid_clear_refs(5)).
  public static func resetPeak() throws(HeapProbeError) {
    try ProcFile.write("/proc/self/clear_refs", "5")
  }
}
