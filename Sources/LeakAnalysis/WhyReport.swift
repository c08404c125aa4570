import HeapBlocks
import ObjectGraph
package import ProcessImage
import SwiftRuntime

/// Why an object is alive: the shortest chain from a root to it, and its owners by count.
package struct WhyReport: Equatable, Sendable {
  package var target: TargetFacts
  package var type: String
  package var address: UInt64
  /// Objects of that name that are alive; the report is about the first one that a chain leads to.
  package var candidates: Int
  /// Where the chain begins; `nil`: no chain leads to the object.
  package var root: String?
  /// From the root's first block to the object.
  package var chain: [CycleStep]
  /// `nil`: it has no count, or one that says nothing (immortal).
  package var strongCount: Int?
  /// Owners that were found, each with how often.
  package var owners: [Owner]
  /// Owners that the count tells of, and that no typed reference shows.
  package var unseenOwners: Int?
  package var warnings: [String]

  package struct Owner: Equatable, Sendable {
    /// `App.Screen.download`.
    package var field: String
    package var count: Int

    package init(field: String, count: Int) {
      self.field = field
      self.count = count
    }
  }

  package init(
    target: TargetFacts, type: String, address: UInt64, candidates: Int, root: String?, chain: [CycleStep],
    strongCount: Int?, owners: [Owner], unseenOwners: Int?, warnings: [String]
  ) {
    self.target = target
    self.type = type
    self.address = address
    self.candidates = candidates
    self.root = root
    self.chain = chain
    self.strongCount = strongCount
    self.owners = owners
    self.unseenOwners = unseenOwners
    self.warnings = warnings
  }
}

extension LeakFinder {
  /// What `weakspot why` asks for.
  package enum Subject: Equatable, Sendable {
    case address(Address)
    case type(Glob)
  }

  /// `nil`: there is no such object.
  package func why(_ subject: Subject) -> WhyReport? {
    let blocks = inspection.heap.blocks
    let objects = inspection.objects
    var goals = NodeSet(nodeCount: heap.graph.nodeCount)
    switch subject {
    case .address(let address):
      guard let block = blocks.index(containing: address) else { return nil }
      goals.insert(block)
    case .type(let glob):
      let matches = objects.types.map { glob.matches($0.name) }
      for block in 0..<blocks.count where matches[Int(objects.type[block])] { goals.insert(block) }
    }
    guard let first = goals.nodes.first else { return nil }
    let path = heap.graph.shortestPath(to: goals, heap.subtraction)
    let block = path?.nodes.last.map(Int.init) ?? Int(first)
    let isCounted = heap.graph.nodes.traits[block].contains(.counted)
    let count = heap.graph.nodes.strongCounts[block]
    let hasCount = isCounted && count != ObjectGraph.Nodes.pinned
    let owners = owners(of: block)
    return WhyReport(
      target: inspection.facts(), type: objects.entry(block).name, address: blocks.address(of: block).bits,
      candidates: goals.count,
      root: path.map { PlaceNames(inspection).name(of: heap.places[Int(heap.graph.roots[$0.root].place)]) },
      chain: path.map(chain) ?? [], strongCount: hasCount ? Int(count) : nil, owners: owners,
      unseenOwners: hasCount ? Int(count) - owners.reduce(0) { $0 + $1.count } : nil,
      warnings: inspection.warnings + warnings)
  }

  private func chain(_ path: Path) -> [CycleStep] {
    let kinds = heap.graph.nodes.kinds
    let edges = path.labels.indices.map { step in
      EdgeClass(
        source: kinds[Int(path.nodes[step])], label: path.labels[step], target: kinds[Int(path.nodes[step + 1])])
    }
    var names = CycleNames(types: inspection.objects.types, labels: heap.labels, classes: edges)
    if edges.isEmpty, let only = path.nodes.first {
      let name = names.name(ofKind: kinds[Int(only)])
      return [CycleStep(from: "", field: "", ownership: "", to: name)]
    }
    return names.path(edges)
  }

  private func owners(of block: Int) -> [WhyReport.Owner] {
    var ofLabel: [UInt32: Int] = [:]
    for reference in heap.graph.references(into: NodeSet([block], nodeCount: heap.graph.nodeCount)) {
      ofLabel[reference.label, default: 0] += 1
    }
    var counts: [String: Int] = [:]
    for (label, count) in ofLabel {
      counts[heap.fieldName(of: label, inspection.objects), default: 0] += count
    }
    return counts.map { WhyReport.Owner(field: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.field) < ($0.count, $1.field) }
  }
}
