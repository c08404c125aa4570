// Mann–Whitney's test, exact with ties: the p-value of a verdict. Why this one of the two that MEASUREMENT.md allows:
// its null distribution depends on the ties alone, not on how far an outlier lies, so one sample that caught a huge
// page does not hide a shift of the others; it belongs to the same family as the Hodges–Lehmann interval, so the two
// agree; and it is defined for ties, for no spread at all (p = 1) and for one value a side (p = 1).

import Glibc

package struct MannWhitneyTest {
  /// Up to this product of the two sizes a sample without ties is tested exactly (100 a side).
  package static let untiedExactLimit = 10_000
  /// The same with ties, where the distribution is another one for every cell (30 a side). Beyond: the normal
  /// approximation, corrected for ties and continuity. It is off where one value makes up nearly all of both samples;
  /// the interval then holds 0, which decides against a change whatever p is.
  package static let tiedExactLimit = 900

  private struct Sizes: Hashable {
    let first: Int
    let second: Int
  }
  private var distributions: [Sizes: RankSumDistribution] = [:]

  package init() {}

  /// The distribution without ties; nil beyond `untiedExactLimit`, or where a side is empty. Kept for the next call.
  mutating func distribution(_ first: Int, _ second: Int) -> RankSumDistribution? {
    guard first > 0, second > 0, !first.multipliedReportingOverflow(by: second).overflow,
      first * second <= Self.untiedExactLimit
    else { return nil }
    let sizes = Sizes(first: min(first, second), second: max(first, second))
    if let known = distributions[sizes] { return known }
    let fresh = RankSumDistribution(first, second)
    distributions[sizes] = fresh
    return fresh
  }

  /// Two-sided p, twice the smaller tail and at most 1, of two samples in ascending order. An empty side gives 1.
  ///
  /// - Complexity: O(n + m) without ties and for samples that do not overlap; otherwise `TiedRankTails`.
  package mutating func twoSided(sortedBase base: [Double], sortedNew new: [Double]) -> TestResult {
    guard let baseLeast = base.first, let baseGreatest = base.last, let newLeast = new.first, let newGreatest = new.last
    else { return TestResult(p: 1, method: .exactRanks) }
    if baseLeast == newGreatest, baseGreatest == newLeast { return TestResult(p: 1, method: .exactRanks) }
    if baseGreatest < newLeast || newGreatest < baseLeast {
      // One split of all is as extreme, whatever ties there are within the sides.
      return TestResult(p: Self.smallestP(base.count, new.count), method: .exactRanks)
    }
    let ranking = Ranking(base: base, new: new)
    if ranking.isUntied, let distribution = distribution(base.count, new.count) {
      return TestResult(p: distribution.twoSided(ranking.doubledU / 2), method: .exactRanks)
    }
    let pairs = base.count.multipliedReportingOverflow(by: new.count)
    guard !pairs.overflow, pairs.partialValue <= Self.tiedExactLimit else {
      return TestResult(p: ranking.normalApproximation, method: .normalRanks)
    }
    let tails = TiedRankTails(first: new.count, second: base.count)
      .tails(groups: ranking.groups, observed: ranking.doubledU)
    return TestResult(p: 2 * min(tails.atMost, tails.atLeast), method: .exactRanks)
  }

  /// The smallest two-sided p that two samples of these sizes can give: 2 / C(n+m, n); 1 where a side is empty.
  package static func smallestP(_ first: Int, _ second: Int) -> Double {
    guard first > 0, second > 0 else { return 1 }
    return min(1, max(.leastNormalMagnitude, 2 / Combinations.count(choosing: first, of: first + second)))
  }
}

/// The groups of equal values of two ascending samples, and the doubled U of the second over the first.
private struct Ranking {
  private(set) var groups: [Int] = []
  private(set) var doubledU = 0
  private let baseCount: Int
  private let newCount: Int

  init(base: [Double], new: [Double]) {
    baseCount = base.count
    newCount = new.count
    groups.reserveCapacity(base.count + new.count)
    var below = 0
    var above = 0
    while below < base.count || above < new.count {
      let value =
        if below == base.count { new[above] } else if above == new.count { base[below] } else {
          min(base[below], new[above])
        }
      let firstBase = below
      let firstNew = above
      while below < base.count, base[below] == value { below += 1 }
      while above < new.count, new[above] == value { above += 1 }
      groups.append(below - firstBase + above - firstNew)
      doubledU += (above - firstNew) * (firstBase + below)
    }
  }

  var isUntied: Bool { groups.count == baseCount + newCount }

  /// As scipy.stats.mannwhitneyu has it with method "asymptotic".
  var normalApproximation: Double {
    let n = Double(baseCount)
    let m = Double(newCount)
    let ties = groups.reduce(0.0) { $0 + Double($1) * Double($1) * Double($1) - Double($1) }
    let deviation = (n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))).squareRoot()
    guard deviation > 0 else { return 1 }
    let distance = abs(Double(doubledU) / 2 - n * m / 2)
    return erfc(max(0, distance - 0.5) / deviation / 2.0.squareRoot())
  }
}
