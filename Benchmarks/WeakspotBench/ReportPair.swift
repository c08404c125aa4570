import BenchmarkReport
import BenchmarkRun
import CommandLineTool
import GraphWorkloads
import RegressionCompare
import Rendering

/// Two reports made ready for a comparison.
struct ReportPair {
  private let base: ComparisonSide
  private let new: ComparisonSide
  private let environmentDifferences: [EnvironmentDifference]

  /// Reads both at once, a thread each, and says of each what is wrong with it.
  init(base: String, new: String) async throws {
    async let baseResult = Self.read(base)
    async let newResult = Self.read(new)
    let results = await [baseResult, newResult]
    var status: ExitStatus?
    for case .failure(let error) in results {
      Console.complain(error.description)
      if case .newerSchema = error { status = status ?? .notComparable } else { status = .failure }
    }
    if let status { throw status }
    let (first, second) = (try results[0].get(), try results[1].get())
    self.base = first.side
    self.new = second.side
    if let old = first.meta, let meta = second.meta {
      environmentDifferences = meta.differences(from: old)
    } else {
      environmentDifferences = []
    }
  }

  func outcome(
    policy: Policy, allowed: Set<ComparabilityProblem.Kind>, today: CalendarDay
  ) throws(ComparisonError) -> ComparisonOutcome {
    try Comparison(policy: policy, allowed: allowed, today: today)
      .outcome(base: base, new: new, environmentDifferences: environmentDifferences)
  }

  /// The `env_id` that both reports have; `nil` if there is no such one.
  var environmentID: String? {
    let ids = Set(base.environmentIDs + new.environmentIDs)
    return ids.count == 1 ? ids.first : nil
  }

  private struct Reading: Sendable {
    let side: ComparisonSide
    let meta: ReportMeta?
  }

  private static func read(_ path: String) async -> Result<Reading, ReportError> {
    do throws(ReportError) {
      let report = try Report.read(path: path, columns: ComparisonSide.columns)
      let samples = try SampleTable(report)
      let order = CaseOrder(topologies: Topology.allCases.map(\.name), backLinks: BackLink.allCases.map(\.name))
      return .success(
        Reading(side: ComparisonSide(report, samples, order: order), meta: report.meta))
    } catch {
      return .failure(error)
    }
  }
}

extension ReportMeta {
  /// The facts that differ, those that change memory first: another compiler or interpreter of a runtime that both
  /// reports have is one of these.
  fileprivate func differences(from base: ReportMeta) -> [EnvironmentDifference] {
    let facts = environment.differences(from: base.environment)
    let runtimes = (runtimes ?? [:]).sorted { $0.key < $1.key }.flatMap { name, new -> [EnvironmentDifference] in
      guard let old = base.runtimes?[name] else { return [] }
      return [("version", old.version, new.version), ("build", old.build, new.build)].filter { $0.1 != $0.2 }.map {
        EnvironmentDifference(fact: "\(name) \($0.0)", base: $0.1, new: $0.2, changesMemory: true)
      }
    }
    return facts.filter(\.changesMemory) + runtimes + facts.filter { !$0.changesMemory }
  }
}

extension ReportPair {
  /// Compares as the options say, writes the result, and ends with the comparison's exit status.
  func compare(_ options: ComparingOptions, policy: PolicyFile, to output: Output) throws {
    let outcome = try outcome(policy: policy.policy, allowed: options.allow, today: UTCTime.now().day)
    let view = ComparisonView(outcome, policyName: policy.name, failOn: options.failOn)
    switch options.format {
    case .table: try output.write(view.table(width: output.width, showsAll: options.all))
    case .markdown: try output.write(view.markdown)
    case .html: try output.write(ComparePage(view).html)
    case .csv: try output.write(view.csv)
    case .json: try output.write(view.json)
    case .junit: try output.write(view.junit)
    }
    // What is read at once needs to be said once; beside a file, or a format for programs, it is said here.
    if output.isFile || ![.table, .markdown].contains(options.format) {
      for warning in outcome.warnings { Console.warn(warning.description) }
      Console.complain(view.conclusion.reason)
    }
    switch view.conclusion.exit {
    case .ok: break
    case .regressed: throw ExitStatus.found
    case .notComparable: throw ExitStatus.notComparable
    }
  }
}
