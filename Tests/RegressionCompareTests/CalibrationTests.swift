import BenchmarkReport
import RegressionCompare
import Testing
import SeededRandom

@Suite("Noise floors")
struct CalibrationTests {
  /// A machine on which resident memory strays by up to 200 KiB.
  private static func stray(_ seed: UInt64) -> ComparisonSide {
    var generator = SplitMix64(seed: seed)
    return Build.side(
      (0..<5).map { index in
        Build.item(
          "c\(index)",
          MetricValues(.residentBuiltBytes, integers: (0..<10).map { _ in Int64(generator.next(below: 50)) << 12 }),
          MetricValues(.buildNanosecondsPerNode, reals: (0..<10).map { _ in 20 + Double(generator.next(below: 9)) }))
      })
  }

  @Test("under the floors that an A/A comparison measured, the same comparison is the same throughout")
  func measured() throws {
    let today = try #require(Build.today)
    let comparison = Comparison(today: today)
    let before = try comparison.outcome(base: Self.stray(1), new: Self.stray(2))
    #expect(before.cells.contains { $0.verdict == .inconclusive })
    let policy = Policy(noiseFloors: Policy.NoiseFloor.measured(by: before, environmentID: "env", on: today))
    let read = try Policy(json: Array(policy.json.utf8))
    #expect(read == policy)
    let after = try Comparison(policy: read, today: today).outcome(base: Self.stray(1), new: Self.stray(2))
    #expect(after.cells.allSatisfy { $0.verdict == .same })
    #expect(after.policyHash != before.policyHash)
  }

  @Test("a floor that was measured in another environment is left out with a warning")
  func foreign() throws {
    let today = try #require(Build.today)
    let policy = Policy(noiseFloors: [
      Policy.NoiseFloor(metric: "resident_*", floor: 1e9, environmentID: "another", measured: today)
    ])
    let outcome = try Comparison(policy: policy, today: today).outcome(base: Self.stray(1), new: Self.stray(2))
    #expect(outcome.warnings == [.foreignNoiseFloors(count: 1, environmentID: "another")])
    #expect(outcome.cells.allSatisfy { $0.margin.noiseFloor == nil })
  }
}
