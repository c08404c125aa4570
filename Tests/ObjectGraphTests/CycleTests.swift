import SeededRandom
import Testing

@testable import ObjectGraph

struct CycleTests {
  @Test func `the least rotation, the period and the folding of random sequences`() {
    var random = SplitMix64(seed: 3)
    for round in 0..<5000 {
      let piece = (0..<1 + random.next(below: 6)).map { _ in UInt32(random.next(below: 3)) }
      let values = Array(repeatElement(piece, count: 1 + random.next(below: 3)).joined())
      let rotations = values.indices.map { Array(values[$0...] + values[..<$0]) }
      let least = rotations.min { $0.lexicographicallyPrecedes($1) }!
      #expect(rotations[Cycle.leastRotation(values)] == least, "round \(round): \(values)")
      let period = (1...values.count).first { size in
        values.count % size == 0 && Array(repeatElement(values[..<size], count: values.count / size).joined()) == values
      }
      #expect(Cycle.period(values) == period, "round \(round): \(values)")
      let unfolded = Cycle.fold(values[...]).flatMap { repeatElement($0.classes, count: $0.times).joined() }
      #expect(unfolded == values, "round \(round): \(values)")
      let cycle = Cycle(classes: values, nodes: values, occurrences: 1)
      #expect(Array(repeatElement(cycle.flat, count: cycle.turns).joined()) == least, "round \(round): \(values)")
      #expect(cycle.example == Array(least.prefix(period!)))
    }
  }

  /// The shortest cycles of a core by trying every walk, as least rotations of their classes.
  private func shortestCycles(_ leaks: Leaks, _ core: Range<Int>) -> [[UInt32]] {
    for length in 1...core.count {
      var found: [[UInt32]] = []
      func walk(_ start: Int, _ node: Int, _ classes: [UInt32]) {
        if classes.count == length {
          if node == start { found.append(classes) }
          return
        }
        for edge in leaks.edges.edges(of: node) where core.contains(leaks.edges.target(edge)) {
          walk(start, leaks.edges.target(edge), classes + [leaks.edges.labels[edge]])
        }
      }
      for start in core { walk(start, start, []) }
      if !found.isEmpty { return found.sorted { $0.lexicographicallyPrecedes($1) } }
    }
    return []
  }

  @Test func `random heaps: the shortest cycle, first by keys, and real`() {
    var lengths: [Int: Int] = [:]
    for seed in UInt64(0)..<2000 {
      let sketch = RandomHeap(seed: seed).sketch
      let leaks = sketch.leaks()
      var search = CycleSearch(leaks.edges)
      for knot in leaks.knots where knot.shape == .cycle {
        let expected = shortestCycles(leaks, knot.core)
        guard let found = search.shortest(in: knot.core) else {
          Issue.record("seed \(seed): no cycle in \(knot)")
          continue
        }
        lengths[found.shortest.length, default: 0] += 1
        #expect(found.isShortest, "seed \(seed)")
        let flat = Array(repeatElement(found.shortest.flat, count: found.shortest.turns).joined())
        #expect(flat == expected.first, "seed \(seed)")
        expectReal(found.shortest, leaks, "seed \(seed)")
        for cycle in search.variety(in: knot.core, after: found.shortest, limit: 5) {
          expectReal(cycle, leaks, "seed \(seed)")
        }
      }
    }
    #expect(lengths[1, default: 0] > 50 && lengths[2, default: 0] > 50 && lengths[3, default: 0] > 10)
  }

  /// Each object of the example has the edge that leads to the next.
  private func expectReal(_ cycle: Cycle, _ leaks: Leaks, _ message: String) {
    for (index, node) in cycle.example.enumerated() where index + 1 < cycle.example.count || cycle.turns == 1 {
      let next = cycle.example[(index + 1) % cycle.example.count]
      let leads = leaks.edges.edges(of: Int(node)).contains {
        leaks.edges.targets[$0] == next && leaks.edges.labels[$0] == cycle.flat[index]
      }
      #expect(leads, "\(message): \(cycle)")
    }
  }

