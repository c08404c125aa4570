/// The shortest way from a root to a node: why it is alive.
package struct Path: Sendable, Equatable {
  /// The root's word, by its place in `ObjectGraph.roots`.
  package var root: Int
  /// The nodes on the way, from the root's target to the goal.
  package var nodes: [UInt32]
  /// The label of each step from one node to the next; `ObjectGraph.untyped` for a word without a type.
  package var labels: [UInt32]
}

extension ObjectGraph {
  /// The shortest way from a root to one of `goals`, by the rule of `mark`; `nil` if none is marked. Linear, 4 bytes
  /// a node.
  package func shortestPath(to goals: NodeSet, _ subtraction: Subtraction) -> Path? {
    let unseen = subtraction.unseen
    // The node before each, or its own number where a root leads to it; .max: not met.
    var before = [UInt32](repeating: .max, count: nodeCount)
    var queue: [UInt32] = []
    for root in roots where unseen[Int(root.target)] != 0 && before[Int(root.target)] == .max {
      before[Int(root.target)] = root.target
      queue.append(root.target)
    }
    var head = 0
    while head < queue.count {
      let source = queue[head]
      head += 1
      if goals.contains(Int(source)) { return path(to: source, before) }
      for target in references.targets[references.edges(of: Int(source))] where before[Int(target)] == .max {
        before[Int(target)] = source
        queue.append(target)
      }
      for target in words.targets[words.edges(of: Int(source))]
      where unseen[Int(target)] != 0 && before[Int(target)] == .max {
        before[Int(target)] = source
        queue.append(target)
      }
    }
    return nil
  }

  private func path(to goal: UInt32, _ before: [UInt32]) -> Path? {
    var nodes = [goal]
    var labels: [UInt32] = []
    var node = goal
    while before[Int(node)] != node {
      let source = before[Int(node)]
      let edge = references.edges(of: Int(source)).first { references.targets[$0] == node }
      labels.append(edge.map { references.labels[$0] } ?? Self.untyped)
      nodes.append(source)
      node = source
    }
    guard let root = roots.firstIndex(where: { $0.target == node }) else { return nil }
    return Path(root: root, nodes: nodes.reversed(), labels: labels.reversed())
  }
}
