// Class exact: integers, tolerance 0 unless the policy sets a margin.

enum ExactVerdict {
  /// The verdict of two samples that are not empty; magnitudes are at most 2⁵³, so that differences are exact.
  ///
  /// Samples that agree within each report: the difference decides. Samples that disagree: regressed where the least
  /// of NEW is above the greatest of BASE by more than the margin, improved the other way round, else inconclusive and
  /// never "same" — but where a margin of the policy covers every pair of values, they are the same by that policy.
  static func of(
    base: ClosedRange<Int64>, new: ClosedRange<Int64>, margin: Double
  ) -> (verdict: Verdict, reason: VerdictReason) {
    let least = min(base.lowerBound, new.lowerBound)
    let greatest = max(base.upperBound, new.upperBound)
    if Double(greatest - least) <= margin { return (.same, .valuesEqual(least: least, greatest: greatest)) }
    let agree = base.lowerBound == base.upperBound && new.lowerBound == new.upperBound
    let apart: VerdictReason =
      agree ? .valuesDiffer(base: base.lowerBound, new: new.lowerBound) : .rangesApart(base: base, new: new)
    if Double(new.lowerBound - base.upperBound) > margin { return (.regressed, apart) }
    if Double(base.lowerBound - new.upperBound) > margin { return (.improved, apart) }
    return (.inconclusive, .repeatsDisagree(base: base, new: new))
  }
}