  @Test func `larger random cores: the length is the least, where it says so`() {
    // Without a reserve some cores are too large to search from every node; with one, none is.
    var known = 0
    for seed in UInt64(0)..<30 {
      var random = SplitMix64(seed: seed)
      let count = 100 + random.next(below: 200)
      var sketch = Sketch(objects: count)
      for node in 0..<count { sketch.own(node, (node + 1) % count, 0) }
      for _ in 0..<1 + random.next(below: 20) {
        sketch.own(random.next(below: count), random.next(below: count), UInt32(1 + random.next(below: 3)))
      }
      let leaks = sketch.leaks()
      var search = CycleSearch(leaks.edges, reserve: Int(seed % 2) * 1_000_000)
      let core = leaks.knots[0].core
      let result = search.shortest(in: core)
      // Breadth first from every node.
      var least = Int.max
      for start in core {
        var distance = [start: 0]
        var queue = [start]
        var head = 0
        while head < queue.count {
          let node = queue[head]
          head += 1
          for edge in leaks.edges.edges(of: node) {
            let target = leaks.edges.target(edge)
            if target == start { least = min(least, distance[node]! + 1) }
            if distance[target] == nil {
              distance[target] = distance[node]! + 1
              queue.append(target)
            }
          }
        }
      }
      #expect(result!.shortest.length >= least, "seed \(seed)")
      if result!.isShortest { #expect(result!.shortest.length == least, "seed \(seed)") }
      if seed % 2 == 1 { #expect(result!.isShortest, "seed \(seed)") }
      if result!.isShortest { known += 1 }
    }
    #expect(known > 15 && known < 30)
  }

  @Test(arguments: [1, 2, 3, 1000, 1_000_000])
  func `a ring of one type is one step, turned as often as it has nodes`(count: Int) throws {
    let cycle = try #require(ring(count).groups().first?.cycles.first)
    #expect(cycle.runs == [Cycle.Run(classes: [0], times: 1)])
    #expect(cycle.turns == count)
    #expect(cycle.length == count)
  }

  private func ring(_ count: Int) -> Leaks {
    var table = EdgeTable(nodeCount: count)
    for node in 0..<count { table.append(from: node, to: (node + 1) % count) }
    table.finish()
    var words = EdgeTable(nodeCount: count, isLabelled: false)
    words.finish()
    func all<Value>(_ value: Value) -> [Value] { Array(repeating: value, count: count) }
    let graph = ObjectGraph(
      nodes: .init(traits: all(.counted), kinds: all(0), strongCounts: all(1), weights: all(3)), references: table,
      words: words, roots: [])
    let subtraction = graph.subtract()
    return graph.leaks(
      graph.provenSet(subtraction), subtraction,
      vocabulary: Vocabulary(kindKeys: [1], labelKeys: [1], priors: [.neutral]))
  }

  @Test func `a list held by its head folds into its runs, however long`() throws {
    var signatures: Set<LeakSignature> = []
    for count in [3, 10, 50] {
      // 0 owns the first node (label 0), nodes the next (1), the last owns 0 (2).
      var sketch = Sketch(objects: count)
      for node in 0..<count { sketch.kinds[node] = node == 0 ? 0 : 1 }
      sketch.own(0, 1, 0)
      for node in 1..<count - 1 { sketch.own(node, node + 1, 1) }
      sketch.own(count - 1, 0, 2)
      let leaks = sketch.leaks()
      let group = try #require(leaks.groups().first)
      signatures.insert(group.signature)
      #expect(group.cycles[0].length == count)
      #expect(group.cycles[0].turns == 1)
      #expect(group.cycles[0].runs.map(\.times).max() == (count > 3 ? count - 2 : 1))
    }
    #expect(signatures.count == 1)
  }

  @Test func `two cycles through one object are both named, the frequent one before the rare`() throws {
    // Object 0 with a child (label 0 and back 1); and with ten others (2 and back 3).
    var sketch = Sketch(objects: 12)
    sketch.own(0, 1, 0)
    sketch.own(1, 0, 1)
    for other in 2..<12 {
      sketch.own(0, other, 2)
      sketch.own(other, 0, 3)
    }
    let leaks = sketch.leaks()
    let group = try #require(leaks.groups().first)
    #expect(group.cycles.map { $0.flat.map { leaks.classes[Int($0)].label } } == [[0, 1], [2, 3]])
    #expect(group.cycles.map(\.occurrences) == [1, 10])
  }

  @Test func `a doubly linked list of 10,000 nodes is a pair`() throws {
    var sketch = EdgeTable(nodeCount: 10_000)
    for node in 0..<10_000 {
      if node > 0 { sketch.append(from: node, to: node - 1, label: 1) }
      if node < 9_999 { sketch.append(from: node, to: node + 1, label: 0) }
    }
    sketch.finish()
    var search = CycleSearch(sketch)
    let found = search.shortest(in: 0..<10_000)
    let result = try #require(found)
    #expect(result.shortest.flat == [0, 1])
    #expect(result.shortest.occurrences == 9_999)
    #expect(result.isShortest)
  }
}

extension Cycle {
  /// The classes of one turn.
  var flat: [UInt32] { runs.flatMap { repeatElement($0.classes, count: $0.times).joined() } }
}
