import BenchmarkReport

extension ComparisonOutcome {
  /// What a script is told, and why.
  package struct Conclusion: Sendable, Equatable {
    package let exit: ComparisonExit
    /// A sentence without a full stop.
    package let reason: String
  }

  /// The exit status of `exitStatus(failOn:)` in words.
  package func conclusion(failOn: Set<Verdict> = []) -> Conclusion {
    let exit = exitStatus(failOn: failOn)
    let reason =
      switch exit {
      case .notComparable: notComparableReason
      case .regressed: regressions ?? named(failOn)
      case .ok: fine
      }
    return Conclusion(exit: exit, reason: reason)
  }

  private var notComparableReason: String {
    let open = problems.filter { !$0.allowed }
    guard let first = open.first(where: \.kind.concernsAll) ?? open.first else { return "not comparable" }
    var text = "not comparable: \(first.text)"
    if open.count > 1 { text += ", and \(NumberText.counted(open.count - 1, "more problem", "more problems"))" }
    let names = ComparabilityProblem.Kind.allowable.filter { kind in open.contains { $0.kind == kind } }
    guard !names.isEmpty, !open.contains(where: { $0.kind == .nothingCompared }) else { return text }
    return text + " (to compare all the same: --allow \(names.map(\.rawValue).joined(separator: ",")))"
  }

  /// Regressed cells, and cases that fail in NEW alone or as a whole; nil for none.
  private var regressions: String? {
    var parts: [String] = []
    let regressed = cells.filter { $0.verdict == .regressed && $0.counts }
    if let first = regressed.first {
      let cells = NumberText.counted(regressed.count, "gated cell", "gated cells")
      parts.append("\(cells) regressed, first \(first.metric.rawValue) of \(first.caseName)")
    }
    let failing = failures.filter { $0.kind == .newOnly }
    if let first = failing.first {
      let cases = NumberText.counted(failing.count, "case", "cases")
      parts.append("samples of \(cases) fail in NEW alone, first of \(first.caseName)")
    }
    let lost = failures.filter { $0.kind == .newAll }
    if let first = lost.first {
      parts.append(
        "every sample of \(NumberText.counted(lost.count, "case", "cases")) fails in NEW, first of \(first.caseName)")
    }
    guard !parts.isEmpty else { return nil }
    let open = problems.count { !$0.allowed }
    if open > 0 { parts.append("besides, \(NumberText.counted(open, "problem", "problems"))") }
    return parts.joined(separator: "; ")
  }

  private func named(_ failOn: Set<Verdict>) -> String {
    let counts = counts(gated: true)
    let parts = [Verdict.improved, .inconclusive].filter { failOn.contains($0) && counts[$0] > 0 }.map { verdict in
      "\(NumberText.counted(counts[verdict], "gated cell", "gated cells")) \(verdict.rawValue)"
    }
    return parts.joined(separator: ", ") + ", which --fail-on names" + failing
  }

  private var fine: String {
    let counts = counts(gated: true)
    let total = cells.count { $0.gated }
    var text = "nothing regressed in \(NumberText.counted(total, "gated cell", "gated cells"))"
    let others = [
      (counts.inconclusive, "inconclusive"), (counts.notComparable, "not comparable"), (counts.waived, "waived"),
    ]
    .filter { $0.0 > 0 }.map { "\(NumberText.grouped(Int64($0.0))) \($0.1)" }
    if !others.isEmpty { text += " (\(others.joined(separator: ", ")))" }
    return text + failing
  }

  /// What failed without being a regression, so that it is not overlooked.
  private var failing: String {
    let noted = failures.filter { !$0.kind.isRegression }
    return noted.isEmpty ? "" : "; samples of \(NumberText.counted(noted.count, "case", "cases")) failed"
  }
}
