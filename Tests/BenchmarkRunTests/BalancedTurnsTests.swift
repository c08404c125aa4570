import BenchmarkRun
import GraphWorkloads
import Testing

/// The order in which two executables are measured.
struct BalancedTurnsTests {
  private static func plan(runs: Int, seed: UInt64 = 1) throws -> RunPlan {
    try RunPlan(
      RunRequest(
        suite: .quick, topologies: [.ring, .list], backLinks: [.weak, .strong], nodes: [10, 20], runs: runs, seed: seed)
    )
  }

  @Test(arguments: [1, 2, 7, 10])
  func `each side measures every sample once`(runs: Int) throws {
    let plan = try Self.plan(runs: runs)
    for side in 0...1 {
      let samples = plan.balancedTurns.filter { $0.side == side }.map(\.sample)
      #expect(samples.count == plan.samples.count)
      #expect(plan.samples.allSatisfy(samples.contains))
    }
  }

  @Test func `two repetitions of a case make a block A B B A`() throws {
    let turns = try Self.plan(runs: 6).balancedTurns
    var starts: Set<Int> = []
    for start in stride(from: 0, to: turns.count, by: 4) {
      let block = turns[start..<(start + 4)]
      let sides = block.map(\.side)
      starts.insert(sides[0])
      #expect(sides == [sides[0], 1 - sides[0], 1 - sides[0], sides[0]])
      #expect(Set(block.map(\.sample.specification.nodes)).count == 1)
      let repetitions = block.map(\.sample.repetition)
      #expect(repetitions[0] == repetitions[1] && repetitions[2] == repetitions[1] + 1)
    }
    #expect(starts == [0, 1])
  }

  @Test func `the seed decides the order`() throws {
    #expect(try Self.plan(runs: 4).balancedTurns == Self.plan(runs: 4).balancedTurns)
    #expect(try Self.plan(runs: 4).balancedTurns != Self.plan(runs: 4, seed: 2).balancedTurns)
  }
}
