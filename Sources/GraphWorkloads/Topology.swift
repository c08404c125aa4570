/// The shape of a graph: who owns whom, and where the back links go (MEASUREMENT.md, section 2).
package enum Topology: String, CaseIterable, Sendable {
  case ring, list, tree2, tree16, clique16, random, delegate, closure, observer, document

  /// Parses a name; `tree` is short for `tree2`.
  package init?(name: String) {
    self.init(rawValue: name == "tree" ? "tree2" : name)
  }

  package var name: String { rawValue }

  /// One line: what is owned, and what points back.
  package var summary: String {
    switch self {
    case .ring: "each node owns the next; back: to the one before, and from the first to the last"
    case .list: "each node owns the next; back: to the one before"
    case .tree2: "each node owns a left and a right child; back: to the parent"
    case .tree16: "each node owns an array of 16 children; back: to the parent"
    case .clique16: "clusters of 16 in a chain; back: from each to the 15 others"
    case .random: "an array owns every node; back: 4 links from each to random nodes"
    case .delegate: "an owner owns its worker; back: the worker's delegate is the owner"
    case .closure: "an object owns a closure; back: the closure captures the object"
    case .observer: "15 observers own a subject, which owns a closure for each; back: its capture of the observer"
    case .document: "elements own 8 children, an index all; back: parent, previous sibling, listeners' captures"
    }
  }
}

/// The kind of reference under test.
package enum BackLink: String, CaseIterable, Sendable {
  case strong, weak, unowned
  case unownedUnsafe = "unowned_unsafe"
  case unmanaged, broken, index

  package init?(name: String) { self.init(rawValue: name) }

  package var name: String { rawValue }

  /// One line: what the link does to its target.
  package var summary: String {
    switch self {
    case .strong: "an owning reference: the cycle is never freed"
    case .weak: "becomes nil when its target dies; a side table for each target"
    case .unowned: "traps if used after its target died; keeps the target's memory until it goes itself"
    case .unownedUnsafe: "a plain address, unchecked: unowned(unsafe)"
    case .unmanaged: "Unmanaged<Node>: an address counted by hand, here not at all"
    case .broken: "strong, and cut by hand just before the root is dropped"
    case .index: "no reference: nodes lie in one array, links are positions in it"
    }
  }
}
