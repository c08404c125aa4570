import ArgumentParser
import BenchmarkReport
import BenchmarkRun
import CommandLineTool
import RegressionCompare
import Rendering

struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Measure this machine's noise floor, A against A, and write it as a policy.",
    discussion: """
      This executable is measured against itself as ab does. What the two sides differ by is noise: compare and ab take \
      it for their margin in this environment, if the policy is given to them with --policy. The two reports lie beside \
      the policy.
      """)

  @OptionGroup var measuring: MeasuringOptions

  @Option(help: .init("A policy whose rules and waivers the new one takes over.", valueName: "file"))
  var policy: String?

  @Option(help: .init("The policy to write. Default: reports/policy-<UTC time>.json.", valueName: "policy"))
  var output: String?

  func validate() throws {
    let runs = try measuring.plan().runs
    guard runs >= RunProjection.leastSamples else {
      throw ValidationError("--runs \(runs): noise shows from \(RunProjection.leastSamples) runs on")
    }
  }

  func run() async throws {
    let start = try PolicyFile(policy).policy
    let benchmark = try Benchmark(measuring)
    let path = output ?? "reports/policy-\(benchmark.start.compact).json"
    let output = try Output(path: path, keeping: [policy].compactMap(\.self))
    if !measuring.force { try output.refuseExisting() }
    let reports = PairedReports(name: path.hasSuffix(".json") ? String(path.dropLast(5)) : path)
    let ending = try await benchmark.measure(
      base: benchmark.thisExecutable(report: reports.base), head: benchmark.thisExecutable(report: reports.head))
    if ending.wasInterrupted {
      Console.out(reports.announcement)
      throw Interruption.status
    }
    if ending.failures > 0 { throw Failure(.failure, Benchmark.failureText(ending.failures)) }
    let today = UTCTime.now().day
    let pair = try await ReportPair(base: reports.base, new: reports.head)
    guard let environmentID = pair.environmentID else {
      throw Failure(.failure, "the environment changed while it was measured; calibrate again")
    }
    // The policy's classes say what has noise; its old floors would hide it.
    let outcome = try pair.outcome(policy: Policy(rules: start.rules), allowed: [], today: today)
    let floors = Policy.NoiseFloor.measured(by: outcome, environmentID: environmentID, on: today)
    var result = start
    result.noiseFloors = start.noiseFloors.filter { $0.environmentID != environmentID } + floors
    try output.write(result.json)
    Console.out(
      "Noise floors of \(environmentID), \(benchmark.runs) runs a side:\n\n" + Self.table(floors, outcome).text)
    Console.out("\nPolicy: \(path)\n" + reports.announcement)
    for excess in Policy.NoiseFloor.excesses(of: floors, in: outcome) { Console.warn(excess.description) }
    Console.out("Use it with weakspot-bench compare BASE.csv NEW.csv --policy \(path)\n")
  }

  /// A row for each metric: floors of resident memory hold for all cases, those of times for one each.
  private static func table(_ floors: [Policy.NoiseFloor], _ outcome: ComparisonOutcome) -> TextTable {
    var table = TextTable([.init("metric", .left), .init("floors"), .init("least"), .init("greatest")])
    for metric in Metric.compared where outcome.cells(of: metric).contains(where: { $0.metricClass != .exact }) {
      let values = floors.filter { $0.metric == metric.name }.map(\.floor)
      guard let least = values.min(), let greatest = values.max() else {
        table.append([metric.name, "none", "", ""])
        continue
      }
      let texts = [least, greatest].map {
        metric.unit == .bytes ? Quantity.bytes($0) : Quantity.fixed($0, digits: 2) + " ns"
      }
      table.append([metric.name, values.count == 1 ? "all cases" : "\(values.count) cases"] + texts)
    }
    return table
  }
}
