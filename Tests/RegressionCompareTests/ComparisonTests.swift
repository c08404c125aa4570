import BenchmarkReport
import RegressionCompare
import Testing

@Suite("Comparisons of whole reports")
struct ComparisonTests {
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

  @Test("leaked bytes that count as 0 are told with what they were, and where the sides differ")
  func rests() throws {
    let today = try #require(Build.today)
    func side(_ rests: [UInt64]) -> ComparisonSide {
      Build.side(
        rests.enumerated().map { index, rest in
          var item = Build.leak("c\(index)", 0)
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
        base: Build.side([Build.leak("a", 0), Build.leak("b", 0, failed: base)]),
        new: Build.side([Build.leak("a", 0), Build.leak("b", 0, failed: new)]))
    }
    let more = try outcome(base: 1, new: 2)
    #expect(more.exitStatus() == .ok)
    #expect(more.conclusion().reason == "nothing regressed in 2 gated cells; samples of 1 case failed")
    #expect(
      more.warnings == [.moreFailures(caseName: "b", baseFailed: 1, baseTotal: 4, newFailed: 2, newTotal: 5)])
    #expect(more.warnings[0].description == "b: more samples fail in NEW, 2 of 5, than in BASE, 1 of 4")
    for (base, new) in [(1, 1), (2, 1), (1, 0)] { #expect(try outcome(base: base, new: new).warnings.isEmpty) }
    let lost = try Comparison(allowed: [.tooFewSamples], today: today).outcome(
      base: Build.side([Build.leak("a", 0), Build.leak("b", 0, failed: 1)]),
      new: Build.side([Build.leak("a", 0), Build.failing("b")]))
    #expect(lost.failures.map(\.kind) == [.newAll])
    #expect(lost.conclusion().reason == "every sample of 1 case fails in NEW, first of b")
  }

  @Test("improvements and inconclusive cells fail only if they are named")
  func failOn() throws {
    let today = try #require(Build.today)
    let outcome = try Comparison(today: today).outcome(base: Build.leaking, new: Build.clean)
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
    let sound = Build.side([Build.leak("c", 0)])
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
        base: Build.clean, new: Build.side([Build.leak("a", 0), Build.leak("a", 0)]))
    }
  }

  @Test("a waived regression is shown with its owner and does not fail; an expired waiver does not apply")
  func waivers() throws {
    let expires = try #require(CalendarDay("2026-11-23"))
    let waiver = Policy.Waiver(
      metric: "leaked_*", cases: "b*", owner: "ann", reason: "known, issue 12", expires: expires)
    let policy = Policy(waivers: [waiver])
    let lastDay = try Comparison(policy: policy, today: expires).outcome(base: Build.clean, new: Build.leaking)
    #expect(lastDay.exitStatus() == .ok)
    #expect(lastDay.cells.map(\.verdict) == [.same, .regressed])
    #expect(lastDay.cells[1].waiver == waiver)
    #expect(lastDay.counts(gated: true).waived == 1)
    #expect(lastDay.counts(gated: true).regressed == 0)
    #expect(lastDay.cells[1].explanation.hasSuffix("waived by ann until 2026-11-23: known, issue 12"))
    let after = try Comparison(policy: policy, today: try #require(CalendarDay("2026-11-24")))
      .outcome(base: Build.clean, new: Build.leaking)
    #expect(after.exitStatus() == .regressed)
    #expect(after.warnings == [.waiverExpired(waiver)])
    let idle = try Comparison(policy: policy, today: expires).outcome(base: Build.clean, new: Build.clean)
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
