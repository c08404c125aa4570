package import BenchmarkReport

/// Everything that a comparison found. What the verdicts mean for a script is `exitStatus(failOn:)`.
package struct ComparisonOutcome: Sendable {
  package let baseLabel: String
  package let newLabel: String
  /// 16 hexadecimal digits that name the effective policy.
  package let policyHash: String
  /// The seed of random splits.
  package let seed: UInt64
  /// The facts of the two environments that differ.
  package let environmentDifferences: [EnvironmentDifference]
  /// In the order of BASE's cases; within a case in the order of the metrics.
  package let cells: [ComparedCell]
  package let failures: [CaseFailure]
  package let problems: [ComparabilityProblem]
  package let warnings: [ComparisonWarning]
  /// The number of gated cells of classes quantised and noisy, over which p-values are adjusted.
  package let adjustedCells: Int

  /// The cells of one metric, a block of a table.
  package func cells(of metric: Metric) -> [ComparedCell] { cells.filter { $0.metric == metric } }

  /// How often each verdict was given.
  package struct Counts: Sendable, Equatable {
    package internal(set) var regressed = 0
    package internal(set) var improved = 0
    package internal(set) var same = 0
    package internal(set) var inconclusive = 0
    package internal(set) var notComparable = 0
    /// Gated regressions that a waiver covers; not counted in `regressed`.
    package internal(set) var waived = 0

    package subscript(verdict: Verdict) -> Int {
      switch verdict {
      case .regressed: regressed
      case .improved: improved
      case .same: same
      case .inconclusive: inconclusive
      case .notComparable: notComparable
      }
    }

    fileprivate mutating func add(_ cell: ComparedCell) {
      switch cell.verdict {
      case .regressed: if cell.waiver == nil { regressed += 1 } else { waived += 1 }
      case .improved: improved += 1
      case .same: same += 1
      case .inconclusive: inconclusive += 1
      case .notComparable: notComparable += 1
      }
    }
  }

  /// Of the gated cells, or of those off the gate.
  package func counts(gated: Bool) -> Counts {
    var counts = Counts()
    for cell in cells where cell.gated == gated { counts.add(cell) }
    return counts
  }

  /// The exit status of `compare` and `ab` (DESIGN.md).
  ///
  /// Another environment, or the same run on both sides, that is not allowed gives `notComparable` whatever the cells
  /// say: between two environments a difference is no finding. Otherwise a regression, found in cells that can be
  /// compared or in samples that fail, outranks a problem elsewhere (a missing case, too few samples, nothing compared):
  /// either way the script fails, and the regression is what must be looked at first. `failOn` may name `improved` and
  /// `inconclusive`; such cells then count as regressions do, but give way to a problem, which leaves them unproved.
  package func exitStatus(failOn: Set<Verdict> = []) -> ComparisonExit {
    let open = problems.filter { !$0.allowed }
    if open.contains(where: \.kind.outranksRegression) { return .notComparable }
    let counts = counts(gated: true)
    if counts.regressed > 0 || failures.contains(where: \.kind.isRegression) { return .regressed }
    if !open.isEmpty { return .notComparable }
    let named: [Verdict] = [.improved, .inconclusive]
    return named.contains { failOn.contains($0) && counts[$0] > 0 } ? .regressed : .ok
  }

  /// What all cells of one metric say together.
  package struct MetricSummary: Sendable, Equatable {
    package let metric: Metric
    /// The geometric mean of NEW ÷ BASE over the cells that have a ratio; nil for leaks and where no cell has one.
    package let geometricMeanRatio: Double?
    /// How many cells the mean covers.
    package let ratioCells: Int
    /// The sums of the medians over the cells with both sides: leaks only.
    package let baseSum: Double?
    package let newSum: Double?
  }

  /// One summary per metric that has a cell.
  package var summaries: [MetricSummary] {
    Metric.compared.compactMap { metric in
      let cells = cells(of: metric)
      guard !cells.isEmpty else { return nil }
      let pairs = cells.compactMap { cell in
        cell.base.flatMap { base in cell.new.map { (base: base.median, new: $0.median) } }
      }
      guard !metric.isSummed else {
        return MetricSummary(
          metric: metric, geometricMeanRatio: nil, ratioCells: 0,
          baseSum: pairs.reduce(0) { $0 + $1.base }, newSum: pairs.reduce(0) { $0 + $1.new })
      }
      let ratios = cells.compactMap(\.ratio).filter { $0 > 0 }
      return MetricSummary(
        metric: metric, geometricMeanRatio: CentralValue.geometricMean(ofPositive: ratios), ratioCells: ratios.count,
        baseSum: nil, newSum: nil)
    }
  }
}

/// The part of the exit-status contract that a comparison decides.
package enum ComparisonExit: Int32, Sendable {
  /// Compared, and nothing regressed.
  case ok = 0
  case regressed = 1
  case notComparable = 3
}
