package import BenchmarkReport

/// One report as the comparison sees it: its cases and the facts that decide whether it can be compared.
package struct ComparisonSide: Sendable {
  /// What messages call the report: usually its file name.
  package var label: String
  package var cases: [ComparisonCase]
  /// The `env_id`s of the rows; more than one distinct, or none, is a comparability problem.
  package var environmentIDs: [String]
  /// The `run_id`s of the rows: a run is not compared with itself.
  package var runIDs: [String]
  package var hugePages: HugePages
  /// What the reader of the report warned about; passed on.
  package var warnings: [String]

  package init(
    label: String, cases: [ComparisonCase], environmentIDs: [String], runIDs: [String] = [],
    hugePages: HugePages = .notExpected, warnings: [String] = []
  ) {
    self.label = label
    self.cases = cases
    self.environmentIDs = environmentIDs
    self.runIDs = runIDs
    self.hugePages = hugePages
    self.warnings = warnings
  }

  /// The distinct environments, in ascending order; an empty `env_id` is none.
  var environments: [String] { Set(environmentIDs).filter { !$0.isEmpty }.sorted() }
}

/// Whether malloc's memory could lie on huge pages, and how that is known.
package enum HugePages: Sendable, Equatable {
  case notExpected
  /// By this fact of the meta file.
  case stated(String)
  /// There is no meta file, and a checkpoint has some.
  case seen
}

/// Leaked bytes that count as 0, as every object was deinited and less than `SampleTable.tidyLimit` is left.
package struct TidiedRests: Sendable, Equatable {
  /// In how many samples.
  package var samples: Int
  /// The greatest magnitude, in bytes.
  package var greatest: UInt64

  package init(samples: Int, greatest: UInt64) {
    self.samples = samples
    self.greatest = greatest
  }
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
  /// The seeds of its graphs; empty: not known.
  package var seeds: Set<Int64>
  /// Whether another seed makes another graph.
  package var isSeeded: Bool
  /// nil: no sample has such a rest.
  package var tidied: TidiedRests?

  package init(
    name: String, samples: Int, failedSamples: Int = 0, values: [MetricValues], seeds: Set<Int64> = [],
    isSeeded: Bool = false, tidied: TidiedRests? = nil
  ) {
    self.seeds = seeds
    self.isSeeded = isSeeded
    self.tidied = tidied
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
