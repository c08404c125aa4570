#if arch(x86_64)
  import CProcess
  import Glibc

  /// A traced command from its start to its end, seen by the thread that traces it.
  struct CommandRun {
    let pid: Int32
    private let name: String
    private let options: Snapshot.Options
    private let started: (@Sendable (Int32) -> Void)?
    private let held: (@Sendable (Int32) -> Void)?
    /// Where the child tells why it could not execute the program.
    private let failure: Int32
    private var hasExecuted = false
    /// Threads that stand at their exit (PTRACE_EVENT_EXIT) and are held there.
    private var leaving: Set<Int32> = []
    private var isGathering = false
    private var ending: LaunchedProcess.Ending?
    private var snapshot: Result<Snapshot, ProcessError>?

    /// System calls of x86-64 (<asm/unistd_64.h>).
    private enum Call {
      static let execve: UInt64 = 59
      static let exit: UInt64 = 60
      static let exitGroup: UInt64 = 231
      static let execveat: UInt64 = 322
    }

    /// How long threads may take from the process's exit to their own.
    private static let leavingMilliseconds = 5000

    init(
      _ command: [String], _ options: Snapshot.Options, _ started: (@Sendable (Int32) -> Void)?,
      _ held: (@Sendable (Int32) -> Void)?
    ) throws(ProcessError) {
      self.options = options
      self.started = started
      self.held = held
      name = command.first ?? ""
      guard !command.isEmpty else { throw .cannotStart(command: "", errno: ENOENT) }
      var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
      arguments.append(nil)
      defer { for argument in arguments { free(argument) } }
      var child: Int32 = 0
      var failure: Int32 = -1
      let traced = UInt32(wsp_option_trace_exit | wsp_option_trace_clone | wsp_option_trace_exec)
      guard wsp_start(arguments, traced, &child, &failure) == 0 else {
        throw .cannotStart(command: name, errno: errno)
      }
      pid = child
      self.failure = failure
    }

    /// Passes everything on until the process has ended.
    mutating func untilEnd() throws(ProcessError) -> LaunchedProcess {
      defer { close(failure) }
      while true {
        var event = wsp_wait_result()
        guard ending != nil || wsp_wait(-1, 0, &event) == 0 else { throw .exited(pid: pid) }
        if ending == nil { handle(event) }
        guard let ending else { continue }
        var reason: Int32 = 0
        if !hasExecuted, read(failure, &reason, MemoryLayout<Int32>.size) == MemoryLayout<Int32>.size {
          throw .cannotStart(command: name, errno: reason)
        }
        return LaunchedProcess(pid: pid, ending: ending, snapshot: snapshot ?? .failure(.exited(pid: pid)))
      }
    }

    private mutating func handle(_ event: wsp_wait_result) {
      let thread = event.id
      switch wsp_change(rawValue: UInt32(event.change)) {
      case wsp_change_exited:
        leaving.remove(thread)
        if thread == pid { ending = .exited(status: event.value) }
        return
      case wsp_change_signaled:
        leaving.remove(thread)
        if thread == pid { ending = .signaled(signal: event.value) }
        return
      case wsp_change_stopped: break
      default: return
      }
      switch event.event {
      case 0: _ = wsp_continue(thread, event.value)
      case Int32(wsp_event_stop): handleStop(thread, signal: event.value)
      case Int32(wsp_event_exec):
        // All other threads are gone, and the one that called has taken the process's number.
        leaving = []
        if !hasExecuted { started?(pid) }
        hasExecuted = true
        _ = wsp_continue(thread, 0)
      case Int32(wsp_event_exit):
        leaving.insert(thread)
        if !isGathering { consider(leavingThread: thread) }
      default: _ = wsp_continue(thread, 0)
      }
    }

    /// A thread's first stop, or a group-stop (SIGSTOP and its like), in which it stays until SIGCONT.
    private func handleStop(_ thread: Int32, signal: Int32) {
      if [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU].contains(signal) {
        _ = wsp_listen(thread)
      } else if ProcFile.status(of: String(thread))?.processID ?? pid != pid {
        // A process made by clone(2) that only looks like a thread.
        _ = wsp_detach(thread, 0)
      } else {
        _ = wsp_continue(thread, 0)
      }
    }

    /// A thread stands at its exit: is it the process's?
    private mutating func consider(leavingThread thread: Int32) {
      guard hasExecuted, snapshot == nil, let registers = StoppedThreads.registers(of: thread) else {
        letGo()
        return
      }
      let call = registers.values.orig_rax
      // A thread that ends on its own calls `exit`; the process ends with its last one. Whoever ends otherwise does so
      // with all others: `exit_group`, a fatal signal, or another thread that executes a program.
      if call == Call.exit, ProcFile.threadIDs(of: pid).contains(where: isMissing) {
        letGo()
        return
      }
      if gather(mayBeExecuting: call != Call.exitGroup && call != Call.exit) {
        StopSignals.blocked {
          snapshot = capture()
          held?(pid)
          letGo()
        }
      }
      letGo()
    }

    private mutating func letGo() {
      for thread in leaving { _ = wsp_continue(thread, 0) }
      leaving = []
    }

    /// Whether a thread is alive and does not stand at its exit yet.
    private func isMissing(_ thread: Int32) -> Bool {
      guard !leaving.contains(thread),
        let status = ProcFile.text("/proc/\(pid)/task/\(thread)/status").flatMap({ ProcessStatus.parse($0) })
      else { return false }
      return status.state != "Z" && status.state != "X"
    }

    /// Waits until all threads stand at their exits.
    /// - Returns: `false` if they do not come, since the process executes another program in its place.
    private mutating func gather(mayBeExecuting: Bool) -> Bool {
      isGathering = true
      defer { isGathering = false }
      let start = MonotonicClock.now()
      while ending == nil, MonotonicClock.now() - start < Self.leavingMilliseconds * 1_000_000 {
        var event = wsp_wait_result()
        guard wsp_wait(-1, Int32(wsp_wait_no_hang), &event) == 0 else { return false }
        // Whoever starts threads by the thousand has as many to say: nobody is looked for before all have been heard.
        if event.change != wsp_change_none.rawValue {
          handle(event)
          continue
        }
        let missing = ProcFile.threadIDs(of: pid).filter(isMissing)
        if missing.isEmpty { return true }
        if mayBeExecuting, missing.contains(where: isExecuting) { return false }
        usleep(50)
      }
      return false
    }

    /// Whether `thread` waits in `execve` for the others to be gone.
    private func isExecuting(_ thread: Int32) -> Bool {
      let call = ProcFile.text("/proc/\(pid)/task/\(thread)/syscall")?.split(separator: " ").first.flatMap {
        UInt64($0)
      }
      return call == Call.execve || call == Call.execveat
    }

    private func capture() -> Result<Snapshot, ProcessError> {
      do throws(ProcessError) {
        var capture = try Capture(try Target(pid: pid, tracedByUs: true), options)
        let start = MonotonicClock.now()
        capture.report(.stopped)
        capture.threads = leaving.sorted().compactMap(StoppedThreads.state)
        try capture.prepare()
        try capture.take(from: capture.target.folder)
        capture.pause = MonotonicClock.now() - start
        return .success(try capture.finish(isEnding: true))
      } catch {
        return .failure(error)
      }
    }
  }
#endif
