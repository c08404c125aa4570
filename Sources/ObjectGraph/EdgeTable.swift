/// Directed edges as flat arrays, in order of their sources (compressed sparse rows): 4 bytes a node, 8 an edge, or 4
/// without labels.
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

  /// A labelled table of at most `edgeBound` edges, written node by node.
  init(nodeCount: Int, edgeBound: Int, _ write: (inout Writer) -> Void) {
    self.nodeCount = nodeCount
    isLabelled = true
    var targets: [UInt32] = []
    var labels: [UInt32] = []
    offsets = Array(unsafeUninitializedCapacity: nodeCount + 1) { offsets, offsetCount in
      targets = Array(unsafeUninitializedCapacity: edgeBound) { targets, targetCount in
        labels = Array(unsafeUninitializedCapacity: edgeBound) { labels, labelCount in
          var writer = Writer(offsets: offsets, targets: targets, labels: labels)
          write(&writer)
          precondition(writer.nodeCount == nodeCount, "each node is written")
          offsets.initializeElement(at: nodeCount, to: UInt32(truncatingIfNeeded: writer.edgeCount))
          (offsetCount, targetCount, labelCount) = (nodeCount + 1, writer.edgeCount, writer.edgeCount)
        }
      }
    }
    self.targets = targets
    self.labels = labels
  }

  /// Writes a table in order, without looking for room at each edge.
  struct Writer {
    // Safety: used inside `init` alone, while its three buffers are there; each place is written once, in order, and
    // checked.
    fileprivate let offsets: UnsafeMutableBufferPointer<UInt32>
    fileprivate let targets: UnsafeMutableBufferPointer<UInt32>
    fileprivate let labels: UnsafeMutableBufferPointer<UInt32>
    fileprivate var nodeCount = 0
    fileprivate var edgeCount = 0

    fileprivate init(
      offsets: UnsafeMutableBufferPointer<UInt32>, targets: UnsafeMutableBufferPointer<UInt32>,
      labels: UnsafeMutableBufferPointer<UInt32>
    ) {
      self.offsets = offsets
      self.targets = targets
      self.labels = labels
    }

    /// Begins the next node.
    @inline(__always) mutating func beginNode() {
      precondition(nodeCount < offsets.count - 1)
      offsets.initializeElement(at: nodeCount, to: UInt32(truncatingIfNeeded: edgeCount))
      nodeCount &+= 1
    }

    /// Adds an edge of the node last begun.
    @inline(__always) mutating func add(_ target: UInt32, label: UInt32) {
      precondition(edgeCount < targets.count)
      targets.initializeElement(at: edgeCount, to: target)
      labels.initializeElement(at: edgeCount, to: label)
      edgeCount &+= 1
    }
  }
}
