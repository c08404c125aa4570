import BenchmarkReport
package import RegressionCompare

/// A comparison ready to be shown: what was found, how it was asked for, and its figures as text. Each format has a
/// file of its own.
package struct ComparisonView: Sendable {
  package let outcome: ComparisonOutcome
  package let conclusion: ComparisonOutcome.Conclusion
  /// `built-in`, or the policy's file.
  package let policyName: String
  /// Verdicts that fail as regressions do.
  package let failOn: Set<Verdict>

  package init(_ outcome: ComparisonOutcome, policyName: String, failOn: Set<Verdict> = []) {
    self.outcome = outcome
    self.policyName = policyName
    self.failOn = failOn
    conclusion = outcome.conclusion(failOn: failOn)
  }

  /// The cells of one metric.
  struct Block {
    let metric: Metric
    let cells: [ComparedCell]
    /// Whether the cells count for the exit status; nil where some do and others do not. Kept: every cell's verdict asks.
    let gated: Bool?

    init(metric: Metric, cells: [ComparedCell]) {
      self.metric = metric
      self.cells = cells
      let count = cells.count(where: \.gated)
      gated = count == cells.count ? true : count == 0 ? false : nil
    }

    /// The class of all cells; nil where a policy gives several.
    var metricClass: MetricClass? {
      guard let first = cells.first?.metricClass, cells.allSatisfy({ $0.metricClass == first }) else { return nil }
      return first
    }

    /// `gated`, `off the gate` or `gated in part`.
    var gate: String { gated.map { $0 ? "gated" : "off the gate" } ?? "gated in part" }

    /// `leaked_bytes: exact, gated, 10 and 10 samples`
    var title: String {
      var parts = [metricClass?.rawValue ?? "several classes", gate]
      if let text = sampleCounts { parts.append(text) }
      if let margin { parts.append("margin " + margin) }
      return "\(metric.name): " + parts.joined(separator: ", ")
    }

    private var sampleCounts: String? {
      let counts = Set(
        cells.compactMap { cell in
          cell.base.flatMap { base in cell.new.map { [base.count, $0.count] } }
        })
      guard let only = counts.first, counts.count == 1 else { return nil }
      return "\(only[0]) and \(only[1]) samples"
    }

    /// The margin that all cells have.
    private var margin: String? {
      guard let first = cells.first?.margin.value, first > 0, cells.allSatisfy({ $0.margin.value == first })
      else { return nil }
      return ComparisonView.figure(first, cells[0])
    }
  }

  /// A block for each metric that has cells.
  var blocks: [Block] {
    Metric.compared.compactMap { metric in
      let cells = outcome.cells(of: metric)
      return cells.isEmpty ? nil : Block(metric: metric, cells: cells)
    }
  }

  static let absent = "–"
  static let figureTitles = ["base", "new", "difference", "change", "95 % interval"]

  /// Base, new, difference, change and interval of a cell.
  static func figures(of cell: ComparedCell) -> [String] {
    [
      side(cell.base, cell), side(cell.new, cell), cell.shift.map { signed($0, cell) } ?? absent,
      cell.ratio.map(change) ?? absent, interval(of: cell),
    ]
  }

  /// `exact` for an exact metric.
  static func interval(of cell: ComparedCell) -> String {
    if let interval = cell.interval {
      return "[\(signed(interval.lower, cell)), \(signed(interval.upper, cell))]"
    }
    return cell.metricClass == .exact && cell.verdict != .notComparable ? "exact" : absent
  }

  /// The verdict; `off the gate` where the block does not say so.
  static func verdict(of cell: ComparedCell, in block: Block) -> String {
    var text = cell.verdict == .notComparable ? "not comparable" : cell.verdict.rawValue
    if cell.waiver != nil { text += ", waived" }
    if block.gated == nil, !cell.gated { text += ", off the gate" }
    return text
  }

  /// The median, or the range where the repeats of an exact metric disagree.
  private static func side(_ summary: SampleSummary?, _ cell: ComparedCell) -> String {
    guard let summary else { return absent }
    guard cell.metricClass == .exact, summary.least != summary.greatest else { return figure(summary.median, cell) }
    return figure(summary.least, cell) + "…" + figure(summary.greatest, cell)
  }

  /// A value in the metric's unit: to the byte where the metric is exact.
  static func figure(_ value: Double, _ cell: ComparedCell) -> String {
    switch cell.metric.unit {
    case .objects: whole(value)
    case .bytes: cell.metricClass == .exact ? whole(value) : Quantity.bytes(value)
    case .nanosecondsPerNode: Quantity.fixed(value, digits: value.magnitude < 100 ? 1 : 0) + " ns"
    }
  }

  /// The same with a plus sign where it is positive.
  static func signed(_ value: Double, _ cell: ComparedCell) -> String { (value > 0 ? "+" : "") + figure(value, cell) }

  /// Medians of an even number of values may end in a half.
  private static func whole(_ value: Double) -> String {
    Int(exactly: value).map(Quantity.count) ?? Quantity.fixed(value, digits: 1)
  }

  /// A ratio as a percentage, or as a factor where a percentage would be hard to read.
  static func change(_ ratio: Double) -> String {
    if ratio >= 10 { return "×" + Quantity.fixed(ratio, digits: 1) }
    let percent = (ratio - 1) * 100
    return (percent > 0 ? "+" : "") + Quantity.fixed(percent, digits: percent.magnitude < 10 ? 2 : 1) + " %"
  }

  /// Whether a cell stands where the others are only counted.
  static func isShown(_ cell: ComparedCell) -> Bool {
    switch cell.verdict {
    case .regressed, .improved: true
    case .inconclusive, .notComparable: cell.gated
    case .same: false
    }
  }

  /// The cells that are counted and not shown: `7 same, 1 inconclusive`.
  static func folded(_ block: Block) -> String {
    let hidden = block.cells.filter { !isShown($0) }
    let counts = [Verdict.same, .inconclusive, .notComparable].compactMap { verdict in
      let count = hidden.count { $0.verdict == verdict }
      return count == 0
        ? nil : "\(Quantity.count(count)) \(verdict == .notComparable ? "not comparable" : verdict.rawValue)"
    }
    return counts.joined(separator: ", ")
  }

  /// What all cells of a metric say together; nil where nothing can be said, or that nothing changed.
  func summary(of block: Block) -> String? {
    guard let cell = block.cells.first, let summary = outcome.summaries.first(where: { $0.metric == block.metric })
    else { return nil }
    if let base = summary.baseSum, let new = summary.newSum {
      let difference = new - base
      let sign = difference > 0 ? "+" : ""
      guard difference != 0 else { return nil }
      return "sum of all cases: \(Self.figure(base, cell)) → \(Self.figure(new, cell)) "
        + "(\(sign)\(Self.figure(difference, cell)))"
    }
    guard let mean = summary.geometricMeanRatio else { return nil }
    let text = Quantity.fixed(mean, digits: 4)
    guard text != "1.0000" else { return nil }
    return "geometric mean of new ÷ base: \(text) over \(Quantity.count(summary.ratioCells)) "
      + (summary.ratioCells == 1 ? "cell" : "cells")
  }
}
