@testable import GraphWorkloads
import HeapProbe
import Testing
import SeededRandom

/// Counts of the whole process: each test looks at a process of its own.
struct GraphTests {
  static let sizes = [1, 2, 3, 15, 16, 17, 33, 100]

  @Test(arguments: Topology.allCases)
  func `every node is made, and those that nobody owns are deinited`(topology: Topology) async {
    let name = topology.name
    await #expect(processExitsWith: .success) { [name = name as String] in
      let topology = Topology(name: name)!
      for backLink in BackLink.allCases where GraphSpecification.refusal(topology, backLink) == nil {
        for payload in [0, 100] {
          for nodes in GraphTests.sizes {
            let specification = try GraphSpecification(
              topology: topology, backLink: backLink, nodes: nodes, payload: payload, seed: 7)
            InstanceCounts.reset()
            let graph = Graph.make(specification)
            graph.build()
            #expect(InstanceCounts.created == nodes, "\(specification): made \(InstanceCounts.created)")
            #expect(InstanceCounts.deinited == 0)
            if backLink == .broken { graph.cutBackLinks() }
            graph.dropRoot()
            let leaked = leakedNodes(specification)
            #expect(InstanceCounts.live == leaked, "\(specification): \(InstanceCounts.live) live, not \(leaked)")
          }
        }
      }
    }
  }

  @Test(arguments: Topology.allCases)
  func `the heap grows by the blocks that the graph names, and by side tables`(topology: Topology) async {
    let name = topology.name
    await #expect(processExitsWith: .success) { [name = name as String] in
      let topology = Topology(name: name)!
      for backLink in BackLink.allCases where GraphSpecification.refusal(topology, backLink) == nil {
        for payload in [0, 100] {
          let specification = try GraphSpecification(
            topology: topology, backLink: backLink, nodes: 5_000, payload: payload, seed: 7)
          let rehearsal = Graph.make(specification)
          rehearsal.build()
          let graph = Graph.make(specification)
          let cache = try ThreadCache.empty()
          let before = try HeapCounters.read().inUse
          graph.build()
          let built = try HeapCounters.read().inUse - before
          var blocks = 0
          // A chunk is 8 bytes more than its block. The rest is what the test process itself does meanwhile.
          graph.forEachBlock { blocks += usableSize(ofBlockAt: $0) + 8 }
          graph.forEachRootBlock { blocks += usableSize(ofBlockAt: $0) + 8 }
          if backLink == .weak {
            #expect(built > blocks, "\(specification): no side table")
          } else {
            #expect(abs(built - blocks) * 100 <= built, "\(specification): built \(built), blocks \(blocks)")
          }
          let estimate = specification.estimatedBytes!
          #expect(abs(estimate - built) <= built / 50 + 4096, "\(specification): built \(built), estimate \(estimate)")
          withExtendedLifetime((rehearsal, cache.blocksPerSize)) {}
        }
      }
    }
  }

  @Test(arguments: [Topology.ring, .list])
  func `a chain of a million owners is released on a small stack`(topology: Topology) async {
    let name = topology.name
    await #expect(processExitsWith: .success) { [name = name as String] in
      for backLink in [BackLink.weak, .unowned, .unownedUnsafe, .unmanaged, .broken] {
        InstanceCounts.reset()
        let graph = Graph.make(
          try GraphSpecification(topology: Topology(name: name)!, backLink: backLink, nodes: 1_000_000))
        graph.build()
        if backLink == .broken { graph.cutBackLinks() }
        graph.dropRoot()
        #expect(InstanceCounts.deinited == 1_000_000)
      }
    }
  }
}

/// How many nodes of a graph a strong back link keeps alive after the root is gone, by the definition of the topology.
private func leakedNodes(_ specification: GraphSpecification) -> Int {
  guard specification.backLink == .strong else { return 0 }
  let nodes = specification.nodes
  switch specification.topology {
  // The first points at the last, which is itself if it is alone.
  case .ring, .closure: return nodes
  case .list, .tree2, .tree16, .document: return nodes == 1 ? 0 : nodes
  // A group of one has no cycle.
  case .clique16, .observer: return nodes % 16 == 1 ? nodes - 1 : nodes
  case .delegate: return nodes - nodes % 2
  case .random: return leakedOfRandom(specification)
  }
}

/// Takes away, as long as there is one, a node that no other node refers to.
private func leakedOfRandom(_ specification: GraphSpecification) -> Int {
  var generator = SplitMix64(seed: specification.seed)
  let links = (0..<specification.nodes).map { _ in
    (0..<4).map { _ in generator.next(below: specification.nodes) }
  }
  var alive = Set(0..<specification.nodes)
  while let dead = alive.first(where: { node in !alive.contains { links[$0].contains(node) } }) { alive.remove(dead) }
  return alive.count
}
