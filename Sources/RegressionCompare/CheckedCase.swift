import BenchmarkReport

/// A case whose values have been found to be possible measurements.
struct CheckedCase {
  let name: String
  let samples: Int
  let failedSamples: Int
  /// By the position in `Metric.compared`; nil: no value.
  let values: [MetricValues.Samples?]
  let seeds: Set<Int64>
  let isSeeded: Bool
  let tidied: TidiedRests?

  /// The greatest magnitude of an integer that statistics in Double keep exact.
  private static let greatestInteger: UInt64 = 1 << 53
  /// The greatest time a node: far beyond any measurement, and no difference of two overflows.
  private static let greatestTime = 1e18

  /// - Throws: `ComparisonError` for a case that is there twice or holds what no measurement gives.
  static func all(of side: ComparisonSide, _ which: ReportSide) throws(ComparisonError) -> [CheckedCase] {
    var names: Set<String> = []
    names.reserveCapacity(side.cases.count)
    var checked: [CheckedCase] = []
    checked.reserveCapacity(side.cases.count)
    for unchecked in side.cases {
      guard names.insert(unchecked.name).inserted else {
        throw .duplicateCase(side: which, caseName: unchecked.name)
      }
      checked.append(try CheckedCase(unchecked, which))
    }
    return checked
  }

  private init(_ unchecked: ComparisonCase, _ side: ReportSide) throws(ComparisonError) {
    name = unchecked.name
    samples = unchecked.samples
    failedSamples = unchecked.failedSamples
    (seeds, isSeeded, tidied) = (unchecked.seeds, unchecked.isSeeded, unchecked.tidied)
    guard samples >= 0, failedSamples >= 0 else {
      throw .countsDisagree(side: side, caseName: name, detail: "a count of samples is negative")
    }
    var slots = [MetricValues.Samples?](repeating: nil, count: Metric.compared.count)
    for values in unchecked.values {
      let metric = values.metric
      guard let position = metric.position else { continue }
      guard slots[position] == nil else {
        throw .duplicateMetric(side: side, caseName: name, metric: metric)
      }
      guard values.samples.count <= samples else {
        throw .countsDisagree(
          side: side, caseName: name,
          detail: "\(metric.rawValue) has \(values.samples.count) values of \(samples) good samples")
      }
      if let fault = Self.fault(in: values.samples, of: metric) {
        throw .damagedValue(
          side: side, caseName: name, metric: metric, sample: fault.sample, value: fault.value)
      }
      switch values.samples {
      case .integers where metric.unit == .nanosecondsPerNode, .reals where metric.unit != .nanosecondsPerNode:
        throw .wrongKind(side: side, caseName: name, metric: metric)
      default: break
      }
      slots[position] = values.samples.count == 0 ? nil : values.samples
    }
    self.values = slots
  }

  /// The first value that no measurement gives.
  private static func fault(
    in samples: MetricValues.Samples, of metric: Metric
  ) -> (sample: Int, value: String)? {
    switch samples {
    case .integers(let values):
      let least: Int64 = metric.unit == .objects ? 0 : .min
      let found = values.firstIndex { $0.magnitude > greatestInteger || $0 < least }
      return found.map { ($0, "\(values[$0])") }
    case .reals(let values):
      let found = values.firstIndex { !($0 >= 0 && $0 <= greatestTime) }
      return found.map { ($0, "\(values[$0])") }
    }
  }
}
