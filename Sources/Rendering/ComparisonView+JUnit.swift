import BenchmarkReport
import RegressionCompare

// JUnit's XML as CI systems read it (https://github.com/testmoapp/junitxml): a suite per metric, a test per case.

extension ComparisonView {
  /// What decides the exit status fails here too: regressions, cases that fail in NEW alone, what cannot be compared,
  /// and verdicts that `--fail-on` names.
  package var junit: String {
    var suites = [comparability].compactMap(\.self) + blocks.map(suite)
    if let samples { suites.append(samples) }
    let failures = suites.reduce(0) { $0 + $1.count(of: .failure) }
    let errors = suites.reduce(0) { $0 + $1.count(of: .error) }
    let tests = suites.reduce(0) { $0 + $1.tests.count }
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    xml += "<testsuites name=\"weakspot-bench compare\" tests=\"\(tests)\" failures=\"\(failures)\" "
    xml += "errors=\"\(errors)\">\n"
    for suite in suites { suite.write(to: &xml) }
    return xml + "</testsuites>\n"
  }

  private func suite(_ block: Block) -> TestSuite {
    TestSuite(
      name: block.metric.name,
      tests: block.cells.map { cell in
        Test(
          name: cell.caseName, outcome: outcome(of: cell), kind: Self.verdict(of: cell, in: block),
          text: { cell.explanation })
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
        tests: outcome.problems.map { problem in
          Test(
            name: problem.text, outcome: problem.allowed ? .skipped : .error, kind: problem.kind.rawValue,
            text: { problem.text })
        })
  }

  /// Cases of which samples failed.
  private var samples: TestSuite? {
    outcome.failures.isEmpty
      ? nil
      : TestSuite(
        name: "samples",
        tests: outcome.failures.map { failure in
          Test(
            name: failure.caseName, outcome: failure.kind.isRegression ? .failure : .noted,
            kind: failure.kind.rawValue, text: { failure.description })
        })
  }
}

private struct Test {
  enum Outcome: String { case passed, noted, skipped, failure, error }

  let name: String
  let outcome: Outcome
  let kind: String
  /// Made when it is written: a test that passed has none.
  let text: () -> String

  /// - Parameter suite: The suite's name, escaped.
  func write(to xml: inout String, in suite: String) {
    xml += "    <testcase classname=\"\(suite)\" name=\""
    Markup.append(name, to: &xml)
    xml += "\""
    switch outcome {
    case .passed:
      xml += "/>\n"
    case .noted:
      xml += "><system-out>"
      Markup.append("\(kind): \(text())", to: &xml)
      xml += "</system-out></testcase>\n"
    case .skipped:
      xml += "><skipped message=\""
      Markup.append("\(kind): \(text())", to: &xml)
      xml += "\"/></testcase>\n"
    case .failure, .error:
      xml += "><\(outcome.rawValue) type=\""
      Markup.append(kind, to: &xml)
      xml += "\" message=\""
      Markup.append(text(), to: &xml)
      xml += "\"/></testcase>\n"
    }
  }
}

private struct TestSuite {
  let name: String
  let tests: [Test]

  func count(of outcome: Test.Outcome) -> Int { tests.count { $0.outcome == outcome } }

  func write(to xml: inout String) {
    let name = Markup.escaped(name)
    xml += "  <testsuite name=\"\(name)\" tests=\"\(tests.count)\" failures=\"\(count(of: .failure))\" "
    xml += "errors=\"\(count(of: .error))\" skipped=\"\(count(of: .skipped))\">\n"
    for test in tests { test.write(to: &xml, in: name) }
    xml += "  </testsuite>\n"
  }
}
