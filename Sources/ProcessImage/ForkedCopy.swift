import CProcess
import Glibc

/// A frozen copy of a process, made by letting the process itself call `clone`: the kernel copies page tables only, and
/// pages when one of the two writes to them.
///
/// If the inspector dies between injecting and restoring, the process is harmed: the kernel ends it and the copy, rather than
/// let two copies go on behind a call that none of them made. So this is for those who ask for it.
struct ForkedCopy {
  private let target: Target
  private let injection: Injection

  /// System calls of x86-64 (<asm/unistd_64.h>).
  private enum Call {
    static let clone: UInt64 = 56
    static let wait4: UInt64 = 61
  }

  /// CLONE_FS | CLONE_FILES: descriptors are shared with the copy, so that what the process closes is closed. No signal at
  /// the copy's end, so that no handler of the process hears of it.
  private static let cloneFlags: UInt64 = 0x200 | 0x400

  init(of target: Target, memory: ProcessMemory) throws(ProcessError) {
    self.target = target
    if target.status.isFiltered {
      throw .cannotFork(
        pid: target.pid, reason: "a seccomp filter is at work on it, which may end it for a call to clone")
    }
    let mappings = Mapping.parse(try target.folder.requiredText("maps"))
    guard let injection = Injection(pid: target.pid, mappings: mappings, memory: memory) else {
      throw .cannotFork(pid: target.pid, reason: "no system call instruction was found in its code")
    }
    self.injection = injection
  }

  /// The frozen process. It must be ended.
  struct Child {
    /// As we see it, and as the process sees it: it may live in another PID namespace.
    let pid: Int32
    fileprivate let innerPID: Int32
  }

  /// Lets one of the stopped threads make the copy, which ends with us from its beginning on.
  /// - Parameter made: Called when there is the copy, and the thread still stands in the call that made it.
  func make(in stopped: inout StoppedThreads, made: () -> Void) throws(ProcessError) -> Child {
    for thread in Self.candidates(stopped) {
      switch injection.call(Call.clone, [Self.cloneFlags], in: thread, made: made) {
      case .done(let result, let child):
        if let child, result > 0 { return Child(pid: child, innerPID: Int32(truncatingIfNeeded: result)) }
        let reason = String(cString: strerror(Int32(truncatingIfNeeded: -result)))
        throw .cannotFork(pid: target.pid, reason: "clone failed in it: \(reason)")
      case .interrupted(let signal): stopped.setSignal(signal, of: thread)
      case .ended: stopped.forget(thread)
      case .failed(let errno):
        throw .cannotFork(pid: target.pid, reason: "its registers cannot be set: \(String(cString: strerror(errno)))")
      }
    }
    throw .cannotFork(pid: target.pid, reason: "every thread was about to take a signal")
  }

  /// Threads that wait in a system call first: one that is stopped in its own code may be inside a restartable sequence
  /// (rseq(2)), which the kernel gives up when it sees the thread elsewhere.
  private static func candidates(_ stopped: StoppedThreads) -> [Int32] {
    #if arch(x86_64)
      let free = stopped.withoutSignal
      let waiting = Set(free.filter { StoppedThreads.registers(of: $0).map { $0.values.orig_rax < 1 << 63 } ?? false })
      return free.filter(waiting.contains) + free.filter { !waiting.contains($0) }
    #else
      return []
    #endif
  }

  /// Waits until the copy stands.
  func hold(_ child: Child) throws(ProcessError) -> ProcessFolder {
    guard case .stopped = StoppedThreads.waitForStop(of: child.pid, milliseconds: StoppedThreads.limitMilliseconds)
    else {
      throw .exited(pid: child.pid)
    }
    return try ProcessFolder(pid: child.pid)
  }

  /// Ends the copy, and lets the process reap it. Returns whether that was done: if not, it stays as a zombie.
  func end(_ child: Child) -> Bool {
    // Its end gives back its page tables, which takes as long as a good part of the pause.
    SystemThread.giveWay(child.pid)
    kill(child.pid, SIGKILL)
    var result = wsp_wait_result()
    repeat {
      guard wsp_wait(child.pid, 0, &result) == 0 else { break }
    } while result.change == wsp_change_stopped.rawValue
    for _ in 0..<20 {
      if reap(child) { return true }
      usleep(1000)
    }
    return false
  }

  /// Stops one thread and lets it call `wait4` for the copy, without blocking.
  private func reap(_ child: Child) -> Bool {
    // __WALL | WNOHANG, since the copy sends no signal at its end.
    let arguments: [UInt64] = [UInt64(UInt32(bitPattern: child.innerPID)), 0, 0x4000_0001, 0]
    let threads = target.folder.threadIDs()
    // The process has ended: whoever takes over its children reaps the copy.
    if threads.isEmpty { return true }
    for thread in threads where wsp_seize(thread, 0) == 0 {
      _ = wsp_interrupt(thread)
      guard
        case .stopped(let signal) = StoppedThreads.waitForStop(
          of: thread, milliseconds: StoppedThreads.limitMilliseconds)
      else { continue }
      if signal != 0 {
        _ = wsp_detach(thread, signal)
        continue
      }
      let outcome = injection.call(Call.wait4, arguments, in: thread)
      if case .interrupted(let signal) = outcome {
        _ = wsp_detach(thread, signal)
      } else {
        _ = wsp_detach(thread, 0)
      }
      if case .done(let result, _) = outcome, result != 0 { return true }
    }
    return false
  }
}
