/// How a metric's values scatter, which decides how two sets of them are compared.
package enum MetricClass: String, Sendable, CaseIterable {
  /// The same in every run of the same program.
  case exact
  /// Moves by whole pages.
  case quantised
  /// Time.
  case noisy
}

/// A difference within a sample, one value each (MEASUREMENT.md, section 4); lower is better in all that are compared.
package enum Metric: String, CaseIterable, Sendable {
  /// Heap in use, released − before; see `SampleTable.rawLeakedBytes` for what is shown as 0.
  case leakedBytes = "leaked_bytes"
  /// Live objects at released.
  case leakedObjects = "leaked_objects_count"
  /// Heap in use, built − before.
  case builtBytes = "built_bytes"
  /// RSS, built − before.
  case residentBuiltBytes = "resident_built_bytes"
  /// RSS, trimmed − before.
  case residentTrimmedBytes = "resident_trimmed_bytes"
  /// RSS, released − before.
  case residentReleasedBytes = "resident_released_bytes"
  /// The highest peak from built to trimmed, − RSS at before.
  case peakBytes = "peak_bytes"
  /// Nanoseconds of the step to built, divided by nodes.
  case buildNanosecondsPerNode = "build_ns_per_node"
  /// Nanoseconds of the step to released, divided by nodes.
  case releaseNanosecondsPerNode = "release_ns_per_node"
  /// RSS, released − trimmed: what the allocator kept. Shown, not compared.
  case keptBytes = "kept_bytes"
  /// RSS, built − trimmed: what went back to the system. Shown, not compared.
  case returnedBytes = "returned_bytes"

  /// What a value is counted in.
  package enum Unit: String, Sendable {
    case bytes
    case objects
    case nanosecondsPerNode = "ns per node"
  }

  package var unit: Unit {
    switch self {
    case .leakedObjects: .objects
    case .buildNanosecondsPerNode, .releaseNanosecondsPerNode: .nanosecondsPerNode
    default: .bytes
    }
  }

  /// The word in policies, reports and tables.
  package var name: String { rawValue }

  package var metricClass: MetricClass {
    switch self {
    case .leakedBytes, .leakedObjects, .builtBytes: .exact
    case .residentBuiltBytes, .residentTrimmedBytes, .residentReleasedBytes, .peakBytes, .keptBytes, .returnedBytes:
      .quantised
    case .buildNanosecondsPerNode, .releaseNanosecondsPerNode: .noisy
    }
  }

  /// Whether `compare` looks at it.
  package var isCompared: Bool { self != .keptBytes && self != .returnedBytes }

  /// Whether it decides the exit status without a policy that says otherwise.
  package var isGatedByDefault: Bool {
    switch self {
    case .leakedBytes, .leakedObjects, .builtBytes, .residentBuiltBytes, .residentTrimmedBytes: true
    default: false
    }
  }

  /// Whether its values are whole numbers; the others are quotients.
  package var isInteger: Bool { metricClass != .noisy }
}
