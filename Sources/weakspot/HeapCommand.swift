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
      """,
    discussion: """
      weakspot heap PID           stop it for milliseconds, copy it, let it run on
      weakspot heap -- COMMAND    run it, and look when it exits

      A TYPE is a name with or without its module; * stands for any characters, ? for one.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, csv
  }

  @OptionGroup var targetOptions: TargetOptions

  @Option(help: "Order of the types.")
  var sort: TypeRow.Order = .bytes

  @Option(help: "Types at most. Default: 30 in text, all in JSON and CSV.")
  var limit: Int?

  @Option(help: .init("Only types of this name.", valueName: "type"))
  var filter: String?

  @Flag(help: "Tell which types keep otherwise empty pages resident.")
  var pages = false

  @Flag(help: "List tasks, with the functions that they come back to.")
  var tasks = false

  @Option(help: "Form of the report.")
  var format: Format = .text

  func validate() throws {
    _ = try targetOptions.target()
    if let limit, limit < 1 { throw ValidationError("--limit is 1 at least.") }
  }

  func run() throws {
    let target = try targetOptions.target()
    let output = try targetOptions.copying.openOutput(for: target)
    let watch = Stopwatch()
    let (inspection, ending) = try TargetInspector(target: target, fork: targetOptions.copying.fork).inspect()
    let census = Census(inspection)
    var rows = TypeRow.sorted(census.rows, by: sort)
    if let filter {
      let glob = Glob(filter)
      rows = rows.filter { glob.matches($0.name) }
    }
    var report = HeapReport(
      target: inspection.facts(ending: ending), types: rows, total: census.total, resident: ResidentMemory(inspection),
      pages: pages ? PageHolder.all(in: inspection) : nil, tasks: tasks ? TaskRow.all(in: inspection) : nil,
      warnings: inspection.warnings)
    report.target.analysisNanoseconds = watch.nanoseconds
    for warning in report.warnings { Console.warn(warning) }
    switch format {
    case .text: try output.write(report.text(limit: limit ?? 30, width: output.width))
    case .json: try output.write(report.json(limit: limit))
    case .csv: try output.write(report.csv(limit: limit))
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

extension TypeRow.Order: ExpressibleByArgument {}
