import BenchmarkReport

extension VerdictReason {
  /// The reason as a sentence without a full stop. `margin` is the cell's, in `unit`.
  func sentence(unit: Metric.Unit, margin: Double) -> String {
    let width = "the margin of \(NumberText.grouped(margin)) \(unit.rawValue)"
    switch self {
    case .valuesEqual(let least, let greatest):
      if least == greatest {
        return "every sample of both reports is \(NumberText.grouped(least)) \(unit.name(of: least))"
      }
      return "all samples of both reports are \(Self.text(least...greatest)) \(unit.rawValue), within \(width)"
    case .valuesDiffer(let base, let new):
      let change = new - base
      return "changed by \(NumberText.signed(Double(change))) \(unit.name(of: change)), the same in every sample"
    case .rangesApart(let base, let new):
      let side = new.lowerBound > base.upperBound ? "above" : "below"
      return "samples disagree, but all of NEW (\(Self.text(new))) lie \(side) all of BASE (\(Self.text(base)))"
    case .repeatsDisagree(let base, let new):
      return "samples of an exact metric disagree: BASE \(Self.text(base)), NEW \(Self.text(new)); more runs do not "
        + "settle this: find what varies, or give the metric a margin in the policy"
    case .beyondMargin(let interval, let p, let gatedCells):
      return "\(Self.text(interval)) lies beyond \(width); \(Self.text(p: p, gatedCells))"
    case .withinMargin(let interval):
      return "\(Self.text(interval)) lies within \(width)"
    case .acrossMargin(let interval, let runs):
      return "\(Self.text(interval)) reaches across \(width); \(Self.text(runs: runs))"
    case .notSignificant(let interval, let p, let gatedCells, let runs):
      return "\(Self.text(interval)) lies beyond \(width), but p is above \(RunProjection.level): "
        + "\(Self.text(p: p, gatedCells)); \(Self.text(runs: runs))"
    case .adjustmentOutOfReach(let interval, let p, let gatedCells, let smallestP, let runs):
      return "\(Self.text(interval)) lies beyond \(width), but p is above \(RunProjection.level): "
        + "\(Self.text(p: p, gatedCells)); with these runs the smallest possible p is \(NumberText.probability(smallestP)), which times "
        + "\(NumberText.counted(gatedCells, "cell", "cells")) is above \(RunProjection.level), so no lone change can "
        + "pass; \(Self.text(runs: runs))"
    case .tooFewSamples(let base, let new, let needed):
      return "\(NumberText.counted(base, "good sample", "good samples")) in BASE and \(new) in NEW, "
        + "\(needed) a side are needed"
    case .metricMissing(let side):
      return "\(side.rawValue) has no value of this metric"
    }
  }

  private static func text(_ interval: ShiftInterval) -> String {
    "the shift of \(NumberText.signed(interval.shift)) (95 % interval \(NumberText.signed(interval.lower)) to "
      + "\(NumberText.signed(interval.upper)))"
  }

  private static func text(_ range: ClosedRange<Int64>) -> String {
    range.lowerBound == range.upperBound
      ? NumberText.grouped(range.lowerBound)
      : "\(NumberText.grouped(range.lowerBound)) to \(NumberText.grouped(range.upperBound))"
  }

  private static func text(p: Double, _ gatedCells: Int?) -> String {
    guard let gatedCells else { return "p = \(NumberText.probability(p)), off the gate and not adjusted" }
    let family = NumberText.counted(gatedCells, "gated cell", "gated cells")
    return "p = \(NumberText.probability(p)), adjusted over \(family)"
  }

  private static func text(runs: Int?) -> String {
    guard let runs else {
      return "no number of runs up to \(NumberText.grouped(Int64(RunProjection.mostRuns))) is likely to settle it"
    }
    return "about \(NumberText.grouped(Int64(runs))) runs a side would settle it"
  }
}

extension Metric.Unit {
  /// `objects`, and `object` for one.
  fileprivate func name(of value: Int64) -> String {
    self != .nanosecondsPerNode && value.magnitude == 1 ? String(rawValue.dropLast()) : rawValue
  }
}
