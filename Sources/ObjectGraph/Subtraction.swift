/// Owners that the graph does not show: strong counts less the references found.
package struct Subtraction: Sendable {
  /// X for each node. 0: every owner is known. A block that is not counted, and a node whose count says nothing
  /// (pinned, deiniting, a wrong edge), stands at 1: assume that somebody owns it.
  package let unseen: [Int32]
  /// Nodes to which more references lead than their counts allow: at least one of those edges is wrong. Ascending.
  package let wrong: [UInt32]
}

extension ObjectGraph {
  /// X(o) = strong count − typed strong references into o; linear.
  package func subtract() -> Subtraction {
    let traits = nodes.traits
    let counts = nodes.strongCounts
    var unseen = [Int32](repeating: 0, count: nodeCount)
    for node in 0..<nodeCount { unseen[node] = Int32(truncatingIfNeeded: min(counts[node], UInt32(Int32.max))) }
    for target in references.targets { unseen[Int(target)] &-= 1 }
    var wrong: [UInt32] = []
    for node in 0..<nodeCount {
      let trait = traits[node]
      if !trait.contains(.counted) || trait.contains(.deiniting) || counts[node] == Nodes.pinned {
        unseen[node] = 1
      } else if unseen[node] < 0 {
        unseen[node] = 1
        wrong.append(UInt32(truncatingIfNeeded: node))
      }
    }
    return Subtraction(unseen: unseen, wrong: wrong)
  }

  /// The nodes that have no owner outside their set: each has X = 0, and only members refer to it.
  ///
  /// That is CPython's rule: what has an unseen owner lives, and so does what it reaches through typed strong
  /// references; the rest has every owner among itself. Words without types decide nothing here. Linear.
  package func provenSet(_ subtraction: Subtraction) -> NodeSet {
    let unseen = subtraction.unseen
    var owned = NodeSet(nodeCount: nodeCount)
    var pending: [UInt32] = []
    for node in 0..<nodeCount where unseen[node] != 0 && owned.insert(node) {
      pending.append(UInt32(truncatingIfNeeded: node))
      while let source = pending.popLast() {
        for edge in references.edges(of: Int(source)) {
          let target = references.target(edge)
          if owned.insert(target) { pending.append(UInt32(truncatingIfNeeded: target)) }
        }
      }
    }
    return owned.complement(nodeCount: nodeCount)
  }

  /// The edges into some nodes, in order of their sources: for the owners of an object, and for edges that must be
  /// wrong. Linear in the whole graph.
  package func references(into targets: NodeSet) -> [Reference] {
    var found: [Reference] = []
    for source in 0..<nodeCount {
      for edge in references.edges(of: source) where targets.contains(references.target(edge)) {
        found.append(Reference(source: source, target: references.target(edge), label: references.labels[edge]))
      }
    }
    return found
  }

  package struct Reference: Hashable, Sendable {
    package var source: Int
    package var target: Int
    package var label: UInt32
  }
}

extension NodeSet {
  func complement(nodeCount: Int) -> NodeSet {
    var result = self
    for index in result.words.indices { result.words[index] = ~result.words[index] }
    if nodeCount & 63 != 0 { result.words[nodeCount >> 6] &= (1 << UInt64(nodeCount & 63)) - 1 }
    return result
  }
}
