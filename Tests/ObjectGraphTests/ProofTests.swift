import Testing

@testable import ObjectGraph

/// Subtraction, proven sets and marking: against slow oracles, and against heaps that know their owners.
struct ProofTests {
  static let seeds: Range<UInt64> = 0..<4000

  @Test func `random heaps: nothing alive is ever called leaked`() {
    for seed in Self.seeds {
      let heap = RandomHeap(seed: seed)
      let graph = heap.sketch.graph
      let subtraction = graph.subtract()
      let marked = graph.mark(subtraction)
      let alive = heap.alive
      #expect(subtraction.wrong.isEmpty, "seed \(seed)")
      #expect(alive.isSubset(of: marked.set), "seed \(seed)")
      let proven = graph.provenSet(subtraction).set
      #expect(proven.isDisjoint(with: alive.union(heap.hidden)), "seed \(seed)")
      #expect(proven.isSubset(of: graph.unreachable(marked: marked).set), "seed \(seed)")
    }
  }

  @Test func `random heaps: a proven set is the largest whose members alone own it`() {
    for seed in Self.seeds {
      let sketch = RandomHeap(seed: seed).sketch
      let graph = sketch.graph
      let subtraction = graph.subtract()
      // Throw out whoever has an owner outside, until nobody has.
      var set = Set(
        sketch.kinds.indices.filter { node in
          let found = sketch.references.filter { $0.to == node }.count
          return sketch.traits[node].contains(.counted) && Int(sketch.counts[node]) == found
        })
      var shrunk = true
      while shrunk {
        shrunk = false
        for edge in sketch.references where set.contains(edge.to) && !set.contains(edge.from) {
          set.remove(edge.to)
          shrunk = true
        }
      }
      #expect(graph.provenSet(subtraction).set == set, "seed \(seed)")
    }
  }

  @Test func `random heaps: marking is the least set that its rules close`() {
    for seed in Self.seeds {
      let sketch = RandomHeap(seed: seed).sketch
      let graph = sketch.graph
      func mayOwn(_ node: Int) -> Bool {
        let found = sketch.references.filter { $0.to == node }.count
        return !sketch.traits[node].contains(.counted) || Int(sketch.counts[node]) > found
      }
      var marked = Set(sketch.roots.map { Int($0.target) }.filter(mayOwn))
      var grown = true
      while grown {
        grown = false
        for edge in sketch.references where marked.contains(edge.from) {
          if marked.insert(edge.to).inserted { grown = true }
        }
        for word in sketch.words where marked.contains(word.from) && mayOwn(word.to) {
          if marked.insert(word.to).inserted { grown = true }
        }
      }
      #expect(graph.mark(graph.subtract()).set == marked, "seed \(seed)")
    }
  }

  @Test func `heaps of typed references alone: proven is exactly the garbage`() {
    for seed in Self.seeds {
      var heap = RandomHeap(seed: seed)
      heap.sketch.words = []
      heap.sketch.roots = []
      heap.sketch.traits = heap.sketch.traits.map { _ in .counted }
      heap.sketch.counts = heap.sketch.counts.map { _ in 0 }
      for edge in heap.sketch.references { heap.sketch.counts[edge.to] += 1 }
      // Each owner outside the heap counts once.
      let outside = heap.owners.filter { $0.0 == -1 }.map(\.1)
      for node in outside { heap.sketch.counts[node] += 1 }
      var alive = Set(outside)
      for _ in heap.sketch.kinds {
        for edge in heap.sketch.references where alive.contains(edge.from) { alive.insert(edge.to) }
      }
      let graph = heap.sketch.graph
      #expect(
        graph.provenSet(graph.subtract()).set == Set(heap.sketch.kinds.indices).subtracting(alive), "seed \(seed)")
    }
  }

  /// 0 ⇄ 1 → 2
  private var pair: Sketch {
    var sketch = Sketch(objects: 3)
    sketch.own(0, 1, 0)
    sketch.own(1, 0, 1)
    sketch.own(1, 2, 2)
    return sketch
  }

  @Test func `a pair without an owner is proven, with what it owns`() {
    let graph = pair.graph
    #expect(graph.provenSet(graph.subtract()).set == [0, 1, 2])
  }

  @Test(arguments: [0, 1]) func `one owner outside keeps it all`(node: Int) {
    var sketch = pair
    sketch.counts[node] += 1
    #expect(sketch.graph.provenSet(sketch.graph.subtract()).set == [])
  }

  @Test func `an immortal, a deiniting and a wrongly counted object prove nothing`() {
    for change in 0..<3 {
      var sketch = pair
      switch change {
      case 0: sketch.counts[0] = ObjectGraph.Nodes.pinned
      case 1: sketch.traits[0].insert(.deiniting)
      default: sketch.counts[0] = 0
      }
      let subtraction = sketch.graph.subtract()
      #expect(subtraction.wrong == (change == 2 ? [0] : []))
      #expect(subtraction.unseen[0] == 1)
      #expect(sketch.graph.provenSet(subtraction).set == [])
      let wrong = sketch.graph.references(into: NodeSet(subtraction.wrong.map(Int.init), nodeCount: 3))
      #expect(wrong == (change == 2 ? [ObjectGraph.Reference(source: 1, target: 0, label: 1)] : []))
    }
  }

  @Test func `a stale word marks nothing whose owners are all known`() {
    var sketch = pair
    sketch.roots = [RootWord(place: 5, target: 0, isPassing: true), RootWord(place: 6, target: 1, isPassing: false)]
    let graph = sketch.graph
    let marked = graph.mark(graph.subtract())
    #expect(marked.isEmpty)
    // But a word in a global is worth a line in the report.
    let pointers = graph.lastingPointers(into: graph.unreachable(marked: marked), marked: marked)
    #expect(pointers == [ObjectGraph.UntypedPointer(source: .root(6), target: 1)])
  }

  @Test func `a block that is alive and points into the set is named, a task's slab and a dead block are not`() {
    var sketch = Sketch(objects: 5)
    sketch.own(0, 1, 0)
    sketch.own(1, 0, 0)
    for block in 2...4 {
      sketch.traits[block] = block == 3 ? [.passing] : []
      sketch.words.append((block, block == 2 ? 1 : 0))
    }
    sketch.roots = [2, 3].map { RootWord(place: 0, target: $0, isPassing: false) }
    let graph = sketch.graph
    let marked = graph.mark(graph.subtract())
    #expect(marked.set == [2, 3])
    let pointers = graph.lastingPointers(into: graph.unreachable(marked: marked), marked: marked)
    #expect(pointers == [ObjectGraph.UntypedPointer(source: .block(2), target: 1)])
  }

  @Test func `a zombie is no leak`() {
    var sketch = Sketch(objects: 1)
    sketch.traits[0].insert(.deiniting)
    let graph = sketch.graph
    #expect(graph.unreachable(marked: graph.mark(graph.subtract())).isEmpty)
  }
}
