import ArgumentParser
import CommandLineTool
import LeakAnalysis
import Rendering

struct HeapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heap",
    abstract: "Count what is on a Swift process's heap by type, and say where its resident memory goes.",
    usage: """
      weakspot heap <pid> [<options>]
      weakspot heap [<options>] -- <command> ...
      weakspot heap --recording <file> [<options>]
      """,
    discussion: """
      weakspot heap PID           stop it for milliseconds, copy it, let it run on
      weakspot heap -- COMMAND    run it, and look when it exits

      A TYPE is a name with or without its module; * stands for any characters, ? for one.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, csv, folded
  }

  enum Grouping: String, CaseIterable, ExpressibleByArgument {
    case type, stack
  }

  @OptionGroup var targetOptions: TargetOptions

  @Option(help: "By type, or by the stack that allocated, of what weakspot record runs or has run.")
  var by: Grouping = .type

  @Option(help: .init("By stack: what record --output has left.", valueName: "file"))
  var recording: String?

  @Option(help: "Order of the types or stacks.")
  var sort: TypeRow.Order = .bytes

  @Option(help: "Types or stacks at most. Default: 30 types or 10 stacks in text, all in other forms.")
  var limit: Int?

  @Option(help: .init("Only types, or stacks through a function, of this name.", valueName: "type"))
  var filter: String?

  @Flag(help: "Tell which types keep otherwise empty pages resident.")
  var pages = false

  @Flag(help: "List tasks, with the functions that they come back to.")
  var tasks = false

  @Option(help: "Form of the report.")
  var format: Format = .text

  func validate() throws {
    if recording != nil {
      guard targetOptions.isEmpty else { throw ValidationError("Give --recording or a target, not both.") }
    } else {
      _ = try targetOptions.target()
    }
    if isByStack {
      guard !pages, !tasks, !targetOptions.copying.fork else {
        throw ValidationError("--pages, --tasks and --fork say nothing of stacks.")
      }
      if format == .csv { throw ValidationError("Stacks are told as text, JSON or folded, not as CSV.") }
    } else if format == .folded {
      throw ValidationError("--format folded is for --by stack.")
    }
    if let limit, limit < 1 { throw ValidationError("--limit is 1 at least.") }
  }

  /// A recording knows of nothing else.
  private var isByStack: Bool { by == .stack || recording != nil }

  func run() throws {
    guard !isByStack else { return try runByStack() }
    let target = try targetOptions.target()
    let output = try targetOptions.copying.openOutput(for: target)
    let watch = Stopwatch()
    let (inspection, ending) = try TargetInspector(target: target, fork: targetOptions.copying.fork).inspect()
    let census = Census(inspection)
    var rows = TypeRow.sorted(census.rows, by: sort)
    if let filter {
      let glob = Glob(filter)
      rows = rows.filter { glob.matches($0.name) }
    } else if format == .text {
      rows = TypeRow.withoutSizes(rows, by: sort)
    }
    var report = HeapReport(
      target: inspection.facts(ending: ending), types: rows, total: census.total, attributed: census.attributed,
      resident: ResidentMemory(inspection),
      pages: pages ? PageHolder.all(in: inspection) : nil, tasks: tasks ? TaskRow.all(in: inspection) : nil,
      warnings: inspection.warnings)
    report.target.analysisNanoseconds = watch.nanoseconds
    for warning in report.warnings { Console.warn(warning) }
    switch format {
    case .text: try output.write(report.text(limit: limit ?? 30, width: output.width), ending: ending)
    case .json: try output.write(report.json(limit: limit), ending: ending)
    case .csv, .folded: try output.write(report.csv(limit: limit), ending: ending)
    }
    guard inspection.isTrusted else {
      throw Failure(
        .failure,
        """
        the heap does not add up, so that the counts above may be wrong: it was stopped in the middle of an allocation, or \
        something has written over it; look again
        """)
    }
  }
}

extension HeapCommand {
  /// Reads the recording alone: the process is not stopped for it.
  private func runByStack() throws {
    let target = recording == nil ? try targetOptions.target() : nil
    let output = try targetOptions.copying.openOutput(for: target, keeping: [recording].compactMap { $0 })
    let sites = try RecordingSource.sites(file: recording, target: target)
    let report = StackReport(
      sites, order: sort, limit: limit ?? (format == .text ? 10 : nil), filter: filter.map(Glob.init))
    for warning in report.warnings { Console.warn(warning) }
    switch format {
    case .text, .csv: try output.write(report.text(width: output.width))
    case .json: try output.write(report.json)
    case .folded: try output.write(report.folded(by: sort))
    }
  }
}

extension TypeRow.Order: ExpressibleByArgument {}
