import BenchmarkReport
import RegressionCompare

extension ComparisonView {
  /// The version of the JSON form; keys may be added without a new one.
  package static let jsonVersion = 1

  /// Everything that was found, with sorted keys and an entry of a list on a line; a key without a value is left out.
  /// Written by hand: FoundationEssentials' encoder takes 741 MB for the 112,500 cells of a comparison at scale.
  package var json: String {
    var json = JSONMembers()
    json.document { json in
      json.member("adjustedCells", integer: outcome.adjustedCells)
      json.member("cells", list: outcome.cells, Self.write)
      json.member("counts") { counts in
        counts.member("gated") { Self.write(outcome.counts(gated: true), to: &$0) }
        counts.member("offGate") { Self.write(outcome.counts(gated: false), to: &$0) }
      }
      json.member("environmentDifferences", list: outcome.environmentDifferences) { difference, json in
        json.member("base", text: difference.base)
        json.member("changesMemory", flag: difference.changesMemory)
        json.member("fact", text: difference.fact)
        json.member("new", text: difference.new)
      }
      json.member("exit") { exit in
        exit.member("reason", text: conclusion.reason)
        exit.member("status", integer: Int(conclusion.exit.rawValue))
      }
      json.member("failures", list: outcome.failures) { failure, json in
        json.member("baseFailed", integer: failure.baseFailed)
        json.member("caseID", text: failure.caseName)
        json.member("kind", text: failure.kind.rawValue)
        json.member("newFailed", integer: failure.newFailed)
      }
      json.member("policy") { policy in
        policy.member("hash", text: outcome.policyHash)
        policy.member("name", text: policyName)
      }
      json.member("problems", list: outcome.problems) { problem, json in
        json.member("allowed", flag: problem.allowed)
        json.member("kind", text: problem.kind.rawValue)
        json.member("text", text: problem.text)
      }
      json.member("reports") { reports in
        reports.member("base", text: outcome.baseLabel)
        reports.member("new", text: outcome.newLabel)
      }
      json.member("schemaVersion", integer: Self.jsonVersion)
      // As text: what reads JSON into doubles would round 64 bits.
      json.member("seed", text: String(outcome.seed))
      json.member("summaries", list: outcome.summaries) { summary, json in
        json.member("baseSum", number: summary.baseSum)
        json.member("geometricMeanRatio", number: summary.geometricMeanRatio)
        json.member("metric", text: summary.metric.name)
        json.member("newSum", number: summary.newSum)
        if !summary.metric.isSummed { json.member("ratioCells", integer: summary.ratioCells) }
      }
      json.member("warnings", texts: outcome.warnings.map(\.description))
    }
    return json.text
  }

  private static func write(_ counts: ComparisonOutcome.Counts, to json: inout JSONMembers) {
    json.member("improved", integer: counts.improved)
    json.member("inconclusive", integer: counts.inconclusive)
    json.member("notComparable", integer: counts.notComparable)
    json.member("regressed", integer: counts.regressed)
    json.member("same", integer: counts.same)
    json.member("waived", integer: counts.waived)
  }

  private static func write(_ summary: SampleSummary, to json: inout JSONMembers) {
    json.member("count", integer: summary.count)
    json.member("greatest", number: summary.greatest)
    json.member("least", number: summary.least)
    json.member("median", number: summary.median)
  }

  private static func write(_ cell: ComparedCell, to json: inout JSONMembers) {
    if let base = cell.base { json.member("base") { write(base, to: &$0) } }
    json.member("caseID", text: cell.caseName)
    json.member("class", text: cell.metricClass.rawValue)
    json.member("explanation", text: cell.explanation)
    json.member("gated", flag: cell.gated)
    if let interval = cell.interval {
      json.member("interval") { json in
        json.member("confidence", number: interval.confidence)
        json.member("lower", number: interval.lower)
        json.member("upper", number: interval.upper)
      }
    }
    json.member("margin", number: cell.margin.value)
    json.member("metric", text: cell.metric.name)
    if let new = cell.new { json.member("new") { write(new, to: &$0) } }
    json.member("ratio", number: cell.ratio)
    json.member("reason", text: cell.reason.code)
    if let runs = cell.reason.runsToSettle { json.member("runsToSettle", integer: runs) }
    json.member("shift", number: cell.shift)
    if let test = cell.test {
      json.member("test") { json in
        json.member("method", text: test.method.rawValue)
        json.member("p", number: test.p)
        json.member("pAdjusted", number: cell.adjustedP)
      }
    }
    json.member("unit", text: cell.metric.unit.rawValue)
    json.member("verdict", text: cell.verdict.rawValue)
    if let waiver = cell.waiver {
      json.member("waiver") { json in
        json.member("expires", text: waiver.expires.description)
        json.member("owner", text: waiver.owner)
        json.member("reason", text: waiver.reason)
      }
    }
  }
}
