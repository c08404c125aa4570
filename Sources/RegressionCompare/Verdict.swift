/// What is said of a cell. Lower is better, so a regression is a greater value in NEW.
package enum Verdict: String, CaseIterable, Sendable {
  case regressed
  case improved
  case same
  case inconclusive
  /// No verdict: too few good samples, or the metric is missing on a side.
  case notComparable = "not-comparable"
}

/// Why a cell has its verdict, with the numbers that decided.
package enum VerdictReason: Sendable, Equatable {
  /// Exact: no two values of the two reports are more than the margin apart.
  case valuesEqual(least: Int64, greatest: Int64)
  /// Exact: the repeats of each report agree, and the reports differ by more than the margin.
  case valuesDiffer(base: Int64, new: Int64)
  /// Exact: repeats disagree, but all of one report lie beyond all of the other.
  case rangesApart(base: ClosedRange<Int64>, new: ClosedRange<Int64>)
  /// Exact: repeats disagree, and the ranges of the reports overlap or lie within the margin.
  case repeatsDisagree(base: ClosedRange<Int64>, new: ClosedRange<Int64>)
  /// The interval lies beyond the margin, and p passes. `gatedCells`: the size of the family that p was adjusted over;
  /// nil for a cell off the gate, whose p is not adjusted.
  case beyondMargin(interval: ShiftInterval, p: Double, gatedCells: Int?)
  /// The interval lies within the margin.
  case withinMargin(interval: ShiftInterval)
  /// The interval holds shifts within the margin and beyond it.
  case acrossMargin(interval: ShiftInterval, runsToSettle: Int?)
  /// The interval lies beyond the margin, but p does not pass though it could with these runs.
  case notSignificant(interval: ShiftInterval, p: Double, gatedCells: Int?, runsToSettle: Int?)
  /// The interval lies beyond the margin, but with so few runs and so many cells no lone change can pass.
  case adjustmentOutOfReach(interval: ShiftInterval, p: Double, gatedCells: Int, smallestP: Double, runsToSettle: Int?)
  /// Fewer good samples than the class needs.
  case tooFewSamples(base: Int, new: Int, needed: Int)
  /// The report has samples of the case but none of this metric.
  case metricMissing(ReportSide)

  /// The name of the case, for files that programs read.
  package var code: String {
    switch self {
    case .valuesEqual: "values-equal"
    case .valuesDiffer: "values-differ"
    case .rangesApart: "ranges-apart"
    case .repeatsDisagree: "repeats-disagree"
    case .beyondMargin: "beyond-margin"
    case .withinMargin: "within-margin"
    case .acrossMargin: "across-margin"
    case .notSignificant: "not-significant"
    case .adjustmentOutOfReach: "adjustment-out-of-reach"
    case .tooFewSamples: "too-few-samples"
    case .metricMissing: "metric-missing"
    }
  }

  /// How many runs a side would settle an inconclusive cell; nil where none is foreseen.
  package var runsToSettle: Int? {
    switch self {
    case .acrossMargin(_, let runs), .notSignificant(_, _, _, let runs), .adjustmentOutOfReach(_, _, _, _, let runs):
      runs
    case .tooFewSamples(_, _, let needed): needed
    default: nil
    }
  }

  /// The interval of the shift, where one was made.
  package var interval: ShiftInterval? {
    switch self {
    case .beyondMargin(let interval, _, _), .withinMargin(let interval), .acrossMargin(let interval, _),
      .notSignificant(let interval, _, _, _), .adjustmentOutOfReach(let interval, _, _, _, _):
      interval
    default: nil
    }
  }
}
