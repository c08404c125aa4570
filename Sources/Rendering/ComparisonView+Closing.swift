import BenchmarkReport
import RegressionCompare

// What stands at the end of every rendering that people read: counts, policy, environment, problems, warnings, and the
// exit status with its reason.

extension ComparisonView {
  /// `1 regressed, 0 improved, 57 same, 2 inconclusive, 0 not comparable`, and waived ones where there are some.
  static func text(_ counts: ComparisonOutcome.Counts) -> String {
    var parts = [
      "\(Quantity.count(counts.regressed)) regressed", "\(Quantity.count(counts.improved)) improved",
      "\(Quantity.count(counts.same)) same", "\(Quantity.count(counts.inconclusive)) inconclusive",
      "\(Quantity.count(counts.notComparable)) not comparable",
    ]
    if counts.waived > 0 { parts.append("\(Quantity.count(counts.waived)) waived") }
    return parts.joined(separator: ", ")
  }

  /// Lines with a name and a text each.
  var closing: [(name: String, text: String)] {
    var lines = [
      ("Gated", Self.text(outcome.counts(gated: true))), ("Off the gate", Self.text(outcome.counts(gated: false))),
      ("Policy", "\(policyName), hash \(outcome.policyHash)"), ("Environment", environment),
    ]
    lines += listed("Failed samples", outcome.failures.map(\.description))
    lines += listed("Problem", outcome.problems.map { $0.text + ($0.allowed ? " (allowed)" : "") })
    lines += listed("Warning", outcome.warnings.map(\.description))
    lines.append(("Exit status \(conclusion.exit.rawValue)", conclusion.reason))
    return lines
  }

  /// `the same`, or the facts that differ, those that change memory first.
  private var environment: String {
    guard outcome.environmentDifferences.isEmpty else {
      return outcome.environmentDifferences
        .map { $0.description + ($0.changesMemory ? "" : " (does not change memory)") }.joined(separator: "; ")
    }
    return outcome.problems.contains { $0.kind == .environment } ? "not the same" : "the same"
  }

  /// The first ten entries, and how many more there are.
  private func listed(_ name: String, _ entries: [String]) -> [(name: String, text: String)] {
    let most = 10
    let lines = entries.prefix(most).map { (name, $0) }
    let rest = entries.count - most
    return rest > 0 ? lines + [(name, "and \(Quantity.count(rest)) more (--format json has them all)")] : lines
  }
}
