import RegressionCompare
import Testing

@Suite("The statistics agree with SciPy")
struct SciPyAgreementTests {
  @Test("Mann–Whitney's p is exact with and without ties", arguments: GoldenStatistics.recorded.twoSamples)
  func ranks(_ golden: GoldenStatistics.TwoSample) {
    var test = MannWhitneyTest()
    let result = test.twoSided(sortedBase: golden.base.sorted(), sortedNew: golden.new.sorted())
    #expect(agrees(result.p, golden.ranks), "\(result.p) against \(golden.ranks)")
    #expect(result.method == .exactRanks)
  }

  @Test("the permutation test of means is exact up to 20 values", arguments: GoldenStatistics.recorded.twoSamples)
  func means(_ golden: GoldenStatistics.TwoSample) {
    let result = PermutationTest.twoSided(base: golden.base, new: golden.new, seed: 1)
    #expect(agrees(result.p, golden.means), "\(result.p) against \(golden.means)")
    #expect(result.method == .exactMeans)
  }

  @Test("the Hodges–Lehmann interval is the inverted exact test", arguments: GoldenStatistics.recorded.twoSamples)
  func interval(_ golden: GoldenStatistics.TwoSample) {
    var test = MannWhitneyTest()
    let interval = ShiftInterval(sortedBase: golden.base.sorted(), sortedNew: golden.new.sorted(), test: &test)
    #expect((interval == nil) == (golden.lower == nil))
    guard let interval else { return }
    #expect(interval.shift == golden.shift)
    #expect(interval.lower == golden.lower)
    #expect(interval.upper == golden.upper)
    #expect(interval.confidence >= ShiftInterval.confidence)
  }

  @Test("beyond the exact limit the normal approximation has ties and continuity corrected")
  func normalApproximation() {
    for golden in GoldenStatistics.recorded.asymptotic {
      var test = MannWhitneyTest()
      let result = test.twoSided(sortedBase: golden.base.sorted(), sortedNew: golden.new.sorted())
      #expect(agrees(result.p, golden.p), "\(result.p) against \(golden.p)")
      #expect(result.method == .normalRanks)
    }
  }

  @Test("larger samples without ties stay exact, into the far tail")
  func largerUntied() {
    for golden in GoldenStatistics.recorded.untied {
      var test = MannWhitneyTest()
      let result = test.twoSided(sortedBase: golden.base.sorted(), sortedNew: golden.new.sorted())
      #expect(agrees(result.p, golden.p), "\(result.p) against \(golden.p)")
      #expect(result.method == .exactRanks)
    }
  }

  @Test("Benjamini–Hochberg")
  func discoveries() {
    for golden in GoldenStatistics.recorded.discoveries {
      let adjusted = BenjaminiHochberg.adjusted(golden.p)
      #expect(adjusted.count == golden.adjusted.count)
      for (value, expected) in zip(adjusted, golden.adjusted) { #expect(agrees(value, expected)) }
    }
  }

  @Test("Theil–Sen's slope, intercept and interval")
  func lines() throws {
    for golden in GoldenStatistics.recorded.lines {
      let line = try #require(TheilSenLine(points: Array(zip(golden.x, golden.y)).map { ($0.0, $0.1) }))
      #expect(agrees(line.slope, golden.slope))
      #expect(agrees(line.intercept, golden.intercept))
      #expect(agrees(line.lowerSlope, golden.lower), "\(line.lowerSlope) against \(golden.lower)")
      #expect(agrees(line.upperSlope, golden.upper), "\(line.upperSlope) against \(golden.upper)")
    }
  }

  @Test("the geometric mean leaves out what is not positive")
  func geometricMeans() throws {
    for golden in GoldenStatistics.recorded.geometricMeans {
      let mean = try #require(CentralValue.geometricMean(ofPositive: golden.values + [0, -3, .nan]))
      #expect(agrees(mean, golden.mean))
    }
    #expect(CentralValue.geometricMean(ofPositive: [0, -1]) == nil)
  }
}
