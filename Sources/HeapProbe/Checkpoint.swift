import Glibc

/// All that this process can say of its memory at one moment. Taking one allocates nothing: two in a row with nothing
/// between them differ by exactly 0 heap bytes.
public struct Checkpoint: Equatable, Sendable {
  /// The allocator's counters.
  public var heap: HeapCounters
  /// What is in memory.
  public var resident: ResidentMemory
  /// Peak resident bytes since the start or the last `ResidentMemory.resetPeak()`.
  public var peakResident: Int
  /// Page faults that needed no input or output, since the start (getrusage(2), `ru_minflt`).
  public var minorFaults: Int

  /// Reads every count. The first call in a process reads them twice: what the runtime allocates for the first use of a
  /// type (generic metadata, in debug builds) is in the heap before it is counted.
  public static func take() throws(HeapProbeError) -> Checkpoint {
    _ = isWarm
    return try read()
  }

  /// Whether the first reading, which nobody sees, went well; what went wrong is told by the second.
  private static let isWarm = (try? read()) != nil

  /// The heap's counts come first: reading `/proc` touches pages, but no heap.
  private static func read() throws(HeapProbeError) -> Checkpoint {
    let heap = try HeapCounters.read()
    let resident = try ResidentMemory.read()
    let peak = try ResidentMemory.peak()
    return Checkpoint(heap: heap, resident: resident, peakResident: peak, minorFaults: minorPageFaults())
  }
}

/// Page faults of this process that needed no input or output (getrusage(2), `ru_minflt`).
public func minorPageFaults() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_minflt
}

/// Nanoseconds on the monotonic clock (clock_gettime(2), CLOCK_MONOTONIC): differences are durations.
public func monotonicNanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
