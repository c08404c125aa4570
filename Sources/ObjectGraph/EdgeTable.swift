/// Directed edges as flat arrays, in order of their sources (compressed sparse rows): 4 bytes a node, 8 an edge, or 4 without
/// labels.
package struct EdgeTable: Sendable {
  /// The edges of node `v` are those from `offsets[v]` to before `offsets[v + 1]`, once `finish` has been called.
  package private(set) var offsets: [UInt32]
  package private(set) var targets: [UInt32]
  /// One for each edge, in the caller's numbering; empty in a table without labels.
  package private(set) var labels: [UInt32]

  package let nodeCount: Int
  private let isLabelled: Bool

  package init(nodeCount: Int, isLabelled: Bool = true, expectedEdges: Int = 0) {
    precondition(nodeCount >= 0 && nodeCount < Int(UInt32.max), "nodes are numbered by 32 bits")
    self.nodeCount = nodeCount
    self.isLabelled = isLabelled
    offsets = [0]
    targets = []
    labels = []
    offsets.reserveCapacity(nodeCount + 1)
    targets.reserveCapacity(expectedEdges)
    if isLabelled { labels.reserveCapacity(expectedEdges) }
  }

  /// Adds an edge. Sources come in ascending order, each with its edges in the order of its fields.
  @inline(__always)
  package mutating func append(from source: Int, to target: Int, label: UInt32 = 0) {
    precondition(source >= offsets.count - 1 && source < nodeCount, "sources come in ascending order")
    precondition(target >= 0 && target < nodeCount, "an edge leads to a node")
    if source >= offsets.count { close(before: source) }
    targets.append(UInt32(truncatingIfNeeded: target))
    if isLabelled { labels.append(label) }
  }

  /// Ends the edges of the last sources. Nothing can be appended afterwards.
  package mutating func finish() {
    close(before: nodeCount)
  }

  private mutating func close(before source: Int) {
    precondition(targets.count < Int(UInt32.max), "edges are numbered by 32 bits")
    while offsets.count <= source { offsets.append(UInt32(truncatingIfNeeded: targets.count)) }
  }

  package var edgeCount: Int { targets.count }

  /// The numbers of the node's edges.
  @inline(__always)
  package func edges(of node: Int) -> Range<Int> {
    Range(uncheckedBounds: (Int(offsets[node]), Int(offsets[node + 1])))
  }

  @inline(__always)
  package func target(_ edge: Int) -> Int { Int(targets[edge]) }

  /// The source of each edge in order of targets, by a counting sort: linear, and no labels (they stand with the source).
  func reversed() -> EdgeTable {
    var offsets = [UInt32](repeating: 0, count: nodeCount + 1)
    for target in targets { offsets[Int(target) + 1] &+= 1 }
    for node in 0..<nodeCount { offsets[node + 1] &+= offsets[node] }
    var sources = [UInt32](repeating: 0, count: targets.count)
    for node in 0..<nodeCount {
      for edge in edges(of: node) {
        let target = Int(targets[edge])
        sources[Int(offsets[target])] = UInt32(truncatingIfNeeded: node)
        offsets[target] &+= 1
      }
    }
    // Each offset has moved to its node's end, which is where the next node begins.
    for node in stride(from: nodeCount, to: 0, by: -1) { offsets[node] = offsets[node - 1] }
    offsets[0] = 0
    return EdgeTable(offsets: offsets, targets: sources)
  }

  private init(offsets: [UInt32], targets: [UInt32]) {
    nodeCount = offsets.count - 1
    isLabelled = false
    self.offsets = offsets
    self.targets = targets
    labels = []
  }
}
