import BenchmarkReport
import RegressionCompare
import Testing
import SeededRandom

/// The verdict of one cell that stands alone in two reports.
private func cell(
  _ base: MetricValues, _ new: MetricValues, policy: Policy = .builtIn, hugePages: Bool = false
) throws -> ComparedCell {
  let today = try #require(Build.today)
  let outcome = try Comparison(policy: policy, today: today).outcome(
    base: Build.side([Build.item("c", base)], hugePages: hugePages ? .stated("it is always") : .notExpected),
    new: Build.side([Build.item("c", new)]))
  return try #require(outcome.cells.first)
}

@Suite("Verdicts")
struct VerdictTests {
  struct Exact: Sendable {
    let base: [Int64]
    let new: [Int64]
    let verdict: Verdict
    let code: String
  }

  @Test(
    "an exact metric has tolerance 0, and repeats that disagree are never the same",
    arguments: [
      Exact(base: [0, 0, 0], new: [0, 0, 0], verdict: .same, code: "values-equal"),
      Exact(base: [7], new: [7], verdict: .same, code: "values-equal"),
      Exact(base: [0, 0], new: [9_600_000, 9_600_000], verdict: .regressed, code: "values-differ"),
      Exact(base: [48], new: [49], verdict: .regressed, code: "values-differ"),
      Exact(base: [49, 49], new: [48, 48], verdict: .improved, code: "values-differ"),
      Exact(base: [1, 2, 3], new: [4, 5], verdict: .regressed, code: "ranges-apart"),
      Exact(base: [4, 5], new: [1, 2, 3], verdict: .improved, code: "ranges-apart"),
      Exact(base: [1, 2, 3], new: [3, 5], verdict: .inconclusive, code: "repeats-disagree"),
      Exact(base: [1, 2], new: [1, 2], verdict: .inconclusive, code: "repeats-disagree"),
      Exact(base: [5, 5, 5], new: [5, 5, 6], verdict: .inconclusive, code: "repeats-disagree"),
      Exact(base: [5, 6, 5], new: [5, 5, 5], verdict: .inconclusive, code: "repeats-disagree"),
      Exact(base: [-16], new: [-32], verdict: .improved, code: "values-differ"),
      Exact(base: [-(1 << 53)], new: [1 << 53], verdict: .regressed, code: "values-differ"),
    ])
  func exact(_ expected: Exact) throws {
    let cell = try cell(
      MetricValues(.leakedBytes, integers: expected.base), MetricValues(.leakedBytes, integers: expected.new))
    #expect(cell.verdict == expected.verdict)
    #expect(cell.reason.code == expected.code)
    #expect(cell.metricClass == .exact)
    #expect(cell.test == nil)
    #expect(!cell.explanation.isEmpty)
  }

  @Test("a policy's margin on an exact metric covers what it says and no byte more")
  func exactMargin() throws {
    let policy = Policy(rules: [Policy.Rule(metrics: ["built_bytes"], absolute: 64)])
    let expected: [(new: [Int64], verdict: Verdict)] = [
      ([1_064, 1_064], .same), ([1_065, 1_065], .regressed), ([936, 936], .same), ([935, 935], .improved),
      ([1_000, 1_064], .same), ([1_000, 1_065], .inconclusive), ([1_065, 1_070], .regressed),
    ]
    for (new, verdict) in expected {
      let cell = try cell(
        MetricValues(.builtBytes, integers: [1_000, 1_000]), MetricValues(.builtBytes, integers: new), policy: policy)
      #expect(cell.verdict == verdict, "\(new)")
    }
  }

  struct Quantised: Sendable {
    let shift: Int64
    let hugePages: Bool
    let verdict: Verdict
  }

  @Test(
    "resident memory has a floor of 64 KiB, or 2 MiB where huge pages could apply",
    arguments: [
      Quantised(shift: 0, hugePages: false, verdict: .same),
      Quantised(shift: 56 << 10, hugePages: false, verdict: .same),
      Quantised(shift: 64 << 10, hugePages: false, verdict: .inconclusive),
      Quantised(shift: 128 << 10, hugePages: false, verdict: .regressed),
      Quantised(shift: -(128 << 10), hugePages: false, verdict: .improved),
      Quantised(shift: 128 << 10, hugePages: true, verdict: .same),
      Quantised(shift: 3 << 20, hugePages: true, verdict: .regressed),
      Quantised(shift: -(3 << 20), hugePages: true, verdict: .improved),
    ])
  func quantised(_ expected: Quantised) throws {
    let level: Int64 = 50 << 20
    let cell = try cell(
      MetricValues(.residentBuiltBytes, integers: Build.pages(level)),
      MetricValues(.residentBuiltBytes, integers: Build.pages(level + expected.shift)), hugePages: expected.hugePages)
    #expect(cell.verdict == expected.verdict)
    #expect(cell.interval != nil)
    #expect(cell.adjustedP != nil)
  }

