import Testing

@testable import ObjectGraph

/// Knots: cores and what they retain.
struct LeaksTests {
  @Test func `random heaps: knots part the leaked nodes by their first core`() {
    for seed in UInt64(0)..<4000 {
      let sketch = RandomHeap(seed: seed).sketch
      let graph = sketch.graph
      let subtraction = graph.subtract()
      let leaked = graph.unreachable(marked: graph.mark(subtraction)).set
      let leaks = sketch.leaks()
      #expect(leaks.nodes.map(Int.init).sorted() == leaked.sorted(), "seed \(seed)")

      // Edges that may own, and what they reach.
      var edges = sketch.references.map { [$0.from, $0.to] }
      edges += sketch.words.filter { $0.from != $0.to && subtraction.unseen[$0.to] != 0 }.map { [$0.from, $0.to] }
      edges = edges.filter { leaked.contains($0[0]) && leaked.contains($0[1]) }
      var reached: [Int: Set<Int>] = [:]
      for start in leaked {
        var set: Set<Int> = [start]
        for _ in leaked { for edge in edges where set.contains(edge[0]) { set.insert(edge[1]) } }
        reached[start] = set
      }
      let components = Set(
        leaked.map { node in leaked.filter { reached[node]!.contains($0) && reached[$0]!.contains(node) } })
      let cores = components.filter { core in !edges.contains { !core.contains($0[0]) && core.contains($0[1]) } }
        .sorted { $0.min()! < $1.min()! }
      #expect(leaks.knots.map { Set(leaks.nodes[$0.core].map(Int.init)) } == cores.map { Set($0) }, "seed \(seed)")
      var taken: Set<Int> = []
      var start = 0
      for (knot, core) in zip(leaks.knots, cores) {
        let all = reached[core.first!]!.subtracting(taken)
        taken.formUnion(all)
        #expect(Set(leaks.nodes[knot.all].map(Int.init)) == all, "seed \(seed)")
        #expect(knot.all.lowerBound == start && knot.core.lowerBound == start, "seed \(seed)")
        start = knot.all.upperBound
        let isCounted = core.contains { sketch.traits[$0].contains(.counted) }
        let isLoop = edges.contains { core.contains($0[0]) && core.contains($0[1]) }
        #expect(knot.shape == (!isCounted ? .lost : isLoop ? .cycle : .overretained), "seed \(seed)")
        let inside = edges.filter { all.contains($0[0]) && all.contains($0[1]) }.count
        #expect(leaks.edges.edges(of: knot.all).count == inside, "seed \(seed)")
        for place in knot.all {
          for edge in leaks.edges.edges(of: place) { #expect(knot.all.contains(leaks.edges.target(edge))) }
        }
      }
    }
  }

  @Test func `a leaked pair retains what only it reaches, and two pairs that share an object are two knots`() {
    var sketch = Sketch(objects: 7)
    sketch.own(0, 1, 0)
    sketch.own(1, 0, 1)
    sketch.own(3, 4, 0)
    sketch.own(4, 3, 1)
    sketch.own(0, 2, 2)
    sketch.own(3, 2, 2)
    // A C block behind a pointer without a type, and an object over-retained.
    sketch.traits[5] = []
    sketch.words.append((1, 5))
    sketch.counts[6] = 2
    let leaks = sketch.leaks()
    #expect(leaks.nodes == [0, 1, 2, 5, 3, 4, 6])
    #expect(leaks.knots.map(\.core) == [0..<2, 4..<6, 6..<7])
    #expect(leaks.knots.map(\.all) == [0..<4, 4..<6, 6..<7])
    #expect(leaks.knots.map(\.shape) == [.cycle, .cycle, .overretained])
    #expect(leaks.weight(of: 0..<4) == 1 + 2 + 3 + 1)
    let groups = leaks.groups()
    #expect(groups.map(\.knots) == [[0, 1], [2]])
    #expect(groups[0].representative == 0)
  }

  @Test func `nothing leaked has no knots`() {
    var sketch = Sketch(objects: 1)
    sketch.counts[0] = 1
    sketch.roots = [RootWord(place: 0, target: 0, isPassing: true)]
    #expect(sketch.leaks().knots.isEmpty)
    #expect(sketch.leaks().groups().isEmpty)
    #expect(Sketch(objects: 0).leaks().groups().isEmpty)
  }
}
