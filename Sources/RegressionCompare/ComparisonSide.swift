package import BenchmarkReport

/// One report as the comparison sees it: its cases and the facts that decide whether it can be compared.
package struct ComparisonSide: Sendable {
  /// What messages call the report: usually its file name.
  package var label: String
  package var cases: [ComparisonCase]
  /// The `env_id`s of the rows; more than one distinct, or none, is a comparability problem.
  package var environmentIDs: [String]
  /// Transparent huge pages are `always`, or glibc's hugetlb tunable is set: the floor of resident memory is 2 MiB.
  package var hugePagesPossible: Bool
  /// What the reader of the report warned about; passed on.
  package var warnings: [String]

  package init(
    label: String, cases: [ComparisonCase], environmentIDs: [String], hugePagesPossible: Bool = false,
    warnings: [String] = []
  ) {
    self.label = label
    self.cases = cases
    self.environmentIDs = environmentIDs
    self.hugePagesPossible = hugePagesPossible
    self.warnings = warnings
  }

  /// The distinct environments, in ascending order; an empty `env_id` is none.
  var environments: [String] { Set(environmentIDs).filter { !$0.isEmpty }.sorted() }
}

/// The samples of one case of a report.
package struct ComparisonCase: Sendable {
  /// The `case_id`.
  package var name: String
  /// How many samples have status ok.
  package var samples: Int
  /// How many samples crashed, timed out or ran out of memory.
  package var failedSamples: Int
  /// At most one element per metric; one that was not measured is left out, one that is not compared has no effect.
  package var values: [MetricValues]

  package init(name: String, samples: Int, failedSamples: Int = 0, values: [MetricValues]) {
    self.name = name
    self.samples = samples
    self.failedSamples = failedSamples
    self.values = values
  }
}

/// One value per good sample of one metric.
package struct MetricValues: Sendable {
  package enum Samples: Sendable {
    /// Bytes and objects; magnitudes up to 2⁵³, so that statistics lose nothing.
    case integers([Int64])
    /// Nanoseconds per node; finite and not negative.
    case reals([Double])

    var count: Int {
      switch self {
      case .integers(let values): values.count
      case .reals(let values): values.count
      }
    }
  }

  package var metric: Metric
  package var samples: Samples

  package init(_ metric: Metric, integers: [Int64]) {
    self.metric = metric
    self.samples = .integers(integers)
  }

  package init(_ metric: Metric, reals: [Double]) {
    self.metric = metric
    self.samples = .reals(reals)
  }
}

/// Which of the two reports.
package enum ReportSide: String, Sendable {
  case base = "BASE"
  case new = "NEW"
}