  @Test("times are reported, and are off the gate unless the policy says otherwise")
  func noisy() throws {
    let base = MetricValues(.buildNanosecondsPerNode, reals: (0..<10).map { 100 + Double($0) / 10 })
    let slower = MetricValues(.buildNanosecondsPerNode, reals: (0..<10).map { 150 + Double($0) / 10 })
    let free = try cell(base, slower)
    #expect(free.verdict == .regressed)
    #expect(!free.gated)
    #expect(free.adjustedP == nil)
    let gated = try cell(base, slower, policy: Policy(rules: [Policy.Rule(metrics: ["*_ns_*"], gated: true)]))
    #expect(gated.verdict == .regressed)
    #expect(gated.gated)
    #expect(gated.adjustedP != nil)
  }

  @Test("inconclusive says how many runs would settle it, and more than were made")
  func projection() throws {
    var generator = SplitMix64(seed: 3)
    let base = (0..<10).map { _ in Int64(generator.next(below: 200)) * 4_096 }
    let new = (0..<10).map { _ in Int64(generator.next(below: 200) + 60) * 4_096 }
    let cell = try cell(
      MetricValues(.residentBuiltBytes, integers: base), MetricValues(.residentBuiltBytes, integers: new))
    #expect(cell.verdict == .inconclusive)
    #expect(cell.reason.code == "across-margin")
    let runs = try #require(cell.reason.runsToSettle)
    #expect(runs > 10)
    #expect(cell.explanation.contains("runs a side would settle it"))
  }

