import ArgumentParser
import CommandLineTool
import Glibc
import LeakAnalysis
import Rendering

struct LeaksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaks",
    abstract: "Find what a Swift process leaks, prove it by reference counts, and name the reference to weaken.",
    usage: """
      weakspot leaks <pid> [<options>]
      weakspot leaks [<options>] -- <command> ...
      """,
    discussion: """
      weakspot leaks PID           stop it for milliseconds, copy it, let it run on
      weakspot leaks -- COMMAND    run it, and look when it exits

      Exit status: 0 no leak; 1 leaks that are proven or unreachable, and not ignored; 2 the inspection failed, or the \
      heap could not be trusted.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup var targetOptions: TargetOptions

  @Option(help: .init("Look again after so long, and keep what is leaked both times.", valueName: "seconds"))
  var confirm: Double?

  @Option(
    help: .init("Only leaks that a type of this name takes part in; * stands for any characters.", valueName: "type"))
  var type: String?

  @Option(help: .init("Known leaks, which do not count: lines of SIGNATURE = REASON.", valueName: "file"))
  var ignore: String?

  @Flag(
    help: "Show whole stacks of allocation. A command is recorded for it; a process must have been started by record.")
  var stacks = false

  @Option(help: "Form of the report.")
  var format: Format = .text

  func validate() throws {
    let target = try targetOptions.target()
    guard let confirm else { return }
    guard confirm >= 0, confirm <= 86_400 else { throw ValidationError("--confirm takes 0 to 86400 seconds.") }
    if case .command = target {
      throw ValidationError(
        "--confirm looks twice at a running process; a command is inspected when nothing moves any more.")
    }
  }

  func run() throws {
    let target = try targetOptions.target()
    let output = try targetOptions.copying.openOutput(for: target, keeping: [ignore].compactMap { $0 })
    let list = try ignore.map(IgnoreFile.read) ?? IgnoreList()
    let watch = Stopwatch()
    var source = RecordingSource(target: target)
    if stacks, case .command(let command) = target { source.record(command) }
    let inspector = TargetInspector(target: target, fork: targetOptions.copying.fork, recording: source.held)
    var earlier: LeakedCounts?
    if let confirm {
      earlier = try Self.finder(inspector.inspect()).leakedCounts
      Self.wait(seconds: confirm)
    }
    let (inspection, ending) = try inspector.inspect()
    let finder = try Self.finder((inspection, ending))
    let sites = source.sites(isDemanded: stacks)
    var report = finder.report(
      ending: ending, confirming: earlier, ignore: list, type: type.map(Glob.init), sites: sites)
    report.target.analysisNanoseconds = watch.nanoseconds
    for warning in report.warnings { Console.warn(warning) }
    switch format {
    case .text: try output.write(report.text(width: output.width, stacks: stacks), ending: ending)
    case .json: try output.write(report.json, ending: ending)
    }
    if !report.counted.isEmpty { throw ExitStatus.found }
  }

  /// Nothing is called a leak in a heap that does not add up.
  private static func finder(_ looked: (Inspection, TargetFacts.Ending?)) throws(Failure) -> LeakFinder {
    let (inspection, ending) = looked
    guard inspection.isTrusted else {
      for warning in inspection.warnings { Console.warn(warning) }
      throw Failure(.failure, "the heap does not add up, so that nothing can be called a leak; look again")
        .adding(ending)
    }
    return LeakFinder(inspection)
  }

  private static func wait(seconds: Double) {
    let nanoseconds = Int(seconds * 1e9)
    var left = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    var asked = left
    while nanosleep(&asked, &left) == -1 && errno == EINTR { asked = left }
  }
}
