import SeededRandom
import Testing

@testable import ObjectGraph

/// Which reference to weaken.
struct RemedyTests {
  /// What trial deletion frees, one object at a time.
  private func freed(_ sketch: Sketch, _ places: [Int], without labels: [UInt32]) -> Set<Int> {
    var edges = sketch.references.map { (from: $0.from, to: $0.to, label: $0.label) }
    edges += sketch.words.map { (from: $0.from, to: $0.to, label: ObjectGraph.untyped) }
    let graph = sketch.graph
    let unseen = graph.subtract().unseen
    edges = edges.filter { edge in
      guard places.contains(edge.from), places.contains(edge.to) else { return false }
      return edge.label != ObjectGraph.untyped || (edge.from != edge.to && unseen[edge.to] != 0)
    }
    var hidden: [Int: Int] = [:]
    for node in places where sketch.traits[node].contains(.counted) {
      let words = edges.filter { $0.to == node && $0.label == ObjectGraph.untyped }.count
      hidden[node] = max(0, Int(unseen[node]) - words)
    }
    let targets = Set(edges.filter { labels.contains($0.label) }.map(\.to))
    edges.removeAll { labels.contains($0.label) }
    var gone: Set<Int> = []
    var isFirst = true
    var affected = targets
    while isFirst || !affected.isEmpty {
      isFirst = false
      let dead = affected.filter { node in
        !gone.contains(node) && hidden[node, default: 0] == 0 && !edges.contains { $0.to == node }
      }
      gone.formUnion(dead)
      affected = Set(edges.filter { dead.contains($0.from) }.map(\.to))
      edges.removeAll { dead.contains($0.from) }
    }
    return gone
  }

