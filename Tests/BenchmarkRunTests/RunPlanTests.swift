import GraphWorkloads
import Testing

@testable import BenchmarkRun

struct RunPlanTests {
  @Test(arguments: Suite.all)
  func `a suite measures each of its graphs as often as it says, and nothing that means nothing`(
    suite: BenchmarkRun.Suite
  )
    throws
  {
    let plan = try RunPlan(RunRequest(suite: suite))
    #expect(plan.suite == suite.name)
    #expect(plan.samples.count == plan.cases.count * suite.runs)
    #expect(Set(plan.cases).count == plan.cases.count)
    for specification in plan.cases {
      #expect(
        plan.samples.filter { $0.specification == specification }.map(\.repetition).sorted() == Array(0..<suite.runs))
    }
  }

  @Test func `the quick suite has every back link at 1 k to 100 k nodes in 6 runs`() {
    #expect(Suite.quick.backLinks == BackLink.allCases)
    #expect(Suite.quick.nodes.first == 1_000 && Suite.quick.nodes.last == 100_000)
    #expect(Suite.quick.runs == 6)
  }

  @Test func `the order is the seed's`() throws {
    let first = try RunPlan(RunRequest(suite: .quick, seed: 1))
    #expect(first == (try RunPlan(RunRequest(suite: .quick, seed: 1))))
    let other = try RunPlan(RunRequest(suite: .quick, seed: 2))
    #expect(first.samples.map(\.repetition) != other.samples.map(\.repetition))
    #expect(first.samples.prefix(12).map(\.repetition) != [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
  }

  @Test func `a list takes the place of the suite's own`() throws {
    let plan = try RunPlan(RunRequest(suite: .quick, topologies: [.list], nodes: [5, 5, 7], runs: 2))
    #expect(plan.suite == "custom")
    #expect(Set(plan.cases.map(\.topology)) == [.list])
    #expect(Set(plan.cases.map(\.backLink)) == Set(BackLink.allCases))
    #expect(plan.cases.count == 2 * BackLink.allCases.count)
    #expect(plan.runs == 2)
  }

  @Test func `a combination that means nothing is refused if both sides were named`() throws {
    let named = RunRequest(suite: .quick, topologies: [.ring, .closure], backLinks: [.index, .weak])
    #expect(throws: RunError.self) { try RunPlan(named) }
    let half = try RunPlan(RunRequest(suite: .quick, topologies: [.closure]))
    #expect(!half.cases.contains { $0.backLink == .index })
  }

  @Test(arguments: [0, -1, RunPlan.mostRuns + 1])
  func `a number of runs that means nothing is refused`(runs: Int) {
    #expect(throws: RunError.runs(runs)) { try RunPlan(RunRequest(suite: .quick, runs: runs)) }
  }

  @Test func `a graph that does not fit is named with its estimate`() throws {
    let plan = try RunPlan(
      RunRequest(suite: .quick, topologies: [.ring], backLinks: [.weak], nodes: [1_000, 10_000_000]))
    #expect(plan.firstTooLarge(available: 2 << 30) == nil)
    let found = try #require(plan.firstTooLarge(available: 512 << 20))
    #expect(found.specification.nodes == 10_000_000)
    #expect(found.estimate == 960_000_000)
    let most = GraphSpecification.mostNodes
    let absurd = try RunPlan(RunRequest(suite: .quick, topologies: [.ring], nodes: [most], payloads: [most]))
    #expect(absurd.firstTooLarge(available: .max) != nil)
  }
}

struct AvailableMemoryTests {
  @Test func `the memory of this machine is told`() throws {
    #expect(try AvailableMemory.read() > 1 << 20)
  }

  @Test(arguments: [
    ("MemTotal:       24 kB\nMemAvailable:   12345 kB\nSwap: 1 kB\n", 12345 * 1024 as Int?),
    ("MemTotal:       24 kB\n", nil), ("", nil), ("MemAvailable: lots kB\n", nil), ("MemAvailable: 3\n", nil),
  ])
  func `the line of meminfo is read`(text: String, bytes: Int?) {
    #expect(AvailableMemory.memAvailable(in: text) == bytes)
  }

  @Test(arguments: [
    ("anon 5\ninactive_file 100\nslab_reclaimable 20\nactive_file 7\n", 120), ("", 0), ("inactive_file x\n", 0),
  ])
  func `what the kernel can reclaim is available`(stat: String, bytes: Int) {
    #expect(AvailableMemory.reclaimable(in: stat) == bytes)
  }

  @Test(arguments: [
    ("0::/user.slice/session.scope\n", "/user.slice/session.scope" as String?), ("0::/\n", "/"),
    ("12:memory:/docker/abc\n0::/docker/abc\n", "/docker/abc"), ("12:memory:/docker/abc\n", nil), ("", nil),
  ])
  func `the unified cgroup is found`(text: String, group: String?) {
    #expect(AvailableMemory.unifiedGroup(in: text) == group)
  }
}

struct PatternTests {
  @Test func `a chain goes as its names go`() {
    let story = Pattern.chain.watched()
    #expect(
      story.steps.map(\.strongCounts) == [[1, 1, 1], [1, 2, 2], [nil, 1, 2], [nil, nil, 1], [nil, nil, nil]])
    #expect(story.sights == [.dead, .dead, .dead])
  }

  @Test func `a ring of strong references stays`() {
    let story = Pattern.strongRing.watched()
    #expect(story.steps.map(\.strongCounts) == [[1, 1, 1], [2, 2, 2], [1, 2, 2], [1, 1, 2], [1, 1, 1]])
    #expect(!story.sights.contains(.dead))
  }

  @Test func `a ring of weak references goes as its names go`() {
    let story = Pattern.weakRing.watched()
    #expect(
      story.steps.map(\.strongCounts) == [[1, 1, 1], [1, 1, 1], [nil, 1, 1], [nil, nil, 1], [nil, nil, nil]])
    #expect(story.sights == [.dead, .dead, .dead])
  }
}
