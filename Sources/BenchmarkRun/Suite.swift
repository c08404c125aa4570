package import GraphWorkloads

/// A named choice of graphs and runs. Each list that a user gives takes the place of the suite's own.
package struct Suite: Sendable, Equatable {
  package let name: String
  package let topologies: [Topology]
  package let backLinks: [BackLink]
  package let nodes: [Int]
  package let payloads: [Int]
  package let runs: Int
  /// One line: what it is for.
  package let summary: String

  /// Under a minute on two cores: enough to see each back link's cost, and 6 runs, the fewest that can be compared.
  package static let quick = Suite(
    name: "quick", topologies: [.ring, .tree2, .random, .delegate, .closure, .observer], backLinks: BackLink.allCases,
    nodes: [1_000, 10_000, 100_000], payloads: [0], runs: 6, summary: "under a minute: 6 topologies, 1 k to 100 k nodes"
  )

  package static let standard = Suite(
    name: "standard", topologies: Topology.allCases, backLinks: BackLink.allCases,
    nodes: [1_000, 10_000, 100_000, 1_000_000], payloads: [0], runs: 10,
    summary: "every topology, 1 k to 1 M nodes, 10 runs: for reports to be compared")

  package static let scale = Suite(
    name: "scale", topologies: [.ring, .list, .tree2, .random], backLinks: [.strong, .weak, .unowned],
    nodes: [1_000_000, 3_000_000, 10_000_000], payloads: [0], runs: 3, summary: "1 M to 10 M nodes, 3 runs")

  package static let all = [quick, standard, scale]

  package init?(name: String) {
    guard let suite = Self.all.first(where: { $0.name == name }) else { return nil }
    self = suite
  }

  private init(
    name: String, topologies: [Topology], backLinks: [BackLink], nodes: [Int], payloads: [Int], runs: Int,
    summary: String
  ) {
    self.name = name
    self.topologies = topologies
    self.backLinks = backLinks
    self.nodes = nodes
    self.payloads = payloads
    self.runs = runs
    self.summary = summary
  }
}
