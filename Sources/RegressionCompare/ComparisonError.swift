package import BenchmarkReport

/// Input that is damaged, so that nothing true could be said of it: never a verdict, never "no regression".
package enum ComparisonError: Error, Equatable, CustomStringConvertible {
  /// A value that no measurement gives: NaN, infinite, beyond 2⁵³, a negative time or count.
  case damagedValue(side: ReportSide, caseName: String, metric: Metric, sample: Int, value: String)
  /// Integers where times are due, or the reverse.
  case wrongKind(side: ReportSide, caseName: String, metric: Metric)
  /// The same case twice in one report.
  case duplicateCase(side: ReportSide, caseName: String)
  /// The same metric twice in one case.
  case duplicateMetric(side: ReportSide, caseName: String, metric: Metric)
  /// Negative counts, or more values than good samples.
  case countsDisagree(side: ReportSide, caseName: String, detail: String)
  /// The policy, at a line and column of its text (both from 1) and a key's path (`rules[2].relative`; empty: none).
  case damagedPolicy(line: Int, column: Int, path: String, fact: String)

  package var description: String {
    switch self {
    case .damagedValue(let side, let caseName, let metric, let sample, let value):
      "\(side.rawValue), case \(caseName), \(metric.rawValue): sample \(sample + 1) is \(value), "
        + "which is no measurement; the report is damaged: measure it again"
    case .wrongKind(let side, let caseName, let metric):
      "\(side.rawValue), case \(caseName), \(metric.rawValue): the values are of the wrong kind "
        + "(bytes and objects are integers, times are decimal numbers)"
    case .duplicateCase(let side, let caseName):
      "\(side.rawValue) has the case \(caseName) twice; give each case once"
    case .duplicateMetric(let side, let caseName, let metric):
      "\(side.rawValue), case \(caseName) has \(metric.rawValue) twice; give each metric once"
    case .countsDisagree(let side, let caseName, let detail):
      "\(side.rawValue), case \(caseName): \(detail); the report is damaged: measure it again"
    case .damagedPolicy(let line, let column, let path, let fact):
      "policy, line \(line), column \(column)\(path.isEmpty ? "" : ", at \(path)"): \(fact)"
    }
  }
}
