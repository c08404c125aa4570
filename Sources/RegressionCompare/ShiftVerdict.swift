// Classes quantised and noisy: the interval of the shift against the margin, and p.

enum ShiftVerdict {
  /// What decides, before p is known to pass.
  struct Evidence {
    let interval: ShiftInterval
    let margin: Double
    /// As tested; nil: not tested, because the interval alone decides.
    let p: Double?
    let baseCount: Int
    let newCount: Int

    var runs: Int { min(baseCount, newCount) }
  }

  /// - Parameters:
  ///   - adjustedP: over the family of gated cells; nil for a cell off the gate, which passes by p itself.
  ///   - gatedCells: the size of that family.
  static func of(
    _ evidence: Evidence, adjustedP: Double?, gatedCells: Int
  ) -> (verdict: Verdict, reason: VerdictReason) {
    let interval = evidence.interval
    let margin = evidence.margin
    if -margin <= interval.lower, interval.upper <= margin { return (.same, .withinMargin(interval: interval)) }
    let rises = interval.lower > margin
    guard rises || interval.upper < -margin, let tested = evidence.p else {
      let runs = RunProjection.runsForWidth(interval, margin: margin, runs: evidence.runs)
      return (.inconclusive, .acrossMargin(interval: interval, runsToSettle: runs))
    }
    let p = adjustedP ?? tested
    let family = adjustedP == nil ? nil : gatedCells
    if p <= RunProjection.level {
      return (rises ? .regressed : .improved, .beyondMargin(interval: interval, p: p, gatedCells: family))
    }
    let needed = RunProjection.runsForSignificance(
      p: tested, adjusted: p, gatedCells: family ?? 1, runs: evidence.runs)
    let smallest = MannWhitneyTest.smallestP(evidence.baseCount, evidence.newCount)
    guard let family, smallest * Double(family) > RunProjection.level else {
      return (
        .inconclusive, .notSignificant(interval: interval, p: p, gatedCells: family, runsToSettle: needed)
      )
    }
    return (
      .inconclusive,
      .adjustmentOutOfReach(
        interval: interval, p: p, gatedCells: family, smallestP: smallest, runsToSettle: needed)
    )
  }
}
