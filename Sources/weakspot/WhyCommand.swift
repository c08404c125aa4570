import ArgumentParser
import CommandLineTool
import LeakAnalysis
import ProcessImage
import Rendering

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Show what keeps an object alive: the shortest chain from a root to it, and its owners by count.",
    usage: """
      weakspot why <pid> <type|address> [<options>]
      weakspot why <type|address> [<options>] -- <command> ...
      """,
    discussion: """
      A TYPE is a name with or without its module; * stands for any characters, ? for one. An ADDRESS is hexadecimal and \
      begins with 0x.
      """)

  @Argument(help: .init("A running process; left out where a command is given.", valueName: "pid"))
  var first: String

  @Argument(help: .init("What to look for.", valueName: "type|address"))
  var second: String?

  @Argument(parsing: .postTerminator, help: CopyOptions.commandHelp)
  var command: [String] = []

  @OptionGroup var copying: CopyOptions

  private var subject: String { second ?? first }

  private func target() throws -> Target {
    guard (second != nil) == command.isEmpty else {
      throw ValidationError("Give a process id and a type or an address; or a type, and -- with a command.")
    }
    return try Target(pid: second == nil ? nil : first, command: command, fork: copying.fork)
  }

  func validate() throws { _ = try target() }

  func run() throws {
    let target = try target()
    let output = try copying.openOutput(for: target)
    let watch = Stopwatch()
    let (inspection, ending) = try TargetInspector(target: target, fork: copying.fork).inspect()
    let finder = LeakFinder(inspection)
    guard var report = finder.why(Self.subject(subject)) else {
      throw Failure(.failure, "\(subject): no such object on the heap; weakspot heap lists the types").adding(ending)
    }
    report.target.ending = ending
    report.target.analysisNanoseconds = watch.nanoseconds
    for warning in report.warnings { Console.warn(warning) }
    try output.write(report.text(width: output.width), ending: ending)
    guard inspection.isTrusted else {
      throw Failure(.failure, "the heap does not add up, so that the chain above may be wrong; look again")
    }
  }

  private static func subject(_ text: String) -> LeakFinder.Subject {
    if text.hasPrefix("0x"), let bits = UInt64(text.dropFirst(2), radix: 16) { return .address(Address(bits)) }
    return .type(Glob(text))
  }
}
