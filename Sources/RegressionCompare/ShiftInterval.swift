/// The Hodges–Lehmann estimate of how far NEW lies above BASE, with the interval that inverting Mann–Whitney's test
/// gives (Hodges & Lehmann 1963; Bauer 1972): the k-th smallest and the k-th largest of the pairwise differences.
///
/// The rank k comes from the exact distribution without ties. With ties the closed interval covers the shift at least
/// as often (Noether 1967), so it errs to the wide side. Beyond `MannWhitneyTest.untiedExactLimit` k comes from the
/// normal approximation, rounded to the wide side.
package struct ShiftInterval: Sendable, Equatable {
  /// The confidence asked for.
  package static let confidence = 0.95
  /// The quantile of the normal distribution that belongs to it.
  static let normalQuantile = 1.959963984540054

  /// The estimate, in the metric's unit; above 0: NEW is greater.
  package let shift: Double
  package let lower: Double
  package let upper: Double
  /// The confidence that the interval has, at least `ShiftInterval.confidence`.
  package let confidence: Double

  /// nil where no interval of that confidence exists (3 and 3 values, or 1 and 38), or a side is empty. The samples are
  /// in ascending order. O(n + m) a pass over the differences, about 30 passes.
  package init?(sortedBase base: [Double], sortedNew new: [Double], test: inout MannWhitneyTest) {
    guard !base.isEmpty, !new.isEmpty, let rank = Self.rank(base.count, new.count, test: &test) else { return nil }
    confidence = rank.confidence
    let differences = PairwiseDifferences(base: base, new: new)
    let least = differences.least
    let greatest = differences.greatest
    shift = differences.median
    guard least < greatest else {
      lower = least
      upper = greatest
      return
    }
    lower = differences.ranked(rank.rank, within: least...greatest)
    upper = differences.ranked(differences.count + 1 - rank.rank, within: lower...greatest)
  }

  private static func rank(
    _ base: Int, _ new: Int, test: inout MannWhitneyTest
  ) -> (rank: Int, confidence: Double)? {
    if let distribution = test.distribution(base, new) { return distribution.intervalRank(confidence: confidence) }
    let n = Double(base)
    let m = Double(new)
    let deviation = (n * m * (n + m + 1) / 12).squareRoot()
    let rank = Int((n * m / 2 - normalQuantile * deviation - 0.5).rounded(.down))
    return rank < 1 ? nil : (rank, confidence)
  }
}
