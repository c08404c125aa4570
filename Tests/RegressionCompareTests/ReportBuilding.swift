import BenchmarkReport
import RegressionCompare

/// Reports written in a line.
enum Build {
  static let today = CalendarDay("2026-11-23")

  static func side(
    _ cases: [ComparisonCase], environment: [String] = ["env"], runs: [String] = [], hugePages: HugePages = .notExpected
  ) -> ComparisonSide {
    ComparisonSide(
      label: "report.csv", cases: cases, environmentIDs: environment, runIDs: runs, hugePages: hugePages)
  }

  static func item(_ name: String, failed: Int = 0, _ values: MetricValues...) -> ComparisonCase {
    item(name, failed: failed, values)
  }

  static func item(_ name: String, failed: Int = 0, _ values: [MetricValues]) -> ComparisonCase {
    let samples = values.map { values in
      switch values.samples {
      case .integers(let list): list.count
      case .reals(let list): list.count
      }
    }
    return ComparisonCase(name: name, samples: samples.max() ?? 0, failedSamples: failed, values: values)
  }

  /// A case that leaks so many bytes in each of three samples.
  static func leak(_ name: String, _ bytes: Int64, failed: Int = 0) -> ComparisonCase {
    item(name, failed: failed, MetricValues(.leakedBytes, integers: [bytes, bytes, bytes]))
  }

  static func failing(_ name: String) -> ComparisonCase {
    ComparisonCase(name: name, samples: 0, failedSamples: 3, values: [])
  }

  static let clean = side([leak("a", 0), leak("b", 0)])
  static let leaking = side([leak("a", 0), leak("b", 4_800)])

  /// Ten values near `level`, a page apart at most.
  static func pages(_ level: Int64, count: Int = 10) -> [Int64] {
    (0..<count).map { level + Int64($0 % 2) * 4_096 }
  }
}
