extension ObjectGraph {
  /// The nodes that are in use, by marking that asks the counts.
  ///
  /// A word without a type, in a root or in a marked block, marks a counted object only if it has an unseen owner (X
  /// > 0): with X = 0 the word provably owns nothing. It always marks a block that is not counted. A typed strong
  /// reference always marks. What is not marked, and not deiniting, is unreachable; proven sets are among it. Linear.
  package func mark(_ subtraction: Subtraction) -> NodeSet {
    let unseen = subtraction.unseen
    var marked = NodeSet(nodeCount: nodeCount)
    var pending: [UInt32] = []
    for root in roots where unseen[Int(root.target)] != 0 && marked.insert(Int(root.target)) {
      pending.append(root.target)
    }
    while let source = pending.popLast() {
      for edge in references.edges(of: Int(source)) {
        let target = references.target(edge)
        if marked.insert(target) { pending.append(UInt32(truncatingIfNeeded: target)) }
      }
      for edge in words.edges(of: Int(source)) {
        let target = words.target(edge)
        if unseen[target] != 0 && marked.insert(target) { pending.append(UInt32(truncatingIfNeeded: target)) }
      }
    }
    return marked
  }

  /// The nodes that are neither marked nor deiniting.
  package func unreachable(marked: NodeSet) -> NodeSet {
    var rest = marked.complement(nodeCount: nodeCount)
    let traits = nodes.traits
    marked.complement(nodeCount: nodeCount).forEach { if traits[$0].contains(.deiniting) { rest.remove($0) } }
    return rest
  }

  /// A word without a type that holds the address of `target`.
  package struct UntypedPointer: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
      /// A root's place, in the caller's numbering.
      case root(UInt32)
      case block(UInt32)
    }
    package var source: Source
    package var target: UInt32
  }

  /// The words in lasting memory (a global, a thread-local, a marked block) that point into a set without an owner:
  /// none owns its target by the counts, but somebody may mean to use it. The first one of each target.
  ///
  /// Words on stacks, in registers and in slabs are left out: those may be stale.
  package func lastingPointers(into set: NodeSet, marked: NodeSet) -> [UntypedPointer] {
    var pointers: [UntypedPointer] = []
    var seen = NodeSet(nodeCount: nodeCount)
    for root in roots where !root.isPassing && set.contains(Int(root.target)) && seen.insert(Int(root.target)) {
      pointers.append(UntypedPointer(source: .root(root.place), target: root.target))
    }
    for block in 0..<nodeCount {
      let edges = words.edges(of: block)
      guard !edges.isEmpty, marked.contains(block), !nodes.traits[block].contains(.passing) else { continue }
      for edge in edges where set.contains(words.target(edge)) && seen.insert(words.target(edge)) {
        pointers.append(UntypedPointer(source: .block(UInt32(truncatingIfNeeded: block)), target: words.targets[edge]))
      }
    }
    return pointers
  }
}
