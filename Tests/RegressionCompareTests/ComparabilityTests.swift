import BenchmarkReport
import RegressionCompare
import Testing

@Suite("Whether two reports can be compared, and the exit status")
struct ComparabilityTests {
  struct Reports: Sendable, CustomTestStringConvertible {
    let name: String
    var base: ComparisonSide
    var new: ComparisonSide
    var differences: [EnvironmentDifference] = []
    var allowed: Set<ComparabilityProblem.Kind> = []
    let exit: ComparisonExit
    var problems: [ComparabilityProblem.Kind] = []

    var testDescription: String { name }
  }

  private static let glibc = EnvironmentDifference(fact: "glibc", base: "2.36", new: "2.39", changesMemory: true)
  private static let kernel = EnvironmentDifference(fact: "kernel", base: "6.1", new: nil, changesMemory: false)
  private static let elsewhere = Build.side([Build.leak("a", 0), Build.leak("b", 4_800)], environment: ["other"])

  private static let table: [Reports] = [
    Reports(name: "nothing changed", base: Build.clean, new: Build.clean, exit: .ok),
    Reports(name: "a leak from 0 to N", base: Build.clean, new: Build.leaking, exit: .regressed),
    Reports(name: "an improvement", base: Build.leaking, new: Build.clean, exit: .ok),
    Reports(
      name: "a case missing in NEW", base: Build.clean, new: Build.side([Build.leak("a", 0)]), exit: .notComparable,
      problems: [.missing]),
    Reports(
      name: "a case missing in BASE", base: Build.side([Build.leak("a", 0)]), new: Build.clean, exit: .notComparable,
      problems: [.missing]),
    Reports(
      name: "a missing case allowed", base: Build.clean, new: Build.side([Build.leak("a", 0)]), allowed: [.missing],
      exit: .ok,
      problems: [.missing]),
    Reports(
      name: "a regression beside a missing case", base: Build.clean, new: Build.side([Build.leak("b", 8)]),
      exit: .regressed,
      problems: [.missing]),
    Reports(
      name: "another environment outranks a regression", base: Build.clean, new: elsewhere, differences: [glibc],
      exit: .notComparable, problems: [.environment]),
    Reports(
      name: "another environment without facts", base: Build.clean, new: elsewhere, exit: .notComparable,
      problems: [.environment]),
    Reports(
      name: "another environment allowed", base: Build.clean, new: elsewhere, differences: [glibc],
      allowed: [.environment], exit: .regressed, problems: [.environment]),
    Reports(name: "another kernel is a warning", base: Build.clean, new: Build.clean, differences: [kernel], exit: .ok),
    Reports(
      name: "one report of two environments",
      base: Build.side([Build.leak("a", 0)], environment: ["x", "y"]),
      new: Build.side([Build.leak("a", 0)], environment: ["y", "x"]), exit: .notComparable,
      problems: [.environment, .environment]),
    Reports(
      name: "no environment given", base: Build.side([Build.leak("a", 0)], environment: []),
      new: Build.side([Build.leak("a", 0)], environment: [""]), exit: .notComparable,
      problems: [.environment, .environment]),
    Reports(
      name: "no case in common", base: Build.side([Build.leak("a", 0)]), new: Build.side([Build.leak("b", 0)]),
      allowed: [.missing], exit: .notComparable, problems: [.missing, .missing, .nothingCompared]),
    Reports(
      name: "two empty reports, everything allowed", base: Build.side([]), new: Build.side([]),
      allowed: Set(ComparabilityProblem.Kind.allCases), exit: .notComparable, problems: [.nothingCompared]),
    Reports(
      name: "only failed samples on both sides", base: Build.side([Build.failing("a")]),
      new: Build.side([Build.failing("a")]),
      allowed: Set(ComparabilityProblem.Kind.allCases), exit: .notComparable,
      problems: [.tooFewSamples, .nothingCompared]),
    Reports(
      name: "only failed samples in NEW", base: Build.side([Build.leak("a", 0)]), new: Build.side([Build.failing("a")]),
      exit: .regressed, problems: [.tooFewSamples, .nothingCompared]),
    Reports(
      name: "one case fails in NEW alone", base: Build.clean,
      new: Build.side([Build.leak("a", 0), Build.failing("b")]),
      exit: .regressed, problems: [.tooFewSamples]),
    Reports(
      name: "one sample fails in NEW alone", base: Build.clean,
      new: Build.side([Build.leak("a", 0), Build.leak("b", 0, failed: 1)]),
      exit: .regressed),
    Reports(
      name: "samples fail on both sides", base: Build.side([Build.leak("a", 0), Build.leak("b", 0, failed: 1)]),
      new: Build.side([Build.leak("a", 0), Build.leak("b", 0, failed: 2)]), exit: .ok),
    Reports(
      name: "every sample fails in NEW, some in BASE",
      base: Build.side([Build.leak("a", 0), Build.leak("b", 0, failed: 1)]),
      new: Build.side([Build.leak("a", 0), Build.failing("b")]), exit: .regressed, problems: [.tooFewSamples]),
    Reports(
      name: "every sample fails in NEW, some in BASE, too few allowed",
      base: Build.side([Build.leak("a", 0), Build.leak("b", 0, failed: 1)]),
      new: Build.side([Build.leak("a", 0), Build.failing("b")]),
      allowed: [.tooFewSamples], exit: .regressed, problems: [.tooFewSamples]),
    Reports(
      name: "every sample fails in NEW, in another environment", base: Build.side([Build.leak("a", 0, failed: 1)]),
      new: Build.side([Build.failing("a")]), differences: [glibc], exit: .notComparable,
      problems: [.environment, .tooFewSamples, .nothingCompared]),
    Reports(
      name: "samples fail in BASE alone", base: Build.side([Build.leak("a", 0, failed: 2)]),
      new: Build.side([Build.leak("a", 0)]), exit: .ok),
    Reports(
      name: "a new case that fails", base: Build.side([Build.leak("a", 0)]),
      new: Build.side([Build.leak("a", 0), Build.failing("b")]), allowed: [.missing], exit: .regressed,
      problems: [.missing]),
  ]

