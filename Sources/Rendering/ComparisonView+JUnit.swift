import BenchmarkReport
import RegressionCompare

// JUnit's XML as CI systems read it (https://github.com/testmoapp/junitxml): a suite per metric, a test per case.

extension ComparisonView {
  /// What decides the exit status fails here too: regressions, cases that fail in NEW alone, what cannot be compared,
  /// and verdicts that `--fail-on` names.
  package var junit: String {
    var suites = [comparability].compactMap(\.self) + blocks.map(suite)
    if let samples { suites.append(samples) }
    let body = suites.map(\.xml).joined()
    let failures = suites.reduce(0) { $0 + $1.count(of: .failure) }
    let errors = suites.reduce(0) { $0 + $1.count(of: .error) }
    let tests = suites.reduce(0) { $0 + $1.tests.count }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuites name=\"weakspot-bench compare\" tests=\"\(tests)\" failures=\"\(failures)\" "
      + "errors=\"\(errors)\">\n"
      + body + "</testsuites>\n"
  }

  private func suite(_ block: Block) -> TestSuite {
    TestSuite(
      name: block.metric.name,
      tests: block.cells.map { cell in
        Test(
          name: cell.caseName, outcome: outcome(of: cell), kind: Self.verdict(of: cell, in: block),
          text: cell.explanation)
      })
  }

  private func outcome(of cell: ComparedCell) -> Test.Outcome {
    if cell.verdict == .notComparable || cell.waiver != nil { return .skipped }
    guard cell.gated else { return cell.verdict == .same ? .passed : .noted }
    switch cell.verdict {
    case .regressed: return .failure
    case .improved, .inconclusive: return failOn.contains(cell.verdict) ? .failure : .noted
    case .same, .notComparable: return .passed
    }
  }

  /// What stands against comparing, a test each; allowed problems are skipped ones.
  private var comparability: TestSuite? {
    outcome.problems.isEmpty
      ? nil
      : TestSuite(
        name: "comparability",
        tests: outcome.problems.map {
          Test(name: $0.text, outcome: $0.allowed ? .skipped : .error, kind: $0.kind.rawValue, text: $0.text)
        })
  }

  /// Cases of which samples failed.
  private var samples: TestSuite? {
    outcome.failures.isEmpty
      ? nil
      : TestSuite(
        name: "samples",
        tests: outcome.failures.map {
          Test(
            name: $0.caseName, outcome: $0.kind.isRegression ? .failure : .noted, kind: $0.kind.rawValue,
            text: $0.description)
        })
  }
}

private struct Test {
  enum Outcome: String { case passed, noted, skipped, failure, error }

  let name: String
  let outcome: Outcome
  let kind: String
  let text: String

  func xml(in suite: String) -> String {
    let start = "    <testcase classname=\"\(Markup.escaped(suite))\" name=\"\(Markup.escaped(name))\""
    let text = Markup.escaped(text)
    return switch outcome {
    case .passed: start + "/>\n"
    case .noted: start + "><system-out>\(Markup.escaped(kind)): \(text)</system-out></testcase>\n"
    case .skipped: start + "><skipped message=\"\(Markup.escaped(kind)): \(text)\"/></testcase>\n"
    case .failure, .error:
      start + "><\(outcome.rawValue) type=\"\(Markup.escaped(kind))\" message=\"\(text)\"/></testcase>\n"
    }
  }
}

private struct TestSuite {
  let name: String
  let tests: [Test]

  func count(of outcome: Test.Outcome) -> Int { tests.count { $0.outcome == outcome } }

  var xml: String {
    "  <testsuite name=\"\(Markup.escaped(name))\" tests=\"\(tests.count)\" failures=\"\(count(of: .failure))\" "
      + "errors=\"\(count(of: .error))\" skipped=\"\(count(of: .skipped))\">\n"
      + tests.map { $0.xml(in: name) }.joined() + "  </testsuite>\n"
  }
}
