import Glibc

/// The values that stand for many.
package enum CentralValue {
  /// The middle value, or the mean of the two middle ones; nil for no values. O(n log n).
  package static func median(of values: [Double]) -> Double? { medianOfSorted(values.sorted()) }

  /// The same of values in ascending order. O(1).
  package static func medianOfSorted(_ sorted: [Double]) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? midpoint(sorted[middle - 1], sorted[middle]) : sorted[middle]
  }

  /// The mean of two values, written so that equal values give themselves.
  static func midpoint(_ lower: Double, _ upper: Double) -> Double {
    lower == upper ? lower : lower / 2 + upper / 2
  }

  /// The n-th root of the product of the values above 0, through logarithms; others are left out, and nil is returned
  /// when none is left. O(n).
  package static func geometricMean(ofPositive values: [Double]) -> Double? {
    var sum = 0.0
    var count = 0
    for value in values where value > 0 && value.isFinite {
      sum += log(value)
      count += 1
    }
    return count == 0 ? nil : exp(sum / Double(count))
  }
}
