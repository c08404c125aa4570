import SeededRandom
import Testing

@testable import ObjectGraph

struct NodeSetTests {
  @Test(arguments: [0, 1, 63, 64, 65, 200])
  func `holds what a set of numbers holds`(room: Int) {
    var random = SplitMix64(seed: UInt64(room))
    var bits = NodeSet(nodeCount: room)
    var plain: Set<Int> = []
    #expect(bits.isEmpty)
    for _ in 0..<2 * room {
      let node = random.next(below: room)
      if random.next(below: 3) == 0 {
        bits.remove(node)
        plain.remove(node)
      } else {
        #expect(bits.insert(node) == plain.insert(node).inserted)
      }
    }
    #expect(bits.nodes == plain.sorted().map(UInt32.init))
    #expect(bits.count == plain.count)
    #expect(bits == NodeSet(plain, nodeCount: room))
    #expect(bits.complement(nodeCount: room).set == Set(0..<room).subtracting(plain))
    let ranks = NodeRanks(bits)
    for node in 0..<room {
      #expect(bits.contains(node) == plain.contains(node))
      #expect(ranks.rank(of: node).map(Int.init) == plain.sorted().firstIndex(of: node))
    }
  }

  @Test func `marks are all gone at once, however often`() {
    var marks = Marks()
    for count in [2, 5, 3] {
      marks.reset(count: count)
      for _ in 0..<3 {
        #expect((0..<count).allSatisfy { !marks.contains($0) })
        #expect(marks.insert(1) && !marks.insert(1) && marks.contains(1))
        marks.clear()
      }
    }
  }

  @Test func `a table keeps its edges by source`() {
    var random = SplitMix64(seed: 9)
    for round in 0..<200 {
      let count = 1 + random.next(below: 9)
      let edges = (0..<random.next(below: 20)).map { _ in
        (from: random.next(below: count), to: random.next(below: count), label: UInt32(random.next(below: 9)))
      }
      let table = EdgeTable(nodeCount: count, edges)
      #expect(table.edgeCount == edges.count)
      for node in 0..<count {
        let out = edges.filter { $0.from == node }
        #expect(table.edges(of: node).map(table.target) == out.map(\.to), "round \(round)")
        #expect(table.edges(of: node).map { table.labels[$0] } == out.map(\.label), "round \(round)")
        for edge in table.edges(of: node) { #expect(table.source(of: edge, in: 0..<count) == node) }
      }
    }
  }
}
