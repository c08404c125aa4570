/// One strongly connected component at a time, with its edges in both directions. Nodes are counted from its first.
struct Core {
  let edges: EdgeTable
  private(set) var range = 0..<0
  /// For each node: where its edges begin in the two tables that follow.
  private var offsets: [UInt32] = []
  /// The numbers of the edges in order of their targets.
  private(set) var arrivals: [UInt32] = []
  /// Their sources.
  private(set) var sources: [UInt32] = []

  init(_ edges: EdgeTable) { self.edges = edges }

  var first: Int { range.lowerBound }
  var count: Int { range.count }

  /// Turns to another component, by a counting sort; linear.
  ///
  /// - Parameter range: Its nodes. Their edges lead to each other, or to nodes behind them.
  mutating func load(_ range: Range<Int>) {
    self.range = range
    offsets.removeAll(keepingCapacity: true)
    offsets.append(contentsOf: repeatElement(0, count: count + 2))
    // Offsets stand two places late, and move to their own while the edges are placed.
    var edgeCount = 0
    for edge in edges.edges(of: range) where edges.target(edge) < range.upperBound {
      offsets[edges.target(edge) - first + 2] &+= 1
      edgeCount += 1
    }
    for node in 0..<count { offsets[node + 2] &+= offsets[node + 1] }
    arrivals.removeAll(keepingCapacity: true)
    arrivals.append(contentsOf: repeatElement(0, count: edgeCount))
    sources.removeAll(keepingCapacity: true)
    sources.append(contentsOf: repeatElement(0, count: edgeCount))
    for node in range {
      for edge in edges.edges(of: node) where edges.target(edge) < range.upperBound {
        let target = edges.target(edge) - first
        let place = Int(offsets[target + 1])
        offsets[target + 1] &+= 1
        arrivals[place] = UInt32(truncatingIfNeeded: edge)
        sources[place] = UInt32(truncatingIfNeeded: node - first)
      }
    }
  }

  /// The places of a node's incoming edges in `arrivals` and `sources`.
  @inline(__always) func arrivals(at node: Int) -> Range<Int> {
    Int(offsets[node])..<Int(offsets[node + 1])
  }

  /// The numbers of a node's outgoing edges, those that leave the component included.
  @inline(__always) func departures(from node: Int) -> Range<Int> { edges.edges(of: first + node) }

  /// Where an edge leads; `nil` if out of the component.
  @inline(__always) func target(_ edge: Int) -> Int? {
    let target = edges.target(edge) - first
    return target < count ? target : nil
  }

  func source(of edge: Int) -> Int { edges.source(of: edge, in: range) - first }

  /// The first edge of each class and how many edges the class has, in order of the classes.
  func tally() -> [(edgeClass: UInt32, edge: Int, count: Int)] {
    var tally: [UInt32: (edge: Int, count: Int)] = [:]
    var last: (edgeClass: UInt32, edge: Int, count: Int) = (.max, 0, 0)
    for edge in edges.edges(of: range) where edges.target(edge) < range.upperBound {
      if edges.labels[edge] != last.edgeClass {
        if last.count > 0 { tally[last.edgeClass, default: (last.edge, 0)].count += last.count }
        last = (edges.labels[edge], edge, 0)
      }
      last.count += 1
    }
    if last.count > 0 { tally[last.edgeClass, default: (last.edge, 0)].count += last.count }
    return tally.sorted { $0.key < $1.key }.map { ($0.key, $0.value.edge, $0.value.count) }
  }
}

/// A set of nodes that is emptied at once.
struct Marks {
  private var stamps: [UInt32] = []
  private var last: UInt32 = 0

  /// Makes room for the nodes `0..<count`, and empties the set.
  mutating func reset(count: Int) {
    if stamps.count < count {
      stamps = [UInt32](repeating: 0, count: count)
      last = 0
    }
    clear()
  }

  @inline(__always) mutating func clear() {
    if last == .max {
      for node in stamps.indices { stamps[node] = 0 }
      last = 0
    }
    last += 1
  }

  @inline(__always) func contains(_ node: Int) -> Bool { stamps[node] == last }

  /// Adds the node; says whether it was missing.
  @inline(__always) @discardableResult mutating func insert(_ node: Int) -> Bool {
    defer { stamps[node] = last }
    return stamps[node] != last
  }
}

extension EdgeTable {
  /// The numbers of all edges of nodes that stand together.
  @inline(__always)
  func edges(of nodes: Range<Int>) -> Range<Int> {
    Int(offsets[nodes.lowerBound])..<Int(offsets[nodes.upperBound])
  }

  /// The node that an edge leaves, one of `nodes`: by halving.
  func source(of edge: Int, in nodes: Range<Int>) -> Int {
    var (low, high) = (nodes.lowerBound, nodes.upperBound)
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(offsets[middle]) <= edge { low = middle } else { high = middle }
    }
    return low
  }
}
