import ArgumentParser
import CommandLineTool

/// What is inspected.
enum Target {
  case process(Int32)
  case command([String])

  /// - Parameters:
  ///   - pid: As it was written; `nil` if none was.
  ///   - command: What stands behind `--`.
  init(pid: String?, command: [String], fork: Bool) throws {
    switch (pid, command.isEmpty) {
    case (let pid?, true):
      guard let number = Int32(pid), number > 0 else {
        throw ValidationError("'\(pid)' is no process id. To run a command, write -- before it.")
      }
      self = .process(number)
    case (nil, false):
      if fork { throw ValidationError("--fork is for a running process: a command is held at its exit anyway.") }
      self = .command(command)
    case (nil, true): throw ValidationError("Missing target: a process id, or -- and a command.")
    case (_?, false): throw ValidationError("Give a process id or a command, not both.")
    }
  }
}

/// PID | -- COMMAND ARG...
struct TargetOptions: ParsableArguments {
  @Argument(help: .init("A running process.", valueName: "pid"))
  var pid: String?

  @Argument(parsing: .postTerminator, help: CopyOptions.commandHelp)
  var command: [String] = []

  @OptionGroup var copying: CopyOptions

  /// Nothing to inspect was named.
  var isEmpty: Bool { pid == nil && command.isEmpty }

  func target() throws -> Target { try Target(pid: pid, command: command, fork: copying.fork) }
}

/// How the target is copied, and where the report goes: the same for every command.
struct CopyOptions: ParsableArguments {
  static let commandHelp = ArgumentHelp(
    "Run this, and inspect it when it exits; the report goes to stderr.", valueName: "command")

  @Flag(
    help: """
      Stop the process for a copy-on-write clone of itself only, and read that. If weakspot dies in the milliseconds \
      between injecting and restoring, the target is harmed.
      """)
  var fork = false

  @Option(help: .init("The report. Default: stdout for a PID, stderr for a command.", valueName: "file"))
  var output: String?

  /// A command keeps stdout to itself.
  func openOutput(for target: Target?, keeping files: [String] = []) throws(Failure) -> Output {
    let stream: Output.Stream = if case .command = target { .error } else { .out }
    return try Output(path: output, stream: stream, keeping: files)
  }
}
