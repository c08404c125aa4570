import ArgumentParser
import CommandLineTool

/// PID | -- COMMAND ARG..., and how it is looked at: the same for every command.
struct TargetOptions: ParsableArguments {
  @Argument(help: .init("A running process.", valueName: "pid"))
  var pid: String?

  @Argument(
    parsing: .postTerminator,
    help: .init("Run this, and inspect it when it exits; the report goes to stderr.", valueName: "command"))
  var command: [String] = []

  @Flag(
    help: """
      Stop the process for a copy-on-write clone of itself only, and read that. If weakspot dies in the milliseconds \
      between injecting and restoring, the target is harmed.
      """)
  var fork = false

  @Option(help: .init("The report. Default: stdout for a PID, stderr for a command.", valueName: "file"))
  var output: String?

  enum Target {
    case process(Int32)
    case command([String])
  }

  /// A command keeps stdout to itself.
  func openOutput() throws(Failure) -> Output {
    try Output(path: output, stream: command.isEmpty ? .out : .error)
  }

  func target() throws -> Target {
    switch (pid, command.isEmpty) {
    case (let pid?, true):
      guard let number = Int32(pid), number > 0 else {
        throw ValidationError("'\(pid)' is no process id. To run a command, write -- before it.")
      }
      return .process(number)
    case (nil, false):
      if fork { throw ValidationError("--fork is for a running process: a command is held at its exit anyway.") }
      return .command(command)
    case (nil, true): throw ValidationError("Missing target: a process id, or -- and a command.")
    case (_?, false): throw ValidationError("Give a process id or a command, not both.")
    }
  }
}
