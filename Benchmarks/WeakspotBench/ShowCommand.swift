import ArgumentParser
import BenchmarkReport
import CommandLineTool
import GraphWorkloads
import RegressionCompare
import Rendering

struct ShowCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case table, markdown, html }

  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a report: what each back link cost, and what was left after the root's release.")

  @Argument(help: "A report that run wrote; also NAME.csv.partial of a run that was killed.")
  var report: String

  @Option(help: "table, markdown, or html: one page with charts that needs no network.")
  var format: Format = .table

  @Option(help: .init("Where to write it; an existing file is overwritten. Default: stdout.", valueName: "file"))
  var output: String?

  func run() throws {
    let output = try Output(path: output, keeping: ReportFiles(path: report).all)
    switch format {
    case .table: try output.write(VerdictTable.ofReport(report).text(width: output.width))
    case .markdown: try output.write(VerdictTable.ofReport(report).markdown)
    case .html: try output.write(ReportPage.ofReport(report).html)
    }
  }
}

extension VerdictTable {
  /// Reads a report, tells its warnings on stderr, and makes the table.
  static func ofReport(_ path: String) throws(ReportError) -> VerdictTable {
    let (report, samples, warnings) = try samplesOfReport(path)
    for warning in warnings { Console.warn(warning) }
    return VerdictTable(
      samples.summaries(topologies: Topology.allCases.map(\.name), backLinks: BackLink.allCases.map(\.name)),
      caveats: report.caveats)
  }
}

extension ReportPage {
  /// Reads a report, tells its warnings on stderr and on the page, and makes the page.
  static func ofReport(_ path: String) throws(ReportError) -> ReportPage {
    let (report, samples, warnings) = try samplesOfReport(path)
    for warning in warnings { Console.warn(warning) }
    var series = ReportSeries(
      samples, topologies: Topology.allCases.map(\.name), backLinks: BackLink.allCases.map(\.name))
    series.fitGrowth { points in
      TheilSenLine(points: points).map {
        ReportSeries.Fit(bytesPerNode: $0.slope, lower: $0.lowerSlope, upper: $0.upperSlope)
      }
    }
    let name = report.path.split(separator: "/").last.map(String.init) ?? report.path
    return ReportPage(
      series,
      source: Source(
        name: name, suites: report.suite, runIDs: report.runIDs, envIDs: report.envIDs, meta: report.meta,
        warnings: warnings),
      notes: Notes(
        topologies: Topology.allCases.map { ($0.name, $0.summary) },
        backLinks: BackLink.allCases.map { ($0.name, $0.summary) }, caveats: report.caveats))
  }
}

extension Report {
  /// What is not like for like, by runtime; from the meta file.
  fileprivate var caveats: [String: String] { meta?.runtimes?.mapValues(\.notLikeForLike) ?? [:] }
}

private func samplesOfReport(
  _ path: String
) throws(ReportError) -> (report: Report, samples: SampleTable, warnings: [String]) {
  let report = try Report.read(path: path, columns: SampleTable.columns)
  let samples = try SampleTable(report)
  return (report, samples, report.warnings + samples.warnings)
}
