import ArgumentParser
import BenchmarkReport
import GraphWorkloads
import Rendering

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a report: what each back link cost, and what was left after the root's release.")

  @Argument(help: "A report that run wrote; also NAME.csv.partial of a run that was killed.")
  var report: String

  func run() throws {
    Console.out(try VerdictTable.ofReport(report).text(width: Console.outWidth))
  }
}

extension VerdictTable {
  /// Reads a report, tells its warnings on stderr, and makes the table.
  static func ofReport(_ path: String) throws(ReportError) -> VerdictTable {
    let report = try Report.read(path: path, columns: SampleTable.columns)
    let samples = try SampleTable(report)
    for warning in report.warnings + samples.warnings { Console.warn(warning) }
    return VerdictTable(
      samples.summaries(
        topologies: Topology.allCases.map(\.name), backLinks: BackLink.allCases.map(\.name)),
      caveats: report.meta?.runtimes?.mapValues(\.notLikeForLike) ?? [:])
  }
}
