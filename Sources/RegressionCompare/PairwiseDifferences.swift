/// All differences new − base of two samples, as a sorted sequence that is never written down.
///
/// The k-th is found by bisection: a pass with two pointers counts the differences at most d and finds the nearest
/// differences on either side of d, so every step lands on differences that exist and the answer is exact.
/// O(n + m) a pass, about 10 passes, no memory (compare Johnson & Mizoguchi 1978).
struct PairwiseDifferences {
  /// Ascending, finite, not empty, and so small that no difference overflows.
  let base: [Double]
  let new: [Double]

  var count: Int { base.count * new.count }
  var least: Double { new[0] - base[base.count - 1] }
  var greatest: Double { new[new.count - 1] - base[0] }

  /// The difference of rank `rank`, 1 ... count, known to lie in `bounds`, whose ends are differences.
  func ranked(_ rank: Int, within bounds: ClosedRange<Double>) -> Double {
    var lower = bounds.lowerBound
    var upper = bounds.upperBound
    while lower < upper {
      var middle = lower + (upper - lower) / 2
      if !(middle < upper) { middle = lower }
      let pass = passed(middle)
      if pass.count >= rank { upper = pass.atMost } else { lower = pass.above }
    }
    return lower
  }

  /// The Hodges–Lehmann estimate of the shift (1963): the median of the differences.
  var median: Double {
    let lower = ranked((count + 1) / 2, within: least...greatest)
    guard count.isMultiple(of: 2) else { return lower }
    let pass = passed(lower)
    return CentralValue.midpoint(lower, pass.count > count / 2 ? lower : pass.above)
  }

  /// How many differences are at most `limit`, the greatest of them and the least of the others (infinite: none).
  private func passed(_ limit: Double) -> (count: Int, atMost: Double, above: Double) {
    var count = 0
    var atMost = -Double.infinity
    var above = Double.infinity
    // Safety: position stays within 0 ... new.count, and is checked against its ends before a read.
    new.withUnsafeBufferPointer { new in
      base.withUnsafeBufferPointer { base in
        var position = 0
        for value in base {
          while position < new.count, new[position] - value <= limit { position += 1 }
          count += position
          if position > 0 { atMost = max(atMost, new[position - 1] - value) }
          if position < new.count { above = min(above, new[position] - value) }
        }
      }
    }
    return (count, atMost, above)
  }
}
