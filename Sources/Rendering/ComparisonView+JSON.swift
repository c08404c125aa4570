import BenchmarkReport
import RegressionCompare

extension ComparisonView {
  /// The version of the JSON form; keys may be added without a new one.
  package static let jsonVersion = 1

  /// Everything that was found, with sorted keys and an entry of a list on a line; a key without a value is left out.
  /// Written by hand: FoundationEssentials' encoder takes 741 MB for the 112,500 cells of a comparison at scale.
  package var json: String {
    let counts = JSONObject([
      "gated": Self.json(outcome.counts(gated: true)), "offGate": Self.json(outcome.counts(gated: false)),
    ])
    let members: [(key: String, value: String)] = [
      ("adjustedCells", String(outcome.adjustedCells)),
      ("cells", Self.list(outcome.cells.map(Self.json))),
      ("counts", counts.text),
      (
        "environmentDifferences",
        Self.list(
          outcome.environmentDifferences.map {
            JSONObject([
              "fact": JSONText.quoted($0.fact), "base": $0.base.map(JSONText.quoted),
              "new": $0.new.map(JSONText.quoted), "changesMemory": String($0.changesMemory),
            ]).text
          })
      ),
      (
        "exit",
        JSONObject([
          "status": String(conclusion.exit.rawValue), "reason": JSONText.quoted(conclusion.reason),
        ]).text
      ),
      (
        "failures",
        Self.list(
          outcome.failures.map {
            JSONObject([
              "caseID": JSONText.quoted($0.caseName), "kind": JSONText.quoted($0.kind.rawValue),
              "baseFailed": String($0.baseFailed), "newFailed": String($0.newFailed),
            ]).text
          })
      ),
      (
        "policy",
        JSONObject(["name": JSONText.quoted(policyName), "hash": JSONText.quoted(outcome.policyHash)]).text
      ),
      (
        "problems",
        Self.list(
          outcome.problems.map {
            JSONObject([
              "kind": JSONText.quoted($0.kind.rawValue), "text": JSONText.quoted($0.text),
              "allowed": String($0.allowed),
            ]).text
          })
      ),
      (
        "reports",
        JSONObject(["base": JSONText.quoted(outcome.baseLabel), "new": JSONText.quoted(outcome.newLabel)]).text
      ),
      ("schemaVersion", String(Self.jsonVersion)),
      // As text: what reads JSON into doubles would round 64 bits.
      ("seed", JSONText.quoted(String(outcome.seed))),
      ("warnings", Self.list(outcome.warnings.map { JSONText.quoted($0.description) })),
    ]
    return "{\n" + members.map { "  \"\($0.key)\": \($0.value)" }.joined(separator: ",\n") + "\n}\n"
  }

  private static func list(_ entries: [String]) -> String {
    entries.isEmpty ? "[]" : "[\n    " + entries.joined(separator: ",\n    ") + "\n  ]"
  }

  private static func json(_ counts: ComparisonOutcome.Counts) -> String {
    JSONObject([
      "regressed": String(counts.regressed), "improved": String(counts.improved), "same": String(counts.same),
      "inconclusive": String(counts.inconclusive), "notComparable": String(counts.notComparable),
      "waived": String(counts.waived),
    ]).text
  }

  private static func json(_ summary: SampleSummary) -> String {
    JSONObject([
      "count": String(summary.count), "median": JSONText.number(summary.median),
      "least": JSONText.number(summary.least), "greatest": JSONText.number(summary.greatest),
    ]).text
  }

  private static func json(_ cell: ComparedCell) -> String {
    JSONObject([
      "caseID": JSONText.quoted(cell.caseName), "metric": JSONText.quoted(cell.metric.name),
      "unit": JSONText.quoted(cell.metric.unit.rawValue), "class": JSONText.quoted(cell.metricClass.rawValue),
      "gated": String(cell.gated), "verdict": JSONText.quoted(cell.verdict.rawValue),
      "reason": JSONText.quoted(cell.reason.code), "explanation": JSONText.quoted(cell.explanation),
      "base": cell.base.map(json), "new": cell.new.map(json), "shift": cell.shift.map(JSONText.number),
      "interval": cell.interval.map { interval in
        JSONObject([
          "lower": JSONText.number(interval.lower), "upper": JSONText.number(interval.upper),
          "confidence": JSONText.number(interval.confidence),
        ]).text
      },
      "margin": JSONText.number(cell.margin.value), "ratio": cell.ratio.map(JSONText.number),
      "runsToSettle": cell.reason.runsToSettle.map { String($0) },
      "test": cell.test.map { test in
        JSONObject([
          "method": JSONText.quoted(test.method.rawValue), "p": JSONText.number(test.p),
          "pAdjusted": cell.adjustedP.map(JSONText.number),
        ]).text
      },
      "waiver": cell.waiver.map { waiver in
        JSONObject([
          "owner": JSONText.quoted(waiver.owner), "reason": JSONText.quoted(waiver.reason),
          "expires": JSONText.quoted(waiver.expires.description),
        ]).text
      },
    ]).text
  }
}

/// One object on a line, its keys sorted; members without a value are left out.
private struct JSONObject {
  let text: String

  init(_ members: KeyValuePairs<String, String?>) {
    let written = members.compactMap { member in member.value.map { (key: member.key, text: $0) } }
    text =
      "{ "
      + written.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.text)" }.joined(separator: ", ") + " }"
  }
}