  @Test func `random heaps: each remedy frees what deletion one by one frees, and no part of a whole one does`() {
    var sizes: [Int: Int] = [:]
    for seed in UInt64(0)..<3000 {
      let sketch = RandomHeap(seed: seed).sketch
      let leaks = sketch.leaks()
      var weakening = Weakening(leaks)
      for knot in leaks.knots where knot.shape == .cycle {
        let places = leaks.nodes[knot.all].map(Int.init)
        let core = Set(leaks.nodes[knot.core].map(Int.init))
        let remedies = weakening.remedies(of: knot, limit: 100).remedies
        let inCore = leaks.edges.edges(of: knot.core).filter { leaks.edges.target($0) < knot.core.upperBound }
        let labels = Set(inCore.map { leaks.classes[Int(leaks.edges.labels[$0])].label }).subtracting([
          ObjectGraph.untyped
        ])
        let most = freed(sketch, places, without: Array(labels)).intersection(core).count
        for remedy in remedies {
          let gone = freed(sketch, places, without: remedy.labels)
          #expect(remedy.freedNodes == gone.count, "seed \(seed): \(remedy)")
          #expect(remedy.freedWeight == gone.reduce(0) { $0 + UInt64(sketch.graph.nodes.weights[$1]) }, "seed \(seed)")
          #expect(remedy.isComplete == (gone.intersection(core).count == most), "seed \(seed): \(remedy)")
          if remedy.isComplete {
            sizes[remedy.labels.count, default: 0] += 1
            for label in remedy.labels where remedy.labels.count > 1 {
              let fewer = freed(sketch, places, without: remedy.labels.filter { $0 != label })
              #expect(fewer.intersection(core).count < most, "seed \(seed): \(remedy)")
            }
          }
        }
        #expect(remedies.contains(where: \.isComplete) == (most > 0), "seed \(seed)")
        // The least number of labels that does it is among them.
        let choices = (0..<1 << labels.count).map { bits in
          labels.sorted().enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element)
        }
        let least = choices.filter { choice in
          most > 0 && freed(sketch, places, without: choice).intersection(core).count == most
        }.map(\.count).min()
        #expect(remedies.filter(\.isComplete).map(\.labels.count).min() == least, "seed \(seed)")
      }
    }
    #expect(sizes[1, default: 0] > 100 && sizes[2, default: 0] > 20)
  }

  private func best(_ sketch: Sketch, _ priors: [Prior]? = nil) throws -> Remedy {
    try #require(sketch.leaks(priors: priors).groups().first?.remedies.first)
  }

  /// A tree: label 0 to an array's storage (kind 1), 1 to its elements, 2 back to the parent.
  private func tree(children: Int, levels: Int) -> Sketch {
    var count = 1
    var parents = [0]
    var edges: [(Int, Int, UInt32)] = []
    var storages: [Int] = []
    for _ in 0..<levels {
      var next: [Int] = []
      for parent in parents {
        let storage = count
        count += 1
        storages.append(storage)
        edges.append((parent, storage, 0))
        for _ in 0..<children {
          edges.append((storage, count, 1))
          edges.append((count, parent, 2))
          next.append(count)
          count += 1
        }
      }
      parents = next
    }
    var sketch = Sketch(objects: count)
    for edge in edges { sketch.own(edge.0, edge.1, edge.2) }
    for storage in storages {
      sketch.kinds[storage] = 1
      sketch.traits[storage].insert(.part)
    }
    return sketch
  }

  @Test(arguments: [Prior.neutral, .owner]) func `a tree's way back to the parent, by its shape`(prior: Prior) throws {
    let sketch = tree(children: 3, levels: 4)
    let remedy = try best(sketch, [prior, .never, .neutral])
    #expect(remedy.labels == [2])
    #expect(remedy.isComplete)
    #expect(remedy.freedNodes == sketch.kinds.count)
    #expect(remedy.reason == .ownedOtherwise)
    #expect(remedy.otherOwner == 1)
    #expect(remedy.orphans == 1)
  }

  @Test func `one child each: the name decides`() throws {
    var sketch = Sketch(objects: 2)
    sketch.own(0, 1, 0)
    sketch.own(1, 0, 1)
    #expect(try best(sketch, [.neutral, .back]).labels == [1])
    #expect(try best(sketch, [.back, .neutral]).labels == [0])
    #expect(try best(sketch, [.back, .neutral]).reason == .named)
    #expect(try best(sketch, [.owner, .neutral]).labels == [1])
    #expect(try best(sketch, [.owner, .neutral]).reason == .undecided)
    #expect(try best(sketch, [.never, .neutral]).reason == .onlyChoice)
  }

  @Test func `many that refer to one are the way back`() throws {
    // 0 owns a storage of five, each of which refers to 0; no names.
    var sketch = Sketch(objects: 7)
    sketch.traits[1].insert(.part)
    sketch.own(0, 1, 0)
    for item in 2..<7 {
      sketch.own(1, item, 1)
      sketch.own(item, 0, 2)
    }
    let remedy = try best(sketch, [.neutral, .never, .neutral])
    #expect(remedy.labels == [2])
    #expect(remedy.reason == .sharedTarget)
    #expect(remedy.targets == 1 && remedy.edges == 5)
  }

  @Test func `the edge that alone frees all is not the one, if it is the owner`() throws {
    // An owner of five; each refers back under two labels, so that neither alone frees anything.
    var sketch = Sketch(objects: 6)
    for item in 1..<6 {
      sketch.own(0, item, 0)
      sketch.own(item, 0, 1)
      sketch.own(item, 0, 2)
    }
    let remedies = try #require(sketch.leaks().groups().first?.remedies)
    #expect(remedies.map(\.labels) == [[1, 2], [0]])
    #expect(remedies.map(\.isComplete) == [true, true])
    #expect(remedies.map(\.orphans) == [1, 5])
    // With one item, names say it.
    var pair = Sketch(objects: 2)
    pair.own(0, 1, 0)
    pair.own(1, 0, 1)
    pair.own(1, 0, 2)
    #expect(try best(pair, [.owner, .back, .back]).labels == [1, 2])
    #expect(try best(pair, [.neutral, .back, .back]).labels == [1, 2])
  }

  @Test func `a closure's capture before the field that stores it`() throws {
    var sketch = Sketch(objects: 2)
    sketch.traits[1].insert(.part)
    sketch.own(0, 1, 0)
    sketch.own(1, 0, 1)
    let remedy = try best(sketch, [.owner, .capture])
    #expect(remedy.labels == [1])
    #expect(remedy.reason == .capture)
  }

  @Test func `a doubly linked list, its way back, and all of it goes`() throws {
    var sketch = Sketch(objects: 100)
    for node in 0..<99 {
      sketch.own(node, node + 1, 0)
      sketch.own(node + 1, node, 1)
    }
    let remedy = try best(sketch, [.neutral, .back])
    #expect(remedy.labels == [1])
    #expect(remedy.freedNodes == 100 && remedy.orphans == 1 && remedy.targets == 99)
    #expect(remedy.otherOwner == 0)
  }

  @Test func `a core that an over-retained object holds has no remedy`() throws {
    var sketch = Sketch(objects: 1)
    sketch.own(0, 0, 0)
    sketch.counts[0] += 1
    let group = try #require(sketch.leaks().groups().first)
    #expect(group.remedies == [])
    #expect(group.heldInCore == 1)
  }

  @Test func `a cycle through C memory goes when the object's reference to the block is weak`() throws {
    var sketch = Sketch(objects: 3)
    sketch.own(0, 1, 0)
    sketch.traits[2] = []
    sketch.words = [(1, 2), (2, 0)]
    sketch.counts[0] += 1
    let group = try #require(sketch.leaks().groups().first)
    #expect(group.cycles.map(\.length) == [3])
    #expect(group.remedies.map(\.labels) == [[0]])
    #expect(group.remedies.map(\.freedNodes) == [3])
    #expect(group.heldInCore == 0)
  }
}
