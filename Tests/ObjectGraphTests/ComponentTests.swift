import SeededRandom
import Testing

@testable import ObjectGraph

struct ComponentTests {
  @Test func `random graphs: nodes share a component exactly if they reach each other`() {
    for seed in UInt64(0)..<4000 {
      var random = SplitMix64(seed: seed)
      let count = 1 + random.next(below: 12)
      let edges = (0..<random.next(below: 2 * count + 2)).map { _ in
        (from: random.next(below: count), to: random.next(below: count), label: UInt32(0))
      }
      var reaches = (0..<count).map { node in (0..<count).map { $0 == node } }
      for edge in edges { reaches[edge.from][edge.to] = true }
      for middle in 0..<count {
        for from in 0..<count where reaches[from][middle] {
          for to in 0..<count where reaches[middle][to] { reaches[from][to] = true }
        }
      }
      let components = EdgeTable(nodeCount: count, edges).components()
      #expect(Set(components.component) == Set(0..<UInt32(components.count)), "seed \(seed)")
      for from in 0..<count {
        for to in 0..<count {
          let isSame = components.component[from] == components.component[to]
          #expect(isSame == (reaches[from][to] && reaches[to][from]), "seed \(seed)")
          if reaches[from][to] { #expect(components.component[to] <= components.component[from], "seed \(seed)") }
        }
      }
    }
  }

  @Test func `a chain of 100,000 nodes has as many components, a ring of a million one`() {
    for isForward in [true, false] {
      var chain = EdgeTable(nodeCount: 100_000)
      for node in 0..<100_000 {
        if isForward, node + 1 < 100_000 { chain.append(from: node, to: node + 1) }
        if !isForward, node > 0 { chain.append(from: node, to: node - 1) }
      }
      chain.finish()
      #expect(chain.components().count == 100_000)
    }
    var ring = EdgeTable(nodeCount: 1_000_000)
    for node in 0..<1_000_000 { ring.append(from: node, to: (node + 1) % 1_000_000) }
    ring.finish()
    #expect(ring.components().count == 1)
  }

  @Test func `an empty graph has none`() {
    #expect(EdgeTable(nodeCount: 0, []).components().count == 0)
  }
}
