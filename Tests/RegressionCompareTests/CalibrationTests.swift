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

  @Test("the policy's classes say what has noise, and a floor above the margin of a gated cell is told")
  func classesAndMargins() throws {
    let today = try #require(Build.today)
    func floors(_ rules: [Policy.Rule]) throws -> (floors: [Policy.NoiseFloor], excesses: [Policy.NoiseFloor.Excess]) {
      let outcome = try Comparison(policy: Policy(rules: rules), today: today).outcome(
        base: Self.stray(1), new: Self.stray(2))
      let floors = Policy.NoiseFloor.measured(by: outcome, environmentID: "env", on: today)
      return (floors, Policy.NoiseFloor.excesses(of: floors, in: outcome))
    }
    let builtIn = try floors([])
    let resident = try #require(builtIn.floors.first { $0.metric == "resident_built_bytes" })
    #expect(resident.cases == "*" && resident.floor > 65_536)
    // Times are off the gate.
    #expect(builtIn.excesses.map(\.metric) == [.residentBuiltBytes])
    let excess = try #require(builtIn.excesses.first)
    #expect(excess.cells == 5 && excess.floor == resident.floor && excess.margin == 65_536)
    #expect(excess.description.contains("above the policy's margin of 65,536 in 5 gated cells"))
    let noisy = try floors([Policy.Rule(metrics: ["resident_*"], metricClass: .noisy, absolute: 1_048_576)])
    #expect(noisy.floors.count { $0.metric == "resident_built_bytes" && $0.cases.hasPrefix("c") } == 5)
    #expect(noisy.excesses.isEmpty)
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
