import FoundationEssentials
import Subprocess
import Testing
import ZooExpectations

/// The tables' truth, from the programs' own counts: what is expected of any tool is what is there.
struct SelfCheckTests {
  @Test(arguments: Zoo.leaking.cases)
  func `a leaking program leaks exactly the objects of the table`(_ expected: LeakingCase) async throws {
    let outcome = try await Zoo.run(Zoo.leaking.module, [expected.name, "--self-check"])
    #expect(outcome.status == .exited(0), "\(outcome.error)")
    #expect(try Zoo.liveCounts(in: outcome.out) == expected.leaked)
  }

  @Test(arguments: Zoo.clean.cases)
  func `a clean program holds exactly the objects of the table`(_ expected: CleanCase) async throws {
    let outcome = try await Zoo.run(Zoo.clean.module, [expected.name, "--self-check"])
    #expect(outcome.status == .exited(0), "\(outcome.error)")
    #expect(try Zoo.liveCounts(in: outcome.out) == expected.live)
  }

  @Test func `every program stands in its table, once, in the programs' order`() async throws {
    let leaking = try await Zoo.run(Zoo.leaking.module, ["list"]).out.split(separator: "\n").map(String.init)
    #expect(leaking == Zoo.leaking.cases.map(\.name))
    #expect(Set(leaking).count == leaking.count)
    let clean = try await Zoo.run(Zoo.clean.module, ["list"]).out.split(separator: "\n").map(String.init)
    #expect(clean == Zoo.clean.cases.map(\.name))
    #expect(Set(clean).count == clean.count)
  }

  @Test func `the zoo is as large as it claims to be`() {
    let variants = Zoo.leaking.cases.filter { $0.variantOf != nil }
    let shapes = Zoo.leaking.cases.count - variants.count
    #expect(shapes >= 64)
    #expect(variants.count * 2 >= shapes)
    #expect(Zoo.clean.cases.count >= 64)
    let names = Set(Zoo.leaking.cases.map(\.name))
    #expect(variants.allSatisfy { names.contains($0.variantOf ?? "") })
  }

  @Test func `a cycle that is expected is closed and has an edge to weaken`() {
    for expected in Zoo.leaking.cases {
      for cycle in expected.cycles ?? [] {
        for edge in cycle { #expect(cycle.contains { $0.from == edge.to }, "\(expected.name): \(edge.to)") }
        #expect(!(expected.weaken ?? []).isEmpty, "\(expected.name)")
        #expect(cycle.allSatisfy { expected.leaked[$0.from] != nil }, "\(expected.name)")
      }
    }
  }

  @Test(arguments: ["delegate-pair", "main-actor-class", "continuation-never-resumed", "stale-word-on-stack"])
  func `a program that waits says so, and ends when its input is closed`(_ name: String) async throws {
    let outcome = try await Zoo.run(Zoo.leaking.module, [name, "--wait", "--stale"])
    #expect(outcome.status == .exited(0), "\(outcome.error)")
    #expect(outcome.out == "ready\n")
  }

  @Test func `the program that changes a large graph leaks nothing`() async throws {
    let outcome = try await Zoo.run("ZooMutator", ["2000", "2"])
    #expect(outcome.status == .exited(0), "\(outcome.error)")
    #expect(outcome.out.hasSuffix(" live objects, 0 at the end\n"), "\(outcome.out)")
  }

  @Test(arguments: ["", "--nothing", "no-such-case"])
  func `wrong arguments are refused`(_ argument: String) async throws {
    #expect(try await Zoo.run(Zoo.clean.module, [argument]).status == .exited(64))
    #expect(try await Zoo.run(Zoo.leaking.module, ["delegate-pair", argument]).status == .exited(64))
  }
}
