// How many runs a side would settle an inconclusive cell. A projection from what was measured, not a promise.

import Glibc

package enum RunProjection {
  /// The level that the adjusted p of a change must reach.
  package static let level = 0.05
  /// Fewer good samples a side than this: classes quantised and noisy are not compared.
  package static let leastSamples = 6
  /// Beyond this no number is given: the machine or the margin is what has to change.
  package static let mostRuns = 1_000

  /// The least number of runs a side with which a lone change among `gatedCells` cells can pass the adjustment, that is
  /// 2 / C(2n, n) × cells ≤ `level`; nil beyond `mostRuns`. Never below `leastSamples`.
  package static func runsForLoneChange(gatedCells: Int) -> Int? {
    (leastSamples...mostRuns).first {
      MannWhitneyTest.smallestP($0, $0) * Double(max(1, gatedCells)) <= level
    }
  }

  /// The runs with which the interval would lie on one side of the margin, if the estimate stays where it is and the
  /// interval narrows with the square root of the runs. nil: more than `mostRuns`, or the estimate lies on the margin.
  static func runsForWidth(_ interval: ShiftInterval, margin: Double, runs: Int) -> Int? {
    let shift = interval.shift
    guard abs(shift) != margin else { return nil }
    let ratio =
      if shift > margin {
        (shift - interval.lower) / (shift - margin)
      } else if shift < -margin {
        (interval.upper - shift) / (-margin - shift)
      } else {
        // An interval may be skewed: each end has a way of its own to its margin.
        max((interval.upper - shift) / (margin - shift), (shift - interval.lower) / (margin + shift))
      }
    return bounded(Double(runs) * ratio * ratio, above: runs)
  }

  /// The runs with which the p of a shift that is clear of the margin would pass the adjustment. The logarithm of p
  /// falls in proportion to the runs (Bahadur 1960). `p` and `adjusted` are above 0; nil: more than `mostRuns`.
  static func runsForSignificance(p: Double, adjusted: Double, gatedCells: Int, runs: Int) -> Int? {
    guard let reachable = runsForLoneChange(gatedCells: gatedCells), p < 1 else { return nil }
    // What the adjustment multiplied p with stays; p itself must fall to the level divided by it.
    let target = level * p / max(adjusted, p)
    guard let projected = bounded(Double(runs) * log(target) / log(p), above: runs) else { return nil }
    return max(projected, reachable)
  }

  private static func bounded(_ runs: Double, above current: Int) -> Int? {
    let whole = max(runs.rounded(.up), Double(max(current + 1, leastSamples)))
    return whole <= Double(mostRuns) ? Int(whole) : nil
  }
}
