import RegressionCompare
import Testing
import SeededRandom

/// The definitions written out: slow, and obvious.
private enum Oracle {
  /// Every choice of `size` of `0..<count`.
  static func choices(_ size: Int, of count: Int) -> [[Int]] {
    if size == 0 { return [[]] }
    if size > count { return [] }
    return choices(size, of: count - 1) + choices(size - 1, of: count - 1).map { $0 + [count - 1] }
  }

  /// Twice the smaller tail of the sum of whole scores over every split.
  static func twoSided(base: [Int], new: [Int]) -> Double {
    let pooled = new + base
    let observed = new.reduce(0, +)
    let sums = choices(new.count, of: pooled.count).map { $0.reduce(0) { $0 + pooled[$1] } }
    let tails = [sums.filter { $0 <= observed }.count, sums.filter { $0 >= observed }.count]
    return min(1, 2 * Double(tails.min() ?? 0) / Double(sums.count))
  }

  /// Twice the midrank.
  static func doubledRanks(_ values: [Int], in pooled: [Int]) -> [Int] {
    values.map { value in
      2 * pooled.filter { $0 < value }.count + pooled.filter { $0 == value }.count + 1
    }
  }
}

@Suite("The statistics agree with their definitions")
struct StatisticsOracleTests {
  /// Sizes, tie patterns and values by a seed.
  private static func samples(_ seed: UInt64) -> (base: [Int], new: [Int]) {
    var generator = SplitMix64(seed: seed)
    let values = 1 + generator.next(below: 9)
    let sizes = (1 + generator.next(below: 6), 1 + generator.next(below: 6))
    let shift = generator.next(below: 4)
    return (
      (0..<sizes.0).map { _ in generator.next(below: values) },
      (0..<sizes.1).map { _ in generator.next(below: values) + shift }
    )
  }

  @Test("exact p-values of 300 small samples are those of walking through every split", arguments: 0..<300)
  func pValues(seed: UInt64) {
    let (base, new) = Self.samples(seed)
    let pooled = base + new
    var test = MannWhitneyTest()
    let ranks = test.twoSided(sortedBase: base.map(Double.init).sorted(), sortedNew: new.map(Double.init).sorted())
    let expected = Oracle.twoSided(
      base: Oracle.doubledRanks(base, in: pooled), new: Oracle.doubledRanks(new, in: pooled))
    #expect(agrees(ranks.p, expected), "\(base) \(new): \(ranks.p) against \(expected)")
    // A tenth has no exact Double: sums that ought to tie differ in their last bits.
    let means = PermutationTest.twoSided(
      base: base.map { Double($0) * 0.1 }, new: new.map { Double($0) * 0.1 }, seed: 0)
    #expect(agrees(means.p, Oracle.twoSided(base: base, new: new)))
  }

  /// The greatest U that is significant at 5 %, two-sided, from the tables in print (Mann & Whitney; Siegel), plus 1.
  @Test(
    "the interval's ends are the order statistics that the tables of U name",
    arguments: [(5, 5, 3), (6, 6, 6), (6, 8, 9), (8, 8, 14), (7, 12, 19), (10, 10, 24), (15, 20, 91), (20, 20, 128)])
  func intervals(baseCount: Int, newCount: Int, rank: Int) throws {
    for seed in 0..<20 {
      var generator = SplitMix64(seed: UInt64(seed))
      let spread = 1 + generator.next(below: 1_000)
      let base = (0..<baseCount).map { _ in Double(generator.next(below: spread)) / 3 }.sorted()
      let new = (0..<newCount).map { _ in Double(generator.next(below: spread)) / 3 }.sorted()
      let differences = new.flatMap { value in base.map { value - $0 } }.sorted()
      var test = MannWhitneyTest()
      let interval = try #require(ShiftInterval(sortedBase: base, sortedNew: new, test: &test))
      #expect(interval.lower == differences[rank - 1])
      #expect(interval.upper == differences[differences.count - rank])
      #expect(interval.shift == CentralValue.median(of: differences))
    }
  }

