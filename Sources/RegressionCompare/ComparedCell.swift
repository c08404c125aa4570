package import BenchmarkReport

/// One metric of one case in both reports, and what is said of it.
package struct ComparedCell: Sendable {
  package let caseName: String
  package let metric: Metric
  package let metricClass: MetricClass
  /// Whether the verdict counts for the exit status.
  package let gated: Bool
  /// nil: no value on that side.
  package let base: SampleSummary?
  package let new: SampleSummary?
  /// NEW − BASE in the metric's unit: the Hodges–Lehmann shift, or the difference of the medians of an exact metric.
  package let shift: Double?
  /// The shift above which (below whose negative) a change counts.
  package let margin: Margin
  /// The p-value as tested, before any adjustment; nil for exact metrics, and off the gate where the interval alone
  /// decides.
  package let test: TestResult?
  /// The p-value adjusted over the gated cells of classes quantised and noisy; nil off the gate.
  package internal(set) var adjustedP: Double?
  package internal(set) var verdict: Verdict
  package internal(set) var reason: VerdictReason
  /// The waiver that takes a gated regression off the exit status.
  package internal(set) var waiver: Policy.Waiver?
  /// Rests that count as 0, of leaked bytes alone.
  var tidied: (base: TidiedRests?, new: TidiedRests?) = (nil, nil)

  /// Whether the verdict takes part in the exit status.
  package var counts: Bool { gated && waiver == nil }

  /// The 95 % interval of the shift; nil for exact metrics.
  package var interval: ShiftInterval? { reason.interval }

  /// NEW ÷ BASE by medians; nil where the base is not well above 0: below the margin, one page (bytes) or one object.
  package var ratio: Double? {
    guard let base, let new else { return nil }
    let floor =
      switch metric.unit {
      case .bytes: 4_096.0
      case .objects: 1.0
      case .nanosecondsPerNode: 0.0
      }
    guard base.median > 0, base.median >= floor, base.median >= margin.value else { return nil }
    return new.median / base.median
  }

  /// The reason in words, with a waiver's owner and date.
  package var explanation: String {
    var sentence = reason.sentence(unit: metric.unit, margin: margin.value)
    if tidied.base != nil || tidied.new != nil {
      if reason == .valuesEqual(least: 0, greatest: 0) { sentence = "every sample of both reports counts as 0 bytes" }
      let rests = [("BASE", tidied.base), ("NEW", tidied.new)].map { side, rests in
        "\(rests.map { "up to \(NumberText.bytes($0.greatest))" } ?? "none") in \(side)"
      }
      sentence += "; rests that the thread cache keeps count as 0: \(rests.joined(separator: ", "))"
    }
    guard let waiver else { return sentence }
    return "\(sentence); waived by \(waiver.owner) until \(waiver.expires.description): \(waiver.reason)"
  }
}

/// The values of one side of a cell in short.
package struct SampleSummary: Sendable, Equatable {
  package let count: Int
  package let median: Double
  package let least: Double
  package let greatest: Double

  /// nil for no values; `sorted` is ascending.
  init?(sorted: [Double]) {
    guard let first = sorted.first, let last = sorted.last, let middle = CentralValue.medianOfSorted(sorted)
    else { return nil }
    self.init(count: sorted.count, median: middle, least: first, greatest: last)
  }

  init?(integers: [Int64]) {
    guard let first = integers.first else { return nil }
    // Repeats of an exact metric nearly always agree: then nothing has to be sorted.
    guard integers.allSatisfy({ $0 == first }) else {
      self.init(sorted: integers.map(Double.init).sorted())
      return
    }
    let value = Double(first)
    self.init(count: integers.count, median: value, least: value, greatest: value)
  }

  private init(count: Int, median: Double, least: Double, greatest: Double) {
    self.count = count
    self.median = median
    self.least = least
    self.greatest = greatest
  }
}

/// The margin of a cell: the greatest of three.
package struct Margin: Sendable, Equatable {
  /// From the class or the policy, in the metric's unit.
  package let absolute: Double
  /// The policy's or the class's fraction × |median of BASE|; nil: BASE has no value.
  package let relative: Double?
  /// What this machine's A/A comparison measured; nil: not calibrated, or an exact metric.
  package let noiseFloor: Double?

  package var value: Double {
    var greatest = absolute
    if let relative { greatest = max(greatest, relative) }
    if let noiseFloor { greatest = max(greatest, noiseFloor) }
    return greatest
  }
}
