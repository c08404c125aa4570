/// The line through points by the median of their pairwise slopes (Theil 1950; Sen 1968): bytes per node over the sizes.
/// One bad point in four does not move it far.
package struct TheilSenLine: Sendable, Equatable {
  package let slope: Double
  /// The median of y − the slope × the median of x, as scipy.stats.theilslopes has it.
  package let intercept: Double
  /// The 95 % interval of the slope from the normal approximation of Kendall's tau, corrected for ties (Sen 1968). With
  /// fewer than 5 points it spans all the slopes.
  package let lowerSlope: Double
  package let upperSlope: Double

  /// nil where fewer than two different x are given, or a value or a slope is not finite. O(n² log n): for a few sizes.
  package init?(points: [(x: Double, y: Double)]) {
    guard points.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { return nil }
    var slopes: [Double] = []
    slopes.reserveCapacity(points.count * max(0, points.count - 1) / 2)
    for (index, first) in points.enumerated() {
      for second in points[..<index] where first.x != second.x {
        slopes.append((first.y - second.y) / (first.x - second.x))
      }
    }
    slopes.sort()
    guard let median = CentralValue.medianOfSorted(slopes), slopes.allSatisfy(\.isFinite),
      let middleX = CentralValue.median(of: points.map(\.x)), let middleY = CentralValue.median(of: points.map(\.y))
    else { return nil }
    slope = median
    intercept = middleY - median * middleX
    let spread = ShiftInterval.normalQuantile * Self.tauDeviation(points)
    let count = Double(slopes.count)
    let greatest = min(((count + spread) / 2).rounded(.toNearestOrEven), count - 1)
    let least = max(((count - spread) / 2).rounded(.toNearestOrEven) - 1, 0)
    lowerSlope = slopes[Int(least)]
    upperSlope = slopes[Int(greatest)]
  }

  /// The standard deviation of the number of concordant minus discordant pairs.
  private static func tauDeviation(_ points: [(x: Double, y: Double)]) -> Double {
    let n = Double(points.count)
    let ties = tieTerm(points.map(\.x)) + tieTerm(points.map(\.y))
    return (max(0, n * (n - 1) * (2 * n + 5) - ties) / 18).squareRoot()
  }

  private static func tieTerm(_ values: [Double]) -> Double {
    var term = 0.0
    var run = 0.0
    var last = Double.nan
    for value in values.sorted() {
      if value == last { run += 1 } else { run = 1 }
      last = value
      // The terms of a run of 1, 2 ... k add up to k(k − 1)(2k + 5).
      term += run * (run - 1) * (2 * run + 5) - (run - 1) * (run - 2) * (2 * run + 3)
    }
    return term
  }
}
