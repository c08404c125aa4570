@testable import ObjectGraph
import SeededRandom

/// A graph as a few lists, for tests.
struct Sketch {
  var kinds: [UInt32]
  var counts: [UInt32]
  var traits: [NodeTraits]
  var references: [(from: Int, to: Int, label: UInt32)] = []
  var words: [(from: Int, to: Int)] = []
  var roots: [RootWord] = []

  /// Counted objects of kind 0 without an unseen owner: `graph` counts the references.
  init(objects: Int) {
    kinds = Array(repeating: 0, count: objects)
    counts = Array(repeating: 0, count: objects)
    traits = Array(repeating: .counted, count: objects)
  }

  /// Adds a reference that the target's count knows of.
  mutating func own(_ from: Int, _ to: Int, _ label: UInt32) {
    references.append((from, to, label))
    counts[to] += 1
  }

  var graph: ObjectGraph {
    var typed = EdgeTable(nodeCount: kinds.count)
    for source in kinds.indices {
      for edge in references where edge.from == source { typed.append(from: source, to: edge.to, label: edge.label) }
    }
    typed.finish()
    var untyped = EdgeTable(nodeCount: kinds.count, isLabelled: false)
    for source in kinds.indices {
      for edge in words where edge.from == source { untyped.append(from: source, to: edge.to) }
    }
    untyped.finish()
    let nodes = ObjectGraph.Nodes(
      traits: traits, kinds: kinds, strongCounts: counts, weights: kinds.indices.map { UInt32($0 % 5 + 1) })
    return ObjectGraph(nodes: nodes, references: typed, words: untyped, roots: roots)
  }

  /// Everything that marking does not reach, in knots.
  func leaks(priors: [Prior]? = nil) -> Leaks {
    let graph = graph
    let subtraction = graph.subtract()
    let leaked = graph.unreachable(marked: graph.mark(subtraction))
    return graph.leaks(leaked, subtraction, vocabulary: vocabulary(priors))
  }

  /// Keys that ascend with the numbers.
  func vocabulary(_ priors: [Prior]? = nil) -> Vocabulary {
    let labels = (references.map(\.label).max() ?? 0) + 1
    return Vocabulary(
      kindKeys: (0...(kinds.max() ?? 0)).map(UInt64.init), labelKeys: (0..<labels).map(UInt64.init),
      priors: priors ?? Array(repeating: .neutral, count: Int(labels)))
  }
}

extension EdgeTable {
  init(nodeCount: Int, _ edges: [(from: Int, to: Int, label: UInt32)]) {
    self.init(nodeCount: nodeCount)
    for source in 0..<nodeCount {
      for edge in edges where edge.from == source { append(from: source, to: edge.to, label: edge.label) }
    }
    finish()
  }
}

/// A random heap that knows the truth: which references and words own their targets.
struct RandomHeap {
  var sketch: Sketch
  /// True owners, of whatever form: pairs of source and target; -1 is the world outside the heap, alive for ever.
  var owners: [(Int, Int)] = []
  /// Nodes that a word in a root, or a C block that is alive, holds as an owner must be visible to marking. Owners
  /// that no word shows (-2) make an object over-retained.
  var hidden: Set<Int> = []

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let count = 1 + random.next(below: 12)
    sketch = Sketch(objects: count)
    let labels = 1 + random.next(below: 4)
    let kinds = 1 + random.next(below: 3)
    for node in 0..<count {
      sketch.kinds[node] = UInt32(random.next(below: kinds))
      if random.next(below: 5) == 0 { sketch.traits[node] = [] }
      if random.next(below: 20) == 0 { sketch.traits[node].insert(.passing) }
    }
    for _ in 0..<random.next(below: 2 * count + 1) {
      let (from, to) = (random.next(below: count), random.next(below: count))
      let label = UInt32(random.next(below: labels))
      switch random.next(below: 10) {
      case 0:
        // A stale word, in a root or in a block.
        sketch.words.append((from, to))
        sketch.roots.append(RootWord(place: 7, target: UInt32(to), isPassing: true))
      case 1:
        sketch.words.append((from, to))
        own(from, to)
      case 2 where random.next(below: 2) == 0:
        sketch.roots.append(RootWord(place: UInt32(from), target: UInt32(to), isPassing: false))
        own(-1, to)
      case 3 where random.next(below: 4) == 0:
        hidden.insert(to)
        sketch.counts[to] += 1
      default:
        if sketch.traits[from].contains(.counted) && sketch.traits[to].contains(.counted) {
          sketch.own(from, to, label)
          owners.append((from, to))
        } else {
          sketch.words.append((from, to))
          own(from, to)
        }
      }
    }
  }

  private mutating func own(_ from: Int, _ to: Int) {
    owners.append((from, to))
    sketch.counts[to] += 1
  }

  /// What the world outside reaches through true owners.
  var alive: Set<Int> {
    var alive: Set<Int> = []
    var grown = true
    while grown {
      grown = false
      for (from, to) in owners where from == -1 || alive.contains(from) {
        if alive.insert(to).inserted { grown = true }
      }
    }
    return alive
  }
}

extension NodeSet {
  var set: Set<Int> { Set(nodes.map(Int.init)) }
}
