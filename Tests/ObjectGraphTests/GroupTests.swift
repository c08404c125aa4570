import SeededRandom
import Testing

@testable import ObjectGraph

/// Folding of equal knots, and what must be the same from run to run.
struct GroupTests {
  @Test func `equal leaks of different sizes fold into one group, told by its largest`() throws {
    // Pairs that own some leaves; every third is a pair of another kind.
    var sketch = Sketch(objects: 0)
    for pair in 0..<30 {
      let first = sketch.kinds.count
      let leaves = pair == 17 ? 9 : pair % 4
      sketch.kinds += [0, pair % 3 == 0 ? 1 : 0] + Array(repeating: 2, count: leaves)
      sketch.counts += Array(repeating: 0, count: 2 + leaves)
      sketch.traits += Array(repeating: .counted, count: 2 + leaves)
      sketch.own(first, first + 1, 0)
      sketch.own(first + 1, first, 1)
      for leaf in 0..<leaves { sketch.own(first, first + 2 + leaf, 2) }
    }
    let groups = sketch.leaks().groups()
    #expect(groups.map(\.knots.count) == [10, 20])
    #expect(groups[1].representative == 17)
    #expect(groups[1].remedies[0].freedNodes == 11)
    let leaks = sketch.leaks()
    #expect(leaks.groups { UInt8($0.all.count % 2) }.count == 4)
  }

  /// What a user sees of a group, in keys.
  struct Seen: Hashable {
    var shape: UInt8
    var steps: [[UInt64]]
    var length: Int?
    var knots: Int
    var remedies: [[UInt64]]
  }

  private func seen(_ leaks: Leaks) -> [Seen: Int] {
    let words = leaks.vocabulary
    // What several knots share belongs to the first, and which is first depends on the order.
    let isAlone = leaks.knots.count == 1
    let all = leaks.groups().map { group in
      Seen(
        shape: group.signature.shape.rawValue,
        steps: group.signature.steps.map { [words.kindKeys[Int($0.kind)], $0.label.map(words.labelKey) ?? 1] },
        // Of knots of several sizes the first of the largest is taken: which, depends on the order.
        length: group.knots.count == 1 ? group.cycles.first?.length : nil, knots: group.knots.count,
        remedies: (isAlone ? group.remedies : []).map {
          [UInt64($0.freedNodes), UInt64($0.orphans), $0.otherOwner.map(words.labelKey) ?? 99]
            + $0.labels.map(words.labelKey)
        })
    }
    return Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +)
  }

  @Test func `signatures do not depend on the numbers of nodes, kinds and labels`() {
    for seed in UInt64(0)..<2000 {
      let sketch = RandomHeap(seed: seed).sketch
      var random = SplitMix64(seed: seed &+ 77)
      func shuffled(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        random.shuffle(&order)
        return order
      }
      let count = sketch.kinds.count
      let vocabulary = sketch.vocabulary()
      let (nodes, kinds) = (shuffled(count), shuffled(vocabulary.kindKeys.count))
      let labels = shuffled(vocabulary.labelKeys.count)
      var other = Sketch(objects: count)
      for node in 0..<count {
        other.kinds[nodes[node]] = UInt32(kinds[Int(sketch.kinds[node])])
        other.counts[nodes[node]] = sketch.counts[node]
        other.traits[nodes[node]] = sketch.traits[node]
      }
      other.references = sketch.references.map { (nodes[$0.from], nodes[$0.to], UInt32(labels[Int($0.label)])) }
      other.words = sketch.words.map { (nodes[$0.from], nodes[$0.to]) }
      other.roots = sketch.roots.map { RootWord(place: 0, target: UInt32(nodes[Int($0.target)]), isPassing: true) }
      var words = vocabulary
      for (old, new) in kinds.enumerated() { words.kindKeys[new] = UInt64(old) }
      for (old, new) in labels.enumerated() { words.labelKeys[new] = UInt64(old) }
      let graph = other.graph
      let subtraction = graph.subtract()
      let leaked = graph.unreachable(marked: graph.mark(subtraction))
      #expect(seen(graph.leaks(leaked, subtraction, vocabulary: words)) == seen(sketch.leaks()), "seed \(seed)")
    }
  }
}
