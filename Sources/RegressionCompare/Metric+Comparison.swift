package import BenchmarkReport

extension Metric {
  /// The metrics that are compared, in the order of the blocks of a table.
  package static let compared = allCases.filter(\.isCompared)

  /// Leaks are summed over the cases; the other metrics are summed up by a geometric mean of ratios.
  package var isSummed: Bool { self == .leakedBytes || self == .leakedObjects }

  /// The position in `compared`, an index into arrays of one element per metric; nil for a metric that is only shown.
  var position: Int? { Self.compared.firstIndex(of: self) }
}

extension MetricClass {
  /// The absolute margin in the metric's own unit of the metrics that have this class by default.
  package var defaultAbsoluteMargin: Double {
    switch self {
    case .exact, .noisy: 0
    case .quantised: 65_536
    }
  }

  /// The absolute margin of those metrics where huge pages could apply.
  package var defaultHugePagesMargin: Double {
    switch self {
    case .exact, .noisy: 0
    case .quantised: 2_097_152
    }
  }

  /// The margin as a fraction of the base's median of those metrics. 0 for resident memory, so that a case
  /// of 100 MB is held to the same 64 KiB as one of 1 MB: the noise of resident memory does not grow with it.
  package var defaultRelativeMargin: Double {
    switch self {
    case .exact, .quantised: 0
    case .noisy: 0.1
    }
  }
}