  @Test("the exit status and the problems", arguments: table)
  func exitStatus(_ reports: Reports) throws {
    let today = try #require(Build.today)
    let outcome = try Comparison(allowed: reports.allowed, today: today).outcome(
      base: reports.base, new: reports.new, environmentDifferences: reports.differences)
    #expect(outcome.exitStatus() == reports.exit)
    #expect(outcome.problems.map(\.kind) == reports.problems)
    #expect(outcome.problems.allSatisfy { !$0.text.isEmpty })
  }

  @Test("a run that stands on both sides proves nothing, whatever else differs")
  func sameRun() throws {
    let today = try #require(Build.today)
    let base = Build.side([Build.leak("a", 0)], runs: ["r1", "r2"])
    for (runs, kinds) in [(["r3"], []), (["r2", "r3"], [ComparabilityProblem.Kind.sameRun]), ([], [])] {
      let outcome = try Comparison(today: today).outcome(
        base: base, new: Build.side([Build.leak("a", 4_800)], runs: runs))
      #expect(outcome.problems.map(\.kind) == kinds)
      #expect(outcome.exitStatus() == (kinds.isEmpty ? .regressed : .notComparable))
    }
    let allowed = try Comparison(allowed: [.sameRun], today: today).outcome(base: base, new: base)
    #expect(
      allowed.problems.map(\.text) == ["BASE and NEW hold the same run, r1 and 1 more; a run always equals itself"])
    #expect(allowed.exitStatus() == .ok)
  }

  private static func drawn(_ name: String, _ seeds: Set<Int64>, isSeeded: Bool) -> ComparisonCase {
    var item = Build.leak(name, 0)
    (item.seeds, item.isSeeded) = (seeds, isSeeded)
    return item
  }

  @Test("graphs drawn by another seed are other graphs; elsewhere another seed is a warning")
  func seeds() throws {
    let today = try #require(Build.today)
    func outcome(
      _ base: Set<Int64>, _ new: Set<Int64>, isSeeded: Bool, allowed: Set<ComparabilityProblem.Kind> = []
    ) throws -> ComparisonOutcome {
      try Comparison(allowed: allowed, today: today).outcome(
        base: Build.side([Self.drawn("a", base, isSeeded: isSeeded), Build.leak("b", 0)]),
        new: Build.side([Self.drawn("a", new, isSeeded: isSeeded), Build.leak("b", 4_800)]))
    }
    let other = try outcome([1], [2, 3, 4, 5], isSeeded: true)
    #expect(other.problems.map(\.kind) == [.environment])
    #expect(
      other.problems.map(\.text)
        == ["the graphs of 1 case are drawn by a seed that differs, first a; seed: 1 → 2, 3, 4, …"])
    #expect(other.environmentDifferences.map(\.changesMemory) == [true])
    #expect(other.exitStatus() == .notComparable)
    #expect(try outcome([1], [2], isSeeded: true, allowed: [.environment]).exitStatus() == .regressed)
    let ordered = try outcome([1], [2], isSeeded: false)
    let difference = EnvironmentDifference(fact: "seed", base: "1", new: "2", changesMemory: false)
    #expect(ordered.problems.isEmpty && ordered.warnings == [.environmentDiffers(difference)])
    #expect(ordered.environmentDifferences == [difference])
    for same in [try outcome([1, 2], [2, 1], isSeeded: true), try outcome([], [1], isSeeded: true)] {
      #expect(same.problems.isEmpty && same.warnings.isEmpty)
    }
  }

  @Test("good samples without a reading are a missing part on the gate, and a warning off it")
  func missingReadings() throws {
    let today = try #require(Build.today)
    func side(_ built: Int, _ peak: Int) -> ComparisonSide {
      Build.side([
        Build.item(
          "a", MetricValues(.leakedBytes, integers: [0, 0, 0]),
          MetricValues(.builtBytes, integers: Array(repeating: 48, count: built)),
          MetricValues(.peakBytes, integers: Array(repeating: 4_096, count: peak)))
      ])
    }
    let outcome = try Comparison(today: today).outcome(base: side(3, 3), new: side(2, 1))
    #expect(outcome.problems.map(\.text) == ["NEW has 2 of 3 values of built_bytes of a"])
    #expect(outcome.problems.map(\.kind) == [.missing])
    #expect(outcome.exitStatus() == .notComparable)
    let first = "NEW has 1 of 3 values of peak_bytes of a"
    #expect(outcome.warnings == [.readingsMissing(cells: 1, first: first)])
    #expect(outcome.warnings[0].description == "good samples lack a reading in 1 cell off the gate: \(first)")
    let allowed = try Comparison(allowed: [.missing], today: today).outcome(base: side(2, 3), new: side(3, 3))
    #expect(allowed.problems.map(\.text) == ["BASE has 2 of 3 values of built_bytes of a"])
    #expect(allowed.exitStatus() == .ok)
  }

  @Test("a gated metric that one case alone lacks in both reports is a missing part")
  func absentInBoth() throws {
    let today = try #require(Build.today)
    let full = Build.item("a", MetricValues(.leakedBytes, integers: [0]), MetricValues(.builtBytes, integers: [48]))
    let side = Build.side([full, Build.leak("b", 0), Build.failing("c")])
    let outcome = try Comparison(allowed: [.tooFewSamples], today: today).outcome(base: side, new: side)
    #expect(
      outcome.problems.filter { !$0.allowed }.map(\.text)
        == ["neither report has a value of built_bytes of b, but of other cases"])
    #expect(outcome.exitStatus() == .notComparable)
  }

  @Test("a gated metric that one report lacks is a missing part, one off the gate is not")
  func missingMetric() throws {
    let today = try #require(Build.today)
    let full = Build.item(
      "a", MetricValues(.leakedBytes, integers: [0]), MetricValues(.builtBytes, integers: [48]),
      MetricValues(.peakBytes, integers: [4_096]))
    let outcome = try Comparison(today: today).outcome(
      base: Build.side([full]), new: Build.side([Build.leak("a", 0)]))
    #expect(outcome.cells.map(\.verdict) == [.same, .notComparable, .notComparable])
    #expect(outcome.cells.map(\.reason.code) == ["values-equal", "metric-missing", "metric-missing"])
    #expect(outcome.problems.map(\.text) == ["NEW has no built_bytes of a"])
    #expect(outcome.exitStatus() == .notComparable)
  }

  @Test("a policy that gates nothing does not pass")
  func gateThatCannotFail() throws {
    let today = try #require(Build.today)
    let open = Policy(rules: [Policy.Rule(metrics: ["*"], gated: false)])
    let outcome = try Comparison(policy: open, today: today).outcome(base: Build.clean, new: Build.leaking)
    #expect(outcome.problems.map(\.kind) == [.nothingCompared])
    #expect(outcome.exitStatus() == .notComparable)
  }
}
