import ArgumentParser
import BenchmarkRun

/// The root command, and the one place that turns what went wrong into an exit status.
struct WeakspotBench: AsyncParsableCommand {
  static let version = "0.1.0-dev"

  static let configuration = CommandConfiguration(
    commandName: "weakspot-bench",
    abstract: "Measure what back links cost: build cyclic object graphs, drop the root, see what memory does.",
    discussion: """
      Exit status: 0 fine; 1 a regression, or the self-test failed; 2 the work failed (a sample failed, a report or \
      policy is missing or damaged, the disk is full); 3 not comparable; 64 wrong arguments; 130 interrupted, and what \
      was measured is kept.
      """,
    version: version,
    subcommands: [
      RunCommand.self, ListCommand.self, ShowCommand.self, CompareCommand.self, ABCommand.self, CalibrateCommand.self,
      PatternsCommand.self, SelfTestCommand.self,
    ])

  /// What the arguments ask for.
  enum Invocation {
    /// Runs on the calling thread.
    case immediate(any ParsableCommand)
    case asynchronous
    /// Already done: help or version is printed, or what is wrong with the arguments.
    case ended(ExitStatus)
  }

  static func invocation(of arguments: [String]) -> Invocation {
    do {
      let command = try parseAsRoot(arguments)
      return command is any AsyncParsableCommand ? .asynchronous : .immediate(command)
    } catch {
      return .ended(report(parsing: error))
    }
  }

  static func status(of command: any ParsableCommand) -> ExitStatus {
    var command = command
    do {
      try command.run()
      return .success
    } catch {
      return report(error)
    }
  }

  /// Parses once more, in the task that runs the command: a parsed command cannot be handed to one.
  static func asynchronousStatus(of arguments: [String]) async -> ExitStatus {
    do {
      var command = try parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return .success
    } catch {
      return report(error)
    }
  }

  /// Tells another weakspot-bench, which is to measure this one, what this one is.
  static func describe() -> ExitStatus {
    do {
      Console.out(try BenchmarkDescription(toolVersion: version).json + "\n")
      return .success
    } catch {
      Console.complain("\(error)")
      return .failure
    }
  }

  /// Prints what ended a command, unless it has said so itself.
  private static func report(_ error: any Error) -> ExitStatus {
    switch error {
    case let status as ExitStatus: return status
    case let failure as Failure:
      Console.complain(failure.text)
      return failure.status
    // Help that was asked for, and arguments that a command itself refuses.
    case _ where [.success, .validationFailure].contains(exitCode(for: error)): return report(parsing: error)
    default:
      Console.complain("\(error)")
      return .failure
    }
  }

  private static func report(parsing error: any Error) -> ExitStatus {
    let text = fullMessage(for: error)
    if exitCode(for: error) == .success {
      Console.out(text + "\n")
      return .success
    }
    Console.error(text + "\n")
    return .usage
  }
}

/// A failure with its text and exit status.
struct Failure: Error {
  let status: ExitStatus
  let text: String

  init(_ status: ExitStatus, _ text: String) {
    self.status = status
    self.text = text
  }
}
