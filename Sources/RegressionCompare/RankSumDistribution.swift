/// The null distribution of Mann–Whitney's U without ties, for two sizes: how many of the C(n+m, n) splits give each U.
///
/// The counts are the coefficients of the Gaussian binomial [n+m, n]_q (Mann & Whitney 1947), built by multiplying with
/// (1 − q^(m+i)) and dividing by (1 − q^i), i = 1...n: O(min(n, m) × n × m). Whole numbers, exact to 2⁵³.
struct RankSumDistribution: Sendable {
  /// `cumulative[u]` splits have U ≤ u, for u up to half of n × m; the other half mirrors it.
  let cumulative: [Double]
  let total: Double
  let pairs: Int

  /// Both sizes at least 1.
  init(_ first: Int, _ second: Int) {
    let small = min(first, second)
    let large = max(first, second)
    pairs = small * large
    let limit = pairs / 2
    var counts = [Double](repeating: 0, count: limit + 1)
    counts[0] = 1
    for step in 1...small {
      for u in stride(from: limit, through: large + step, by: -1) { counts[u] -= counts[u - large - step] }
      for u in stride(from: step, through: limit, by: 1) { counts[u] += counts[u - step] }
    }
    for u in stride(from: 1, through: limit, by: 1) { counts[u] += counts[u - 1] }
    cumulative = counts
    total = Combinations.count(choosing: small, of: small + large)
  }

  /// Two-sided p of a U without ties.
  func twoSided(_ u: Int) -> Double { min(1, 2 * cumulative[min(u, pairs - u)] / total) }

  /// The largest rank k for which the k-th smallest and the k-th largest of the pairwise differences bound the shift
  /// with at least the confidence asked for, and the confidence that it has; nil where even the extremes do not.
  func intervalRank(confidence: Double) -> (rank: Int, confidence: Double)? {
    // The shift lies below the k-th smallest difference exactly when U < k.
    var rank = 0
    while rank < cumulative.count, 2 * cumulative[rank] <= (1 - confidence) * total { rank += 1 }
    return rank == 0 ? nil : (rank, 1 - 2 * cumulative[rank - 1] / total)
  }
}

enum Combinations {
  /// How many ways there are to choose, rounded where it passes 2⁵³, infinite where it passes 10³⁰⁸. O(chosen).
  static func count(choosing chosen: Int, of all: Int) -> Double {
    let steps = min(chosen, all - chosen)
    guard steps >= 0 else { return 0 }
    var ways = 1.0
    for step in stride(from: 1, through: steps, by: 1) {
      ways = ways * Double(all - steps + step) / Double(step)
      if !ways.isFinite { return .infinity }
    }
    return ways
  }
}
