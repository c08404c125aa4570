import Testing

@testable import ObjectGraph

struct PathTests {
  @Test func `random heaps: a way to each marked node, real and the shortest`() {
    for seed in UInt64(0)..<2000 {
      let sketch = RandomHeap(seed: seed).sketch
      let graph = sketch.graph
      let subtraction = graph.subtract()
      let marked = graph.mark(subtraction)
      var steps: [Int: Int] = [:]
      for root in sketch.roots where subtraction.unseen[Int(root.target)] != 0 { steps[Int(root.target)] = 0 }
      var edges = sketch.references.map { [$0.from, $0.to] }
      edges += sketch.words.filter { subtraction.unseen[$0.to] != 0 }.map { [$0.from, $0.to] }
      for _ in sketch.kinds {
        for edge in edges {
          if let known = steps[edge[0]] { steps[edge[1]] = min(steps[edge[1]] ?? .max, known + 1) }
        }
      }
      for node in sketch.kinds.indices {
        let path = graph.shortestPath(to: NodeSet([node], nodeCount: graph.nodeCount), subtraction)
        #expect((path != nil) == marked.contains(node), "seed \(seed)")
        #expect(path?.labels.count == steps[node], "seed \(seed)")
        guard let path else { continue }
        #expect(path.nodes.count == path.labels.count + 1, "seed \(seed)")
        #expect(path.nodes.last == UInt32(node) && path.nodes[0] == sketch.roots[path.root].target, "seed \(seed)")
        for (index, label) in path.labels.enumerated() {
          let (from, to) = (Int(path.nodes[index]), Int(path.nodes[index + 1]))
          let isThere =
            label == ObjectGraph.untyped
            ? sketch.words.contains { $0 == (from, to) }
            : sketch.references.contains { $0 == (from, to, label) }
          #expect(isThere, "seed \(seed)")
        }
      }
    }
  }
}
