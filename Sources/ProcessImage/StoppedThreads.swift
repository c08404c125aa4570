import CProcess
import Glibc

/// All threads of a process, stopped by `ptrace` until `resume`.
///
/// Belongs to the system thread that made it (ptrace(2)). If the inspector dies, however that comes about, the kernel
/// detaches from the threads and they run on: PTRACE_SEIZE leaves nothing behind.
struct StoppedThreads {
  /// Longer than any interruptible wait takes to end.
  static let limitMilliseconds = 2000

  let pid: Int32
  private(set) var ids: [Int32] = []
  /// Per thread, the signal that it was about to take when it stopped: delivered when it resumes.
  private var signals: [Int32] = []

  /// Stops every thread of `folder`'s process, those that start meanwhile included.
  /// - Parameter afterSeizing: Called when threads have been asked to stop and may not have yet.
  init(of folder: ProcessFolder, afterSeizing: () -> Void = {}) throws(ProcessError) {
    pid = folder.pid
    do throws(ProcessError) {
      var known: Set<Int32> = []
      while true {
        let new = folder.threadIDs().filter { !known.contains($0) }
        guard !new.isEmpty else { break }
        known.formUnion(new)
        try stop(new, of: folder, afterSeizing)
      }
    } catch {
      resume()
      throw error
    }
    guard !ids.isEmpty else { throw .exited(pid: pid) }
  }

  private mutating func stop(
    _ threads: [Int32], of folder: ProcessFolder, _ afterSeizing: () -> Void
  ) throws(ProcessError) {
    var seized: [Int32] = []
    var failure: ProcessError?
    for thread in threads {
      if wsp_seize(thread, 0) == 0 {
        _ = wsp_interrupt(thread)
        seized.append(thread)
      } else {
        let reason = errno
        // A first thread that has ended stays as a zombie while others run; others vanish.
        let status = folder.text("task/\(thread)/status").flatMap { ProcessStatus.parse($0) }
        guard let status, status.state != "Z", status.state != "X", reason != ESRCH else { continue }
        failure =
          status.tracerID != 0
          ? .alreadyTraced(
            pid: pid, tracer: status.tracerID, tracerName: ProcFile.status(of: String(status.tracerID))?.name)
          : folder.failure("task/\(thread)", errno: reason)
        break
      }
    }
    afterSeizing()
    for thread in seized {
      switch Self.waitForStop(of: thread, milliseconds: Self.limitMilliseconds) {
      case .stopped(let signal):
        ids.append(thread)
        signals.append(signal)
      case .ended: continue
      case .timedOut:
        // It stays seized; detaching needs a stop, so that only our own end, or its, ends the tracing.
        failure = failure ?? .cannotStop(pid: pid, thread: thread, milliseconds: Self.limitMilliseconds)
      }
    }
    if let failure { throw failure }
  }

  enum Wait {
    case stopped(signal: Int32)
    case ended
    case timedOut
  }

  /// Waits until `thread` has stopped. A stop takes microseconds, and `thread` may need our processor for it: sleeping
  /// gives it up and gets it back at once, where yielding would wait for the turns of all others. The first sleeps are so short that
  /// in a virtual machine they may be over before the processor is given up.
  static func waitForStop(of thread: Int32, milliseconds: Int) -> Wait {
    let start = MonotonicClock.now()
    _ = wsp_set_timer_slack(1)
    defer { _ = wsp_set_timer_slack(0) }
    while true {
      var result = wsp_wait_result()
      guard wsp_wait(thread, Int32(wsp_wait_no_hang), &result) == 0 else { return .ended }
      switch wsp_change(rawValue: UInt32(result.change)) {
      case wsp_change_exited, wsp_change_signaled: return .ended
      case wsp_change_stopped:
        return .stopped(signal: result.event == 0 ? result.value : 0)
      default: break
      }
      let elapsed = MonotonicClock.now() - start
      if elapsed > milliseconds * 1_000_000 { return .timedOut }
      var pause = timespec(tv_sec: 0, tv_nsec: elapsed < 30_000 ? 5_000 : 50_000)
      nanosleep(&pause, nil)
    }
  }

  static func registers(of thread: Int32) -> Registers? {
    var registers = Registers()
    return wsp_get_registers(thread, &registers.values) == 0 ? registers : nil
  }

  /// A stopped thread with its registers, without its name.
  static func state(of thread: Int32) -> ThreadState? {
    guard let registers = registers(of: thread) else { return nil }
    var state = ThreadState(id: thread, name: "", registers: registers)
    guard registers.systemCall == nil else { return state }
    state.vectorWords = withUnsafeTemporaryAllocation(
      byteCount: Int(wsp_vector_state_limit), alignment: 8
    ) { buffer in
      guard let base = buffer.baseAddress else { return [] }
      let count = wsp_get_vector_state(thread, base, buffer.count)
      return stride(from: 0, to: max(count, 0) & ~7, by: 8).lazy
        .map { base.load(fromByteOffset: $0, as: UInt64.self) }.filter { $0 != 0 }
    }
    return state
  }

  /// Every thread with its registers; names are left for later, since they take a file each.
  func states() -> [ThreadState] {
    ids.compactMap(Self.state)
  }

  /// Threads that were not about to take a signal when they stopped.
  var withoutSignal: [Int32] { zip(ids, signals).filter { $0.1 == 0 }.map(\.0) }

  /// The thread will take `signal` when it resumes.
  mutating func setSignal(_ signal: Int32, of thread: Int32) {
    if let index = ids.firstIndex(of: thread) { signals[index] = signal }
  }

  /// A thread that has ended after all.
  mutating func forget(_ thread: Int32) {
    guard let index = ids.firstIndex(of: thread) else { return }
    ids.remove(at: index)
    signals.remove(at: index)
  }

  /// Lets every thread run on, with the signal that it was about to take.
  mutating func resume() {
    for (thread, signal) in zip(ids, signals) { _ = wsp_detach(thread, signal) }
    ids = []
    signals = []
  }
}

enum MonotonicClock {
  /// Nanoseconds.
  static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
