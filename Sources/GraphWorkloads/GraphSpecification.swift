/// Which graph to build. A value of this type is always one that can be built, memory allowing.
package struct GraphSpecification: Hashable, Sendable {
  package let topology: Topology
  package let backLink: BackLink
  /// Instances of the model's classes, all of them together; for `index`, elements of the arena.
  package let nodes: Int
  /// Bytes of the `[UInt8]` in each node; 0: no such field.
  package let payload: Int
  /// Seeds the random links.
  package let seed: UInt64

  /// The most nodes and payload bytes that are taken for a number that someone means.
  package static let mostNodes = 1 << 40
  package static let mostPayload = 1 << 40

  package init(
    topology: Topology, backLink: BackLink, nodes: Int, payload: Int = 0, seed: UInt64 = 1
  ) throws(WorkloadError) {
    guard (1...Self.mostNodes).contains(nodes) else { throw .count(what: "nodes", value: nodes, least: 1) }
    guard (0...Self.mostPayload).contains(payload) else {
      throw .count(what: "payload bytes", value: payload, least: 0)
    }
    if let reason = Self.refusal(topology, backLink) {
      throw .meaningless(topology: topology, backLink: backLink, reason: reason)
    }
    self.topology = topology
    self.backLink = backLink
    self.nodes = nodes
    self.payload = payload
    self.seed = seed
  }

  /// Why the two cannot be combined; `nil` if they can.
  package static func refusal(_ topology: Topology, _ backLink: BackLink) -> String? {
    guard backLink == .index else { return nil }
    switch topology {
    case .ring, .list, .tree2, .tree16, .clique16, .random:
      return nil
    case .delegate:
      return "a delegate is an object that is called; a position in an array cannot be called"
    case .closure, .observer, .document:
      return "a closure captures a reference; a position in an array is a number, and capturing it keeps nothing"
    }
  }

}

/// Why a graph cannot be had.
package enum WorkloadError: Error, Equatable, CustomStringConvertible {
  case count(what: String, value: Int, least: Int)
  case meaningless(topology: Topology, backLink: BackLink, reason: String)

  package var description: String {
    switch self {
    case .count(let what, let value, let least):
      "\(value) \(what): give a number from \(least) to \(GraphSpecification.mostNodes)"
    case .meaningless(let topology, let backLink, let reason):
      "\(topology.name) with \(backLink.name) back links means nothing: \(reason)"
    }
  }
}
