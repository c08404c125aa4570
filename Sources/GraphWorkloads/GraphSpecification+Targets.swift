import SeededRandom

extension GraphSpecification {
  /// How many nodes of the built graph at least one back link leads to: with weak ones, those that have a side table.
  package var backLinkTargets: Int {
    if backLink == .index { return 0 }
    switch topology {
    case .ring, .closure: return nodes
    case .list: return nodes - 1
    // The nodes that have children.
    case .tree2: return nodes / 2
    case .tree16: return (nodes + 14) / 16
    // A node that is alone in its cluster has nobody who points back to it.
    case .clique16: return nodes % 16 == 1 ? nodes - 1 : nodes
    case .random: return randomTargets
    case .delegate: return nodes / 2
    // All but the subjects; a single node left over is no subject, and not captured.
    case .observer: return nodes - (nodes + 15) / 16
    // Each element is captured by its listener; the document is the top element's parent.
    case .document: return nodes > 1 ? nodes : 0
    }
  }

  /// Draws the links once more.
  private var randomTargets: Int {
    var generator = SplitMix64(seed: seed)
    var isTarget = [Bool](repeating: false, count: nodes)
    var targets = 0
    for _ in 0..<nodes * 4 {
      let target = generator.next(below: nodes)
      if !isTarget[target] { targets += 1 }
      isTarget[target] = true
    }
    return targets
  }
}
