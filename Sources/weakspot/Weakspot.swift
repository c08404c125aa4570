import ArgumentParser
import CommandLineTool

/// The root command.
struct Weakspot: Tool {
  static let configuration = CommandConfiguration(
    commandName: "weakspot",
    abstract: "See into any Swift process on Linux: what is on its heap, what leaks, and which reference to weaken.",
    discussion: """
      The process is stopped for milliseconds, copied, and runs on. A TARGET is the PID of a running process, or \
      -- COMMAND ARG..., which is run and inspected when it exits.

      Exit status: 0 shown, or no leak; 1 leaks; 2 the inspection failed, or the heap could not be trusted; 64 wrong \
      arguments; 130 interrupted, and the target runs on.
      """,
    version: "0.1.0-dev",
    subcommands: [LeaksCommand.self, HeapCommand.self, WhyCommand.self, RecordCommand.self])
}
