import CommandLineTool
import Glibc
import LeakAnalysis
import ProcessImage
import RecorderLaunch
import Rendering
import Synchronization

/// Looks at what the arguments name: a running process, or a command at its exit.
struct TargetInspector {
  let target: Target
  let fork: Bool
  /// Gets a command's recording when it exits.
  var recording: HeldRecording?

  func inspect() throws(Failure) -> (Inspection, TargetFacts.Ending?) {
    let progress = CaptureProgress()
    defer { progress.clear() }
    let capture = Snapshot.Options(forks: fork, progress: progress.show)
    switch target {
    case .process(let pid):
      return (try failing { () throws(InspectionError) in try Inspection.look(at: pid, options: capture) }, nil)
    case .command(let command):
      let launched = try launch(command, capture)
      let ending = TargetFacts.Ending(launched.ending)
      do throws(Failure) {
        let snapshot = try failing { () throws(ProcessError) in try launched.snapshot.get() }
        return (try failing { () throws(InspectionError) in try Inspection(snapshot) }, ending)
      } catch {
        throw error.adding(ending)
      }
    }
  }

  /// Runs a command to its end.
  func launch(_ command: [String], _ options: Snapshot.Options = .init()) throws(Failure) -> LaunchedProcess {
    let held = recording.map { recording in { @Sendable (pid: Int32) in recording.hold(pid: pid) } }
    return try failing { () throws(ProcessError) in
      try CommandSignals.forwarded { started throws(ProcessError) in
        try LaunchedProcess.run(command, options: options, started: started, held: held)
      }
    }
  }

  private func failing<Value, Problem: Error & CustomStringConvertible>(
    _ body: () throws(Problem) -> Value
  ) throws(Failure) -> Value {
    do throws(Problem) {
      return try body()
    } catch {
      throw Failure(.failure, error.description)
    }
  }
}

extension Failure {
  /// How the command ended is told also where nothing can be told of its memory.
  func adding(_ ending: TargetFacts.Ending?) -> Failure {
    guard let ending else { return self }
    return Failure(status, text + ". " + ending.sentence)
  }
}

extension Output {
  /// The same for a report that cannot be written.
  func write(_ report: String, ending: TargetFacts.Ending?) throws(Failure) {
    do throws(Failure) {
      try write(report)
    } catch {
      throw error.adding(ending)
    }
  }
}

extension TargetFacts.Ending {
  init(_ ending: LaunchedProcess.Ending) {
    switch ending {
    case .exited(let status): self = .exited(status: status)
    case .signaled(let signal): self = .killed(signal: signal)
    }
  }
}

/// Signals while a command runs: Ctrl-C and Ctrl-\ reach the command from the terminal and end it, not us; a SIGTERM that
/// is sent to us is the command's.
private enum CommandSignals {
  private static let command = Atomic<Int32>(0)

  static func forwarded<Value>(
    _ body: (@escaping @Sendable (Int32) -> Void) throws(ProcessError) -> Value
  ) throws(ProcessError) -> Value {
    let numbers = [SIGINT, SIGQUIT, SIGTERM]
    var before = numbers.map { number in
      var action = sigaction()
      sigaction(number, nil, &action)
      return action
    }
    Signals.handle(SIGINT) { _ in }
    Signals.handle(SIGQUIT) { _ in }
    Signals.handle(SIGTERM) { number in
      let pid = CommandSignals.command.load(ordering: .relaxed)
      if pid > 0 { kill(pid, number) } else { _exit(ExitStatus.terminated.rawValue) }
    }
    defer {
      command.store(0, ordering: .relaxed)
      for index in numbers.indices { sigaction(numbers[index], &before[index], nil) }
    }
    return try body { pid in command.store(pid, ordering: .relaxed) }
  }
}
