package import ArgumentParser

/// A root command, and the one place that turns what went wrong into an exit status.
package protocol Tool: AsyncParsableCommand {}

/// What the arguments ask for.
package enum Invocation {
  /// Runs on the calling thread.
  case immediate(any ParsableCommand)
  case asynchronous
  /// Already done: help or version is printed, or what is wrong with the arguments.
  case ended(ExitStatus)
}

extension Tool {
  package static func invocation(of arguments: [String]) -> Invocation {
    do {
      let command = try parseAsRoot(arguments)
      if command is Self { throw CleanExit.helpRequest() }
      return command is any AsyncParsableCommand ? .asynchronous : .immediate(command)
    } catch {
      return .ended(report(parsing: error))
    }
  }

  package static func status(of command: any ParsableCommand) -> ExitStatus {
    var command = command
    do {
      try command.run()
      return .success
    } catch {
      return report(error)
    }
  }

  /// Parses once more, in the task that runs the command: a parsed command cannot be handed to one.
  package static func asynchronousStatus(of arguments: [String]) async -> ExitStatus {
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
