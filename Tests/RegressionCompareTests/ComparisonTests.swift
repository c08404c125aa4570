import BenchmarkReport
import RegressionCompare
import Testing

@Suite("Comparisons of whole reports")
struct ComparisonTests {
  private static func leak(_ name: String, _ bytes: Int64, failed: Int = 0) -> ComparisonCase {
    Build.item(name, failed: failed, MetricValues(.leakedBytes, integers: [bytes, bytes, bytes]))
  }

  private static func failing(_ name: String) -> ComparisonCase {
    ComparisonCase(name: name, samples: 0, failedSamples: 3, values: [])
  }

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
  private static let clean = Build.side([leak("a", 0), leak("b", 0)])
  private static let leaking = Build.side([leak("a", 0), leak("b", 4_800)])
  private static let elsewhere = Build.side([leak("a", 0), leak("b", 4_800)], environment: ["other"])

  private static let table: [Reports] = [
    Reports(name: "nothing changed", base: clean, new: clean, exit: .ok),
    Reports(name: "a leak from 0 to N", base: clean, new: leaking, exit: .regressed),
    Reports(name: "an improvement", base: leaking, new: clean, exit: .ok),
    Reports(
      name: "a case missing in NEW", base: clean, new: Build.side([leak("a", 0)]), exit: .notComparable,
      problems: [.missing]),
    Reports(
      name: "a case missing in BASE", base: Build.side([leak("a", 0)]), new: clean, exit: .notComparable,
      problems: [.missing]),
    Reports(
      name: "a missing case allowed", base: clean, new: Build.side([leak("a", 0)]), allowed: [.missing], exit: .ok,
      problems: [.missing]),
    Reports(
      name: "a regression beside a missing case", base: clean, new: Build.side([leak("b", 8)]), exit: .regressed,
      problems: [.missing]),
    Reports(
      name: "another environment outranks a regression", base: clean, new: elsewhere, differences: [glibc],
      exit: .notComparable, problems: [.environment]),
    Reports(
      name: "another environment without facts", base: clean, new: elsewhere, exit: .notComparable,
      problems: [.environment]),
    Reports(
      name: "another environment allowed", base: clean, new: elsewhere, differences: [glibc],
      allowed: [.environment], exit: .regressed, problems: [.environment]),
    Reports(name: "another kernel is a warning", base: clean, new: clean, differences: [kernel], exit: .ok),
    Reports(
      name: "one report of two environments",
      base: Build.side([leak("a", 0)], environment: ["x", "y"]),
      new: Build.side([leak("a", 0)], environment: ["y", "x"]), exit: .notComparable,
      problems: [.environment, .environment]),
    Reports(
      name: "no environment given", base: Build.side([leak("a", 0)], environment: []),
      new: Build.side([leak("a", 0)], environment: [""]), exit: .notComparable,
      problems: [.environment, .environment]),
    Reports(
      name: "no case in common", base: Build.side([leak("a", 0)]), new: Build.side([leak("b", 0)]),
      allowed: [.missing], exit: .notComparable, problems: [.missing, .missing, .nothingCompared]),
    Reports(
      name: "two empty reports, everything allowed", base: Build.side([]), new: Build.side([]),
      allowed: Set(ComparabilityProblem.Kind.allCases), exit: .notComparable, problems: [.nothingCompared]),
    Reports(
      name: "only failed samples on both sides", base: Build.side([failing("a")]), new: Build.side([failing("a")]),
      allowed: Set(ComparabilityProblem.Kind.allCases), exit: .notComparable,
      problems: [.tooFewSamples, .nothingCompared]),
    Reports(
      name: "only failed samples in NEW", base: Build.side([leak("a", 0)]), new: Build.side([failing("a")]),
      exit: .regressed, problems: [.tooFewSamples, .nothingCompared]),
    Reports(
      name: "one case fails in NEW alone", base: clean, new: Build.side([leak("a", 0), failing("b")]),
      exit: .regressed, problems: [.tooFewSamples]),
    Reports(
      name: "one sample fails in NEW alone", base: clean, new: Build.side([leak("a", 0), leak("b", 0, failed: 1)]),
      exit: .regressed),
    Reports(
      name: "samples fail on both sides", base: Build.side([leak("a", 0), leak("b", 0, failed: 1)]),
      new: Build.side([leak("a", 0), leak("b", 0, failed: 2)]), exit: .ok),
    Reports(
      name: "every sample fails in NEW, some in BASE", base: Build.side([leak("a", 0), leak("b", 0, failed: 1)]),
      new: Build.side([leak("a", 0), failing("b")]), exit: .regressed, problems: [.tooFewSamples]),
    Reports(
      name: "every sample fails in NEW, some in BASE, too few allowed",
      base: Build.side([leak("a", 0), leak("b", 0, failed: 1)]), new: Build.side([leak("a", 0), failing("b")]),
      allowed: [.tooFewSamples], exit: .regressed, problems: [.tooFewSamples]),
    Reports(
      name: "every sample fails in NEW, in another environment", base: Build.side([leak("a", 0, failed: 1)]),
      new: Build.side([failing("a")]), differences: [glibc], exit: .notComparable,
      problems: [.environment, .tooFewSamples, .nothingCompared]),
    Reports(
      name: "samples fail in BASE alone", base: Build.side([leak("a", 0, failed: 2)]),
      new: Build.side([leak("a", 0)]), exit: .ok),
    Reports(
      name: "a new case that fails", base: Build.side([leak("a", 0)]),
      new: Build.side([leak("a", 0), failing("b")]), allowed: [.missing], exit: .regressed, problems: [.missing]),
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
    let base = Build.side([Self.leak("a", 0)], runs: ["r1", "r2"])
    for (runs, kinds) in [(["r3"], []), (["r2", "r3"], [ComparabilityProblem.Kind.sameRun]), ([], [])] {
      let outcome = try Comparison(today: today).outcome(
        base: base, new: Build.side([Self.leak("a", 4_800)], runs: runs))
      #expect(outcome.problems.map(\.kind) == kinds)
      #expect(outcome.exitStatus() == (kinds.isEmpty ? .regressed : .notComparable))
    }
    let allowed = try Comparison(allowed: [.sameRun], today: today).outcome(base: base, new: base)
    #expect(
      allowed.problems.map(\.text) == ["BASE and NEW hold the same run, r1 and 1 more; a run always equals itself"])
    #expect(allowed.exitStatus() == .ok)
  }

  private static func drawn(_ name: String, _ seeds: Set<Int64>, isSeeded: Bool) -> ComparisonCase {
    var item = leak(name, 0)
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
        base: Build.side([Self.drawn("a", base, isSeeded: isSeeded), Self.leak("b", 0)]),
        new: Build.side([Self.drawn("a", new, isSeeded: isSeeded), Self.leak("b", 4_800)]))
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

  @Test("the margin of 2 MiB is told with its reason; NEW's readings alone do not bring it")
  func hugePages() throws {
    let today = try #require(Build.today)
    func outcome(_ base: HugePages, _ new: HugePages) throws -> ComparisonOutcome {
      func side(_ level: Int64, _ hugePages: HugePages) -> ComparisonSide {
        Build.side(
          [Build.item("c", MetricValues(.residentBuiltBytes, integers: Build.pages(level)))], hugePages: hugePages)
      }
      return try Comparison(today: today).outcome(base: side(1 << 20, base), new: side(2 << 20, new))
    }
    let always = HugePages.stated("transparentHugePages is always")
    for (base, new, reason) in [
      (always, .notExpected, "transparentHugePages is always in BASE"),
      (.notExpected, always, "transparentHugePages is always in NEW"),
      (.seen, .notExpected, "BASE has no meta file, and checkpoints with huge pages"),
    ] as [(HugePages, HugePages, String)] {
      let outcome = try outcome(base, new)
      #expect(outcome.cells.map(\.verdict) == [.same])
      #expect(outcome.warnings == [.hugePagesMargin(reason: reason)])
      #expect(outcome.warnings[0].description.contains(reason))
    }
    for new in [HugePages.notExpected, .seen] {
      let outcome = try outcome(.notExpected, new)
      #expect(outcome.cells.map(\.verdict) == [.regressed])
      #expect(outcome.warnings.isEmpty)
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
    let side = Build.side([full, Self.leak("b", 0), Self.failing("c")])
    let outcome = try Comparison(allowed: [.tooFewSamples], today: today).outcome(base: side, new: side)
    #expect(
      outcome.problems.filter { !$0.allowed }.map(\.text)
        == ["neither report has a value of built_bytes of b, but of other cases"])
    #expect(outcome.exitStatus() == .notComparable)
  }

  @Test("leaked bytes that count as 0 are told with what they were, and where the sides differ")
  func rests() throws {
    let today = try #require(Build.today)
    func side(_ rests: [UInt64]) -> ComparisonSide {
      Build.side(
        rests.enumerated().map { index, rest in
          var item = Self.leak("c\(index)", 0)
          item.tidied = rest == 0 ? nil : TidiedRests(samples: 3, greatest: rest)
          return item
        })
    }
    let outcome = try Comparison(today: today).outcome(base: side([240, 240, 0]), new: side([240, 256, 4_095]))
    #expect(outcome.exitStatus() == .ok)
    #expect(
      outcome.warnings == [
        .restsCountAsZero(base: TidiedRests(samples: 6, greatest: 240), new: TidiedRests(samples: 9, greatest: 4_095)),
        .restsDiffer(cases: 2, widest: "c2", base: 0, new: 4_095),
      ])
    #expect(
      outcome.warnings[0].description.contains("in 6 samples of BASE, raw up to 240 bytes, and in 9 samples of NEW"))
    #expect(
      outcome.cells[2].explanation
        == "every sample of both reports counts as 0 bytes; rests that the thread cache keeps "
        + "count as 0: none in BASE, up to 4,095 bytes in NEW")
    #expect(try Comparison(today: today).outcome(base: side([0]), new: side([0])).warnings.isEmpty)
  }

  @Test("failures are named in the conclusion, and a greater share of them is a warning")
  func failures() throws {
    let today = try #require(Build.today)
    func outcome(base: Int, new: Int) throws -> ComparisonOutcome {
      try Comparison(today: today).outcome(
        base: Build.side([Self.leak("a", 0), Self.leak("b", 0, failed: base)]),
        new: Build.side([Self.leak("a", 0), Self.leak("b", 0, failed: new)]))
    }
    let more = try outcome(base: 1, new: 2)
    #expect(more.exitStatus() == .ok)
    #expect(more.conclusion().reason == "nothing regressed in 2 gated cells; samples of 1 case failed")
    #expect(
      more.warnings == [.moreFailures(caseName: "b", baseFailed: 1, baseTotal: 4, newFailed: 2, newTotal: 5)])
    #expect(more.warnings[0].description == "b: more samples fail in NEW, 2 of 5, than in BASE, 1 of 4")
    for (base, new) in [(1, 1), (2, 1), (1, 0)] { #expect(try outcome(base: base, new: new).warnings.isEmpty) }
    let lost = try Comparison(allowed: [.tooFewSamples], today: today).outcome(
      base: Build.side([Self.leak("a", 0), Self.leak("b", 0, failed: 1)]),
      new: Build.side([Self.leak("a", 0), Self.failing("b")]))
    #expect(lost.failures.map(\.kind) == [.newAll])
    #expect(lost.conclusion().reason == "every sample of 1 case fails in NEW, first of b")
  }

  @Test("improvements and inconclusive cells fail only if they are named")
  func failOn() throws {
    let today = try #require(Build.today)
    let outcome = try Comparison(today: today).outcome(base: Self.leaking, new: Self.clean)
    #expect(outcome.counts(gated: true).improved == 1)
    #expect(outcome.exitStatus(failOn: [.inconclusive]) == .ok)
    #expect(outcome.exitStatus(failOn: [.improved]) == .regressed)
  }

  struct Damage: Sendable {
    let values: [MetricValues]
    var samples = 3
    let fact: String
  }

  @Test(
    "damaged values are errors that name case, metric and sample, never a verdict",
    arguments: [
      Damage(values: [MetricValues(.buildNanosecondsPerNode, reals: [1, .nan, 2])], fact: "sample 2 is nan"),
      Damage(values: [MetricValues(.buildNanosecondsPerNode, reals: [1, 2, .infinity])], fact: "sample 3 is inf"),
      Damage(values: [MetricValues(.buildNanosecondsPerNode, reals: [-1, 2])], fact: "sample 1 is -1.0"),
      Damage(values: [MetricValues(.leakedBytes, integers: [.max])], fact: "sample 1 is 9223372036854775807"),
      Damage(values: [MetricValues(.leakedBytes, integers: [.min])], fact: "sample 1 is -9223372036854775808"),
      Damage(values: [MetricValues(.leakedObjects, integers: [0, -1])], fact: "sample 2 is -1"),
      Damage(values: [MetricValues(.leakedBytes, reals: [1])], fact: "wrong kind"),
      Damage(values: [MetricValues(.buildNanosecondsPerNode, integers: [1])], fact: "wrong kind"),
      Damage(values: [MetricValues(.leakedBytes, integers: [1, 2, 3, 4])], fact: "4 values of 3 good samples"),
      Damage(values: [], samples: -1, fact: "negative"),
      Damage(
        values: [MetricValues(.leakedBytes, integers: [1]), MetricValues(.leakedBytes, integers: [1])], fact: "twice"),
    ])
  func damage(_ damage: Damage) throws {
    let today = try #require(Build.today)
    let damaged = Build.side([ComparisonCase(name: "c", samples: damage.samples, values: damage.values)])
    let sound = Build.side([Self.leak("c", 0)])
    for (base, new, side) in [(damaged, sound, "BASE"), (sound, damaged, "NEW")] {
      let error = #expect(throws: ComparisonError.self) {
        try Comparison(today: today).outcome(base: base, new: new)
      }
      let text = try #require(error).description
      #expect(text.contains(damage.fact) && text.contains("case c") && text.hasPrefix(side), "\(text)")
    }
  }

  @Test("a case that stands twice in a report is an error")
  func duplicates() throws {
    let today = try #require(Build.today)
    #expect(throws: ComparisonError.duplicateCase(side: .new, caseName: "a")) {
      try Comparison(today: today).outcome(
        base: Self.clean, new: Build.side([Self.leak("a", 0), Self.leak("a", 0)]))
    }
  }

  @Test("a gated metric that one report lacks is a missing part, one off the gate is not")
  func missingMetric() throws {
    let today = try #require(Build.today)
    let full = Build.item(
      "a", MetricValues(.leakedBytes, integers: [0]), MetricValues(.builtBytes, integers: [48]),
      MetricValues(.peakBytes, integers: [4_096]))
    let outcome = try Comparison(today: today).outcome(
      base: Build.side([full]), new: Build.side([Self.leak("a", 0)]))
    #expect(outcome.cells.map(\.verdict) == [.same, .notComparable, .notComparable])
    #expect(outcome.cells.map(\.reason.code) == ["values-equal", "metric-missing", "metric-missing"])
    #expect(outcome.problems.map(\.text) == ["NEW has no built_bytes of a"])
    #expect(outcome.exitStatus() == .notComparable)
  }

  @Test("a policy that gates nothing does not pass")
  func gateThatCannotFail() throws {
    let today = try #require(Build.today)
    let open = Policy(rules: [Policy.Rule(metrics: ["*"], gated: false)])
    let outcome = try Comparison(policy: open, today: today).outcome(base: Self.clean, new: Self.leaking)
    #expect(outcome.problems.map(\.kind) == [.nothingCompared])
    #expect(outcome.exitStatus() == .notComparable)
  }

  @Test("a waived regression is shown with its owner and does not fail; an expired waiver does not apply")
  func waivers() throws {
    let expires = try #require(CalendarDay("2026-11-23"))
    let waiver = Policy.Waiver(
      metric: "leaked_*", cases: "b*", owner: "ann", reason: "known, issue 12", expires: expires)
    let policy = Policy(waivers: [waiver])
    let lastDay = try Comparison(policy: policy, today: expires).outcome(base: Self.clean, new: Self.leaking)
    #expect(lastDay.exitStatus() == .ok)
    #expect(lastDay.cells.map(\.verdict) == [.same, .regressed])
    #expect(lastDay.cells[1].waiver == waiver)
    #expect(lastDay.counts(gated: true).waived == 1)
    #expect(lastDay.counts(gated: true).regressed == 0)
    #expect(lastDay.cells[1].explanation.hasSuffix("waived by ann until 2026-11-23: known, issue 12"))
    let after = try Comparison(policy: policy, today: try #require(CalendarDay("2026-11-24")))
      .outcome(base: Self.clean, new: Self.leaking)
    #expect(after.exitStatus() == .regressed)
    #expect(after.warnings == [.waiverExpired(waiver)])
    let idle = try Comparison(policy: policy, today: expires).outcome(base: Self.clean, new: Self.clean)
    #expect(idle.warnings == [.waiverUnused(waiver)])
  }

  @Test("leaks are summed, other metrics have a geometric mean of ratios over positive bases")
  func summaries() throws {
    let today = try #require(Build.today)
    func side(_ built: [Int64], _ leaked: [Int64]) -> ComparisonSide {
      Build.side(
        zip(built, leaked).enumerated().map { index, pair in
          Build.item(
            "c\(index)", MetricValues(.leakedBytes, integers: [pair.1]), MetricValues(.builtBytes, integers: [pair.0]))
        })
    }
    let outcome = try Comparison(today: today).outcome(
      base: side([10_000, 10_000, 0], [0, 8, 0]), new: side([20_000, 80_000, 5], [100, 8, 2]))
    let leaks = try #require(outcome.summaries.first { $0.metric == .leakedBytes })
    #expect(leaks.baseSum == 8 && leaks.newSum == 110 && leaks.geometricMeanRatio == nil)
    let built = try #require(outcome.summaries.first { $0.metric == .builtBytes })
    #expect(built.ratioCells == 2)
    #expect(agrees(try #require(built.geometricMeanRatio), 4))
  }

  @Test("the order of samples and of NEW's cases changes nothing")
  func order() throws {
    let today = try #require(Build.today)
    let values = Build.pages(1 << 20)
    func side(_ names: [String], _ values: [Int64]) -> ComparisonSide {
      Build.side(names.map { Build.item($0, MetricValues(.residentBuiltBytes, integers: values)) })
    }
    let comparison = Comparison(today: today)
    let one = try comparison.outcome(base: side(["a", "b"], values), new: side(["a", "b"], values))
    let other = try comparison.outcome(
      base: side(["a", "b"], values.reversed()), new: side(["b", "a"], values.reversed()))
    #expect(one.cells.map(\.explanation) == other.cells.map(\.explanation))
    #expect(one.cells.map(\.caseName) == other.cells.map(\.caseName))
  }
}
