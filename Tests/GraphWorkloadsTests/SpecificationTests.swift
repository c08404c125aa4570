@testable import GraphWorkloads
import Testing
import SeededRandom

struct SpecificationTests {
  @Test(arguments: [0, -1, Int.min, GraphSpecification.mostNodes + 1, Int.max])
  func `a count of nodes that means nothing is refused`(nodes: Int) {
    #expect(throws: WorkloadError.count(what: "nodes", value: nodes, least: 1)) {
      try GraphSpecification(topology: .ring, backLink: .weak, nodes: nodes)
    }
  }

  @Test(arguments: [-1, Int.min, Int.max])
  func `a payload that means nothing is refused`(payload: Int) {
    #expect(throws: WorkloadError.count(what: "payload bytes", value: payload, least: 0)) {
      try GraphSpecification(topology: .ring, backLink: .weak, nodes: 1, payload: payload)
    }
  }

  @Test(arguments: [Topology.delegate, .closure, .observer, .document])
  func `a combination that means nothing is refused with the reason`(topology: Topology) {
    let error = #expect(throws: WorkloadError.self) {
      try GraphSpecification(topology: topology, backLink: .index, nodes: 10)
    }
    #expect(error?.description.contains("means nothing: ") == true)
    #expect(error?.description.hasPrefix(topology.name) == true)
  }

  @Test func `only positions are refused anywhere`() {
    for topology in Topology.allCases {
      for backLink in BackLink.allCases where backLink != .index {
        #expect(GraphSpecification.refusal(topology, backLink) == nil)
      }
    }
  }

  @Test func `names are read back, and tree is tree2`() {
    for topology in Topology.allCases { #expect(Topology(name: topology.name) == topology) }
    for backLink in BackLink.allCases { #expect(BackLink(name: backLink.name) == backLink) }
    #expect(Topology(name: "tree") == .tree2)
    #expect(Topology(name: "") == nil)
    #expect(Topology(name: "Ring") == nil)
  }

  @Test func `an estimate that overflows is none`() throws {
    let most = GraphSpecification.mostNodes
    let huge = try GraphSpecification(topology: .ring, backLink: .weak, nodes: most, payload: most)
    #expect(huge.estimatedBytes == nil)
  }

  @Test func `the generator gives the published sequence`() {
    var generator = SplitMix64(seed: 0)
    // The first outputs of Vigna's splitmix64.c for the seed 0.
    #expect(generator.next() == 0xE220_A839_7B1D_CDAF)
    #expect(generator.next() == 0x6E78_9E6A_A1B9_65F4)
    #expect(generator.next() == 0x06C4_5D18_8009_454F)
  }
}