  @Test("values of very different magnitude end the search for an order statistic")
  func magnitudes() throws {
    let base = (0..<10).map { 1e18 / Double(1 << (6 * $0)) }.sorted()
    let new = (0..<10).map { 3e17 / Double(1 << (6 * $0)) }.sorted()
    var test = MannWhitneyTest()
    let interval = try #require(ShiftInterval(sortedBase: base, sortedNew: new, test: &test))
    let differences = new.flatMap { value in base.map { value - $0 } }.sorted()
    #expect(interval.lower == differences[23])
    #expect(interval.upper == differences[76])
  }

  @Test("random splits beyond 20 values repeat with the seed and come near the exact p")
  func randomSplits() {
    let base = (0..<11).map { Double($0 * $0) }
    let new = (0..<13).map { Double($0 * $0) + 9 }
    let result = PermutationTest.twoSided(base: base, new: new, seed: 5)
    #expect(result.method == .randomMeans)
    #expect(result == PermutationTest.twoSided(base: base, new: new, seed: 5))
    let mirrored = PermutationTest.twoSided(base: new, new: base, seed: 5)
    #expect(abs(result.p - mirrored.p) < 0.03)
    // 2 × (1 + 0) / (1 + 10,000): the least that random splits can say.
    let apart = PermutationTest.twoSided(base: base, new: base.map { $0 + 1e6 }, seed: 5)
    #expect(agrees(apart.p, 2.0 / 10_001))
  }

  @Test("empty and constant samples have p = 1 and no trap")
  func degenerate() {
    var test = MannWhitneyTest()
    #expect(test.twoSided(sortedBase: [], sortedNew: [1]).p == 1)
    #expect(test.twoSided(sortedBase: [1], sortedNew: []).p == 1)
    #expect(PermutationTest.twoSided(base: [], new: [1, 2], seed: 0).p == 1)
    #expect(PermutationTest.twoSided(base: [1, 2], new: [], seed: 0).p == 1)
    let constant = [Double](repeating: 3, count: 5_000)
    #expect(test.twoSided(sortedBase: constant, sortedNew: constant).p == 1)
    #expect(PermutationTest.twoSided(base: constant, new: constant, seed: 0).p == 1)
    #expect(ShiftInterval(sortedBase: [], sortedNew: [1], test: &test) == nil)
    #expect(CentralValue.median(of: []) == nil)
    #expect(TheilSenLine(points: []) == nil)
    #expect(TheilSenLine(points: [(1, 1), (1, 2)]) == nil)
    #expect(TheilSenLine(points: [(1, 1), (2, .nan)]) == nil)
    #expect(BenjaminiHochberg.adjusted([]).isEmpty)
  }

  @Test("a p-value is never 0, however far the samples lie apart")
  func neverZero() {
    var test = MannWhitneyTest()
    let base = (0..<2_000).map(Double.init)
    #expect(test.twoSided(sortedBase: base, sortedNew: base.map { $0 + 1e6 }).p > 0)
    #expect(test.twoSided(sortedBase: base, sortedNew: base.map { $0 + 1_990 }).p > 0)
  }

  @Test(
    "the smallest two-sided p is that of MEASUREMENT.md",
    arguments: [(3, 0.1), (4, 0.0286), (5, 0.00794), (6, 0.0021645), (10, 1.0825e-5)])
  func smallestP(runs: Int, expected: Double) {
    #expect(abs(MannWhitneyTest.smallestP(runs, runs) / expected - 1) < 0.001)
  }

  @Test(
    "six runs carry 23 gated cells and no more; the number of runs that carries more is found",
    arguments: [(1, 6), (23, 6), (24, 7), (120, 8), (600, 9), (4_618, 10), (25_000, 12)])
  func runsForLoneChange(gatedCells: Int, runs: Int) {
    #expect(RunProjection.runsForLoneChange(gatedCells: gatedCells) == runs)
  }
}
