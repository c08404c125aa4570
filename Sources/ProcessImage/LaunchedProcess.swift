/// A command that was run, and captured at its end while all of its threads were still there.
package struct LaunchedProcess: Sendable {
  /// How a command has ended.
  package enum Ending: Sendable, Equatable {
    case exited(status: Int32)
    case signaled(signal: Int32)
  }

  package let pid: Int32
  package let ending: Ending
  /// The process as it was when it exited, or why it could not be captured.
  package let snapshot: Result<Snapshot, ProcessError>

  /// Runs `command` to its end, at its own speed, with the caller's standard streams. Blocks until then.
  ///
  /// The command is stopped when it exits, in whatever way: return from main, `exit`, `_exit`, a fatal signal
  /// (PTRACE_EVENT_EXIT of ptrace(2)). Signals reach it as usual. Its children are not followed; what it executes in its
  /// place is. If the inspector dies, the command runs on.
  /// - Parameters:
  ///   - command: The program, looked for in PATH if it has no slash, and its arguments.
  ///   - started: Called with the command's process number once the program runs.
  ///   - held: Called with it while the process is held at its exit, with all that it has opened.
  /// - Throws: `cannotStart` if there is no such program or it cannot be executed.
  package static func run(
    _ command: [String], options: Snapshot.Options = .init(), started: (@Sendable (Int32) -> Void)? = nil,
    held: (@Sendable (Int32) -> Void)? = nil
  ) throws(ProcessError) -> LaunchedProcess {
    #if arch(x86_64)
      // A wait for any thread must see no other children of ours.
      return try SystemThread.run(pid: 0) { () throws(ProcessError) -> LaunchedProcess in
        // Ctrl-Z stops the inspector with its command.
        StopSignals.unblock()
        var run = try CommandRun(command, options, started, held)
        return try run.untilEnd()
      }
    #else
      throw .unsupportedMachine("aarch64")
    #endif
  }
}