  @Test("with six runs and 24 gated cells a lone change cannot pass, and the reason says what it takes")
  func outOfReach() throws {
    func side(_ shift: Int64) -> ComparisonSide {
      Build.side(
        (0..<24).map { index in
          let level: Int64 = 1 << 20
          return Build.item(
            "c\(index)",
            MetricValues(.residentBuiltBytes, integers: Build.pages(level + (index == 5 ? shift : 0), count: 6)))
        })
    }
    let today = try #require(Build.today)
    let outcome = try Comparison(today: today).outcome(base: side(0), new: side(1 << 20))
    let cell = outcome.cells[5]
    #expect(cell.verdict == .inconclusive)
    #expect(cell.reason.code == "adjustment-out-of-reach")
    #expect(cell.reason.runsToSettle == 7)
    #expect(outcome.adjustedCells == 24)
    #expect(
      outcome.warnings == [.adjustmentOutOfReach(cells: 24, baseRuns: 6, newRuns: 6, gatedCells: 24, runsNeeded: 7)])
    #expect(outcome.exitStatus() == .ok)
    #expect(outcome.exitStatus(failOn: [.inconclusive]) == .regressed)
  }

  @Test("whether a lone change can pass is told of each cell by its own runs, not by the fewest of all")
  func reachOfEachCell() throws {
    func side(_ count: (Int) -> Int) -> ComparisonSide {
      Build.side(
        (0..<24).map { index in
          Build.item(
            "c\(index)", MetricValues(.residentBuiltBytes, integers: Build.pages(1 << 20, count: count(index))))
        })
    }
    let today = try #require(Build.today)
    let uneven = try Comparison(today: today).outcome(base: side { $0 < 2 ? 6 : 10 }, new: side { $0 < 1 ? 6 : 10 })
    #expect(
      uneven.warnings == [.adjustmentOutOfReach(cells: 1, baseRuns: 6, newRuns: 6, gatedCells: 24, runsNeeded: 7)])
    #expect(uneven.warnings[0].description.hasPrefix("in 1 of 24 gated cells no lone change"))
    // 6 and 10 runs reach 2/8,008, so that nothing has to be told.
    let lopsided = try Comparison(today: today).outcome(base: side { _ in 6 }, new: side { _ in 10 })
    #expect(lopsided.warnings == [])
  }

  @Test("the runs that an interval needs follow from the end that is farther from its own margin")
  func skewedProjection() throws {
    // Ten differences around −30 KiB, a far lower end, and a margin of 64 KiB: the upper end is the near one.
    let shifts: [Int64] = [-120, -110, -100, -31, -30, -30, -30, -29, -28, -27]
    let cell = try shifted(shifts)
    #expect(cell.reason.code == "across-margin")
    let interval = try #require(cell.interval)
    let margin = 65_536.0
    let lower = (interval.shift - interval.lower) / (margin + interval.shift)
    let upper = (interval.upper - interval.shift) / (margin - interval.shift)
    let expected = (10 * max(lower, upper) * max(lower, upper)).rounded(.up)
    #expect(cell.reason.runsToSettle == Int(expected))
    // Mirrored, the answer is the same.
    #expect(try shifted(shifts.map { -$0 }).reason.runsToSettle == cell.reason.runsToSettle)
    // The wide end looks away from the margin that is near: fewer runs than the widest half over the least distance.
    let rising: [Int64] = [-63, -62, -61, 28, 29, 30, 30, 66, 68, 70]
    let rise = try shifted(rising)
    let wide = try #require(rise.interval)
    let pessimistic = max(wide.shift - wide.lower, wide.upper - wide.shift) / (margin - wide.shift)
    #expect(try #require(rise.reason.runsToSettle) < Int(10 * pessimistic * pessimistic))
  }

  /// Ten samples that lie so many KiB above ten that are all the same.
  private func shifted(_ shifts: [Int64]) throws -> ComparedCell {
    try cell(
      MetricValues(.residentBuiltBytes, integers: Array(repeating: 1 << 20, count: 10)),
      MetricValues(.residentBuiltBytes, integers: shifts.map { (1 << 20) + $0 * 1_024 }))
  }

  @Test("fewer than six good samples are not comparable, except for exact metrics")
  func tooFew() throws {
    let today = try #require(Build.today)
    let base = Build.item(
      "c", MetricValues(.leakedBytes, integers: [0, 0, 0, 0, 0]),
      MetricValues(.residentBuiltBytes, integers: Build.pages(1 << 20, count: 5)))
    let outcome = try Comparison(today: today).outcome(base: Build.side([base]), new: Build.side([base]))
    #expect(outcome.cells.map(\.verdict) == [.same, .notComparable])
    #expect(outcome.problems.map(\.kind) == [.tooFewSamples])
    #expect(outcome.exitStatus() == .notComparable)
    let allowed = try Comparison(allowed: [.tooFewSamples], today: today).outcome(
      base: Build.side([base]), new: Build.side([base]))
    #expect(allowed.exitStatus() == .ok)
  }

  @Test("a ratio is shown only where the base is well above 0")
  func ratio() throws {
    func ratio(_ base: Int64, _ new: Int64) throws -> Double? {
      try cell(MetricValues(.leakedBytes, integers: [base]), MetricValues(.leakedBytes, integers: [new])).ratio
    }
    #expect(try ratio(0, 9_600_000) == nil)
    #expect(try ratio(240, 9_600_000) == nil)
    #expect(try ratio(-8_192, 9_600_000) == nil)
    #expect(try ratio(10_000, 15_000) == 1.5)
  }

  @Test("the permutation of means can be asked for, and sees what ranks do not")
  func means() throws {
    let base = MetricValues(.residentBuiltBytes, integers: Build.pages(1 << 20, count: 12))
    let new = MetricValues(.residentBuiltBytes, integers: Build.pages(2 << 20, count: 12))
    let byMeans = try cell(base, new, policy: Policy(rules: [Policy.Rule(metrics: ["*"], test: .means)]))
    #expect(byMeans.test?.method == .randomMeans)
    #expect(byMeans.verdict == .regressed)
    #expect(try cell(base, new).test?.method == .exactRanks)
  }

  @Test("explanations are whole sentences with the numbers that decided")
  func explanations() throws {
    let leak = try cell(
      MetricValues(.leakedBytes, integers: [0, 0]), MetricValues(.leakedBytes, integers: [9_600_000, 9_600_000]))
    #expect(leak.explanation == "changed by +9,600,000 bytes, the same in every sample")
    let one = try cell(MetricValues(.leakedObjects, integers: [0, 0]), MetricValues(.leakedObjects, integers: [1, 1]))
    #expect(one.explanation == "changed by +1 object, the same in every sample")
    let byte = try cell(MetricValues(.builtBytes, integers: [9]), MetricValues(.builtBytes, integers: [8]))
    #expect(byte.explanation == "changed by −1 byte, the same in every sample")
    let same = try cell(MetricValues(.leakedObjects, integers: [1]), MetricValues(.leakedObjects, integers: [1]))
    #expect(same.explanation == "every sample of both reports is 1 object")
    let resident = try cell(
      MetricValues(.residentBuiltBytes, integers: Build.pages(1 << 20)),
      MetricValues(.residentBuiltBytes, integers: Build.pages(3 << 20)))
    #expect(
      resident.explanation
        == "the shift of +2,097,152 (95 % interval +2,093,056 to +2,101,248) lies beyond the margin of 65,536 bytes; "
        + "p = 1.1e-05, adjusted over 1 gated cell")
  }
}
