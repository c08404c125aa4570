import SeededRandom

// The two-sample permutation test on the difference of means (Fisher 1935; Pitman 1937).

/// How a p-value came about.
package enum TestMethod: String, Sendable {
  /// Mann–Whitney, every split counted, ties and all.
  case exactRanks = "exact Mann-Whitney"
  /// Mann–Whitney by the normal approximation, corrected for ties and continuity.
  case normalRanks = "normal approximation of Mann-Whitney"
  /// Difference of means, every split counted.
  case exactMeans = "exact permutation of means"
  /// Difference of means over random splits.
  case randomMeans = "random permutation of means"
}

/// A two-sided p-value and its origin.
package struct TestResult: Sendable, Equatable {
  /// In 0 exclusive ... 1.
  package let p: Double
  package let method: TestMethod

  package init(p: Double, method: TestMethod) {
    self.p = Swift.min(1, Swift.max(p, .leastNormalMagnitude))
    self.method = method
  }
}

package enum PermutationTest {
  /// Up to this pooled size every split is counted: C(20, 10) = 184,756.
  package static let exactPooledLimit = 20
  /// Random splits beyond it.
  package static let randomSplits = 10_000

  /// Two-sided p of the difference of means of `base` and `new`: twice the smaller tail, at most 1, as
  /// scipy.stats.permutation_test has it. Sums that differ by less than 2⁻⁴⁴ of the pooled magnitude are one value, so
  /// that rounding breaks no tie. No spread at all gives 1; so does an empty side.
  ///
  /// Up to `exactPooledLimit` values in all, exact; beyond, `randomSplits` splits by `seed`, a tail being
  /// (1 + hits) / (1 + splits) (Phipson & Smyth 2010: never 0). Then O(splits × smaller side).
  package static func twoSided(base: [Double], new: [Double], seed: UInt64) -> TestResult {
    let exact = base.count + new.count <= exactPooledLimit
    let method: TestMethod = exact ? .exactMeans : .randomMeans
    guard let origin = base.first, !new.isEmpty else { return TestResult(p: 1, method: method) }
    // The means differ as the sums of a side of fixed size do; relative to one value, sums lose the fewest digits.
    let pooled = new.map { $0 - origin } + base.map { $0 - origin }
    let magnitude = pooled.reduce(0) { $0 + abs($1) }
    guard magnitude > 0 else { return TestResult(p: 1, method: method) }
    let observed = pooled[..<new.count].reduce(0, +)
    let tolerance = magnitude * 0x1p-44
    let bounds = (least: observed - tolerance, greatest: observed + tolerance)
    let smaller =
      exact
      ? smallerTail(pooled, chosen: new.count, bounds)
      : smallerRandomTail(pooled, chosen: new.count, bounds, seed: seed)
    return TestResult(p: 2 * smaller, method: method)
  }

  /// Counts every way to choose `chosen` of `pooled` without walking through each: the sums of all subsets of either
  /// half, by size and sorted, met by two pointers (Horowitz & Sahni 1974). For 10 + 10: 2 × 1,024 sums, not 184,756.
  private static func smallerTail(
    _ pooled: [Double], chosen: Int, _ bounds: (least: Double, greatest: Double)
  ) -> Double {
    let middle = pooled.count / 2
    let low = subsetSums(pooled[..<middle])
    let high = subsetSums(pooled[middle...])
    var atMost = 0
    var atLeast = 0
    var total = 0
    for size in 0..<low.count where chosen >= size && chosen - size < high.count {
      let partners = high[chosen - size]
      total += low[size].count * partners.count
      var below = partners.count  // partners[..<below] keep the sum at or below the greatest
      var under = partners.count  // partners[..<under] leave the sum below the least
      for sum in low[size] {
        while below > 0, sum + partners[below - 1] > bounds.greatest { below -= 1 }
        while under > 0, sum + partners[under - 1] >= bounds.least { under -= 1 }
        atMost += below
        atLeast += partners.count - under
      }
    }
    return Double(min(atMost, atLeast)) / Double(total)
  }

  /// The sums of all subsets, one ascending list per size.
  private static func subsetSums(_ values: ArraySlice<Double>) -> [[Double]] {
    var sums: [[Double]] = [[0]]
    for value in values {
      sums.append([])
      for size in stride(from: sums.count - 1, to: 0, by: -1) {
        for sum in sums[size - 1] { sums[size].append(sum + value) }
      }
    }
    return sums.map { $0.sorted() }
  }

  private static func smallerRandomTail(
    _ pooled: [Double], chosen: Int, _ bounds: (least: Double, greatest: Double), seed: UInt64
  ) -> Double {
    // Drawing the smaller side is cheaper; the sum of the other is the rest.
    let total = pooled.reduce(0, +)
    let drawn = min(chosen, pooled.count - chosen)
    var generator = SplitMix64(seed: seed)
    var shuffled = pooled
    var atMost = 0
    var atLeast = 0
    for _ in 0..<randomSplits {
      var sum = 0.0
      for position in 0..<drawn {
        shuffled.swapAt(position, position + generator.next(below: shuffled.count - position))
        sum += shuffled[position]
      }
      if drawn != chosen { sum = total - sum }
      if sum <= bounds.greatest { atMost += 1 }
      if sum >= bounds.least { atLeast += 1 }
    }
    return Double(1 + min(atMost, atLeast)) / Double(1 + randomSplits)
  }
}
