/// A heap as a graph: blocks are the nodes `0..<nodeCount`, references the edges. It knows no address and no type:
/// numbers of types, labels and places are the caller's.
package struct ObjectGraph: Sendable {
  /// What each node is.
  package let nodes: Nodes
  /// Strong references that the types show, with their labels (edge classes such as `App.Branch.parent`): exact, none
  /// invented.
  package let references: EdgeTable
  /// Words of a block that hold a node's address, of unknown meaning: in C blocks, task slabs, raw storage.
  package let words: EdgeTable
  /// Words outside the heap that hold a node's address.
  package let roots: [RootWord]

  /// The label of a step through a word without a type.
  package static let untyped = UInt32.max

  package init(nodes: Nodes, references: EdgeTable, words: EdgeTable, roots: [RootWord]) {
    let count = nodes.traits.count
    precondition(nodes.kinds.count == count && nodes.strongCounts.count == count && nodes.weights.count == count)
    for table in [references, words] { precondition(table.nodeCount == count && table.offsets.count == count + 1) }
    precondition(roots.allSatisfy { Int($0.target) < count }, "a root's word leads to a node")
    self.nodes = nodes
    self.references = references
    self.words = words
    self.roots = roots
  }

  package var nodeCount: Int { nodes.traits.count }

  /// What the nodes are, an array for each question, all of the same length.
  package struct Nodes: Sendable {
    package var traits: [NodeTraits]
    /// The number of each node's type.
    package var kinds: [UInt32]
    /// Strong counts; `pinned` for an immortal or unknown one. Of nodes that are not counted, the value has no meaning.
    package var strongCounts: [UInt32]
    /// How much memory each holds, in the caller's unit (chunks of 16 bytes reach 64 GiB).
    package var weights: [UInt32]

    package static let pinned = UInt32.max

    package init(traits: [NodeTraits], kinds: [UInt32], strongCounts: [UInt32], weights: [UInt32]) {
      self.traits = traits
      self.kinds = kinds
      self.strongCounts = strongCounts
      self.weights = weights
    }
  }
}

package struct NodeTraits: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A Swift object: its strong count says how many owners it has. Anything else is a block whose owners nobody counts.
  package static let counted = NodeTraits(rawValue: 1)
  /// Its deinit has begun: it emits no edges, and is no leak.
  package static let deiniting = NodeTraits(rawValue: 2)
  /// Made by one owner for itself, as an array's storage or a closure's context: owns on behalf of its owner.
  package static let part = NodeTraits(rawValue: 4)
  /// Stack-like memory, such as a task's slab: its words may be stale.
  package static let passing = NodeTraits(rawValue: 8)
}

/// A word outside the heap that holds a node's address.
package struct RootWord: Hashable, Sendable {
  /// Where it lies, in the caller's numbering.
  package var place: UInt32
  package var target: UInt32
  /// On a stack or in a register: may be stale. Otherwise in a global, a thread-local, a mapped region.
  package var isPassing: Bool

  package init(place: UInt32, target: UInt32, isPassing: Bool) {
    self.place = place
    self.target = target
    self.isPassing = isPassing
  }
}
