/// A set of nodes, one bit each.
package struct NodeSet: Sendable, Equatable {
  @usableFromInline var words: [UInt64]

  /// The empty set, with room for the nodes `0..<nodeCount`.
  package init(nodeCount: Int) {
    words = [UInt64](repeating: 0, count: (nodeCount + 63) / 64)
  }

  package init(_ nodes: some Sequence<Int>, nodeCount: Int) {
    self.init(nodeCount: nodeCount)
    for node in nodes { insert(node) }
  }

  @inlinable package func contains(_ node: Int) -> Bool {
    words[node >> 6] & (1 << UInt64(truncatingIfNeeded: node & 63)) != 0
  }

  /// Adds the node; says whether it was missing.
  @inlinable @discardableResult package mutating func insert(_ node: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: node & 63)
    let word = words[node >> 6]
    words[node >> 6] = word | bit
    return word & bit == 0
  }

  @inlinable package mutating func remove(_ node: Int) {
    words[node >> 6] &= ~(1 << UInt64(truncatingIfNeeded: node & 63))
  }

  /// How many nodes are in it: linear in the room, an instruction for 64 nodes.
  package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// Calls `body` with each node, in ascending order.
  @inlinable package func forEach(_ body: (Int) -> Void) {
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        body(index << 6 | rest.trailingZeroBitCount)
        rest &= rest &- 1
      }
    }
  }

  /// The nodes in ascending order.
  package var nodes: [UInt32] {
    var nodes: [UInt32] = []
    nodes.reserveCapacity(count)
    forEach { nodes.append(UInt32(truncatingIfNeeded: $0)) }
    return nodes
  }
}

/// Which place each node of a set has in ascending order: half a byte for each 8 nodes of room.
struct NodeRanks {
  private let set: NodeSet
  /// How many nodes stand before each word's first.
  private let before: [UInt32]

  init(_ set: NodeSet) {
    self.set = set
    var count: UInt32 = 0
    before = set.words.map { word in
      defer { count &+= UInt32(truncatingIfNeeded: word.nonzeroBitCount) }
      return count
    }
  }

  /// The node's place, from 0; `nil` if it is not in the set.
  @inline(__always) func rank(of node: Int) -> UInt32? {
    let word = set.words[node >> 6]
    let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: node & 63)
    guard word & bit != 0 else { return nil }
    return before[node >> 6] &+ UInt32(truncatingIfNeeded: (word & (bit &- 1)).nonzeroBitCount)
  }
}
