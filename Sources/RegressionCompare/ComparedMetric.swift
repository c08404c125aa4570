/// A difference that is compared, one value per sample (MEASUREMENT.md, section 4). Lower is better in all of them.
/// The order of the cases is the order of the blocks in a table.
package enum ComparedMetric: String, CaseIterable, Sendable {
  /// Heap in use, released − before.
  case leakedBytes = "leaked_bytes"
  /// Live objects at released.
  case leakedObjectsCount = "leaked_objects_count"
  /// Heap in use, built − before.
  case builtBytes = "built_bytes"
  /// Resident memory, built − before.
  case residentBuiltBytes = "resident_built_bytes"
  /// Resident memory, trimmed − before.
  case residentTrimmedBytes = "resident_trimmed_bytes"
  /// Resident memory, released − before.
  case residentReleasedBytes = "resident_released_bytes"
  /// Peak resident memory, peak − before.
  case peakBytes = "peak_bytes"
  /// Time of the step to built, divided by the nodes.
  case buildNanosecondsPerNode = "build_ns_per_node"
  /// Time of the step to released, divided by the nodes.
  case releaseNanosecondsPerNode = "release_ns_per_node"

  /// What a value is counted in.
  package enum Unit: String, Sendable {
    case bytes
    case objects
    case nanosecondsPerNode = "ns per node"
  }

  package var unit: Unit {
    switch self {
    case .leakedObjectsCount: .objects
    case .buildNanosecondsPerNode, .releaseNanosecondsPerNode: .nanosecondsPerNode
    default: .bytes
    }
  }

  /// The class of the metric where the policy does not say otherwise.
  package var defaultClass: MetricClass {
    switch self {
    case .leakedBytes, .leakedObjectsCount, .builtBytes: .exact
    case .residentBuiltBytes, .residentTrimmedBytes, .residentReleasedBytes, .peakBytes: .quantised
    case .buildNanosecondsPerNode, .releaseNanosecondsPerNode: .noisy
    }
  }

  /// Whether a regression of the metric decides the exit status where the policy does not say otherwise.
  package var isGatedByDefault: Bool {
    switch self {
    case .leakedBytes, .leakedObjectsCount, .builtBytes, .residentBuiltBytes, .residentTrimmedBytes: true
    case .residentReleasedBytes, .peakBytes, .buildNanosecondsPerNode, .releaseNanosecondsPerNode: false
    }
  }

  /// Leaks are summed over the cases; the other metrics are summed up by a geometric mean of ratios.
  package var isSummed: Bool { self == .leakedBytes || self == .leakedObjectsCount }

  /// The position in `allCases`, an index into arrays of one element per metric.
  var index: Int {
    switch self {
    case .leakedBytes: 0
    case .leakedObjectsCount: 1
    case .builtBytes: 2
    case .residentBuiltBytes: 3
    case .residentTrimmedBytes: 4
    case .residentReleasedBytes: 5
    case .peakBytes: 6
    case .buildNanosecondsPerNode: 7
    case .releaseNanosecondsPerNode: 8
    }
  }
}

/// How far the repeats of a metric can be trusted, and so by which rule two reports are told apart.
package enum MetricClass: String, CaseIterable, Sendable {
  /// Integers, the same in every repeat.
  case exact
  /// Whole pages, a few apart under load.
  case quantised
  /// Times.
  case noisy

  /// The absolute margin in the metric's own unit where the policy sets none.
  package var defaultAbsoluteMargin: Double {
    switch self {
    case .exact, .noisy: 0
    case .quantised: 65_536
    }
  }

  /// The absolute margin where huge pages could apply and the policy sets none.
  package var defaultHugePagesMargin: Double {
    switch self {
    case .exact, .noisy: 0
    case .quantised: 2_097_152
    }
  }

  /// The margin as a fraction of the base's median where the policy sets none. 0 for resident memory, so that a case
  /// of 100 MB is held to the same 64 KiB as one of 1 MB: the noise of resident memory does not grow with it.
  package var defaultRelativeMargin: Double {
    switch self {
    case .exact, .quantised: 0
    case .noisy: 0.1
    }
  }
}
