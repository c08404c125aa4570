/// Leaked nodes, cut into knots: each has one core, the strongly connected component that nothing else leaked leads to, and
/// what only the core keeps alive.
///
/// Edges are typed strong references, and words without a type where they may own: to a block that is not counted, or to an
/// object with an unseen owner. A node that several cores reach belongs to the first of them.
package struct Leaks: Sendable {
  /// The leaked nodes in the numbering of the whole graph: knot by knot, in each the core first, then ascending.
  package let nodes: [UInt32]
  /// In order of their cores' first nodes.
  package let knots: [Knot]
  /// The edge classes between leaked nodes, in the order of their keys.
  package let classes: [EdgeClass]

  /// The edges inside the knots, between places in `nodes`; a label is the place of a class in `classes`.
  let edges: EdgeTable
  /// X of each node where it is no block, for which owners are the words that are found.
  let unseen: [Int32]
  let graph: ObjectGraph
  let vocabulary: Vocabulary

  package struct Knot: Sendable, Equatable {
    package enum Shape: UInt8, Sendable {
      /// Objects that own each other.
      case cycle
      /// An object with an unseen owner, and no word anywhere that holds its address.
      case overretained
      /// Blocks that are not counted, and that nothing points to.
      case lost
    }
    package var shape: Shape
    /// Places in `Leaks.nodes`.
    package var core: Range<Int>
    /// The core and what it retains: places in `Leaks.nodes`.
    package var all: Range<Int>
  }

  /// Sums of the nodes' weights.
  package func weight(of places: Range<Int>) -> UInt64 {
    places.reduce(0) { $0 + UInt64(graph.nodes.weights[Int(nodes[$1])]) }
  }
}

extension ObjectGraph {
  /// Cuts leaked nodes into knots; linear.
  ///
  /// - Parameter leaked: A set that nothing outside it owns, such as the unreachable nodes: no typed reference leads into it
  ///   from elsewhere.
  package func leaks(_ leaked: NodeSet, _ subtraction: Subtraction, vocabulary: Vocabulary) -> Leaks {
    let members = leaked.nodes
    var table = EdgeClassTable()
    let edges = edges(among: members, leaked, subtraction, &table)
    let split = KnotSplit(edges)
    let ranked = table.ranked(by: vocabulary)
    let ordered = split.order(edges, ranks: ranked.ranks)
    let nodes = split.order.map { members[Int($0)] }
    var unseen = [Int32](repeating: 0, count: nodes.count)
    for (place, node) in nodes.enumerated() where self.nodes.traits[Int(node)].contains(.counted) {
      unseen[place] = subtraction.unseen[Int(node)]
    }
    let knots = split.knots.map { knot in
      Leaks.Knot(shape: shape(of: knot.core, nodes, ordered), core: knot.core, all: knot.all)
    }
    return Leaks(
      nodes: nodes, knots: knots, classes: ranked.classes, edges: ordered, unseen: unseen, graph: self,
      vocabulary: vocabulary)
  }

  /// The edges between members, by their places; a label is the number of a class in `table`.
  private func edges(
    among members: [UInt32], _ set: NodeSet, _ subtraction: Subtraction, _ table: inout EdgeClassTable
  ) -> EdgeTable {
    let ranks = NodeRanks(set)
    let kinds = nodes.kinds
    let isWhole = members.count == nodeCount
    var edges = EdgeTable(nodeCount: members.count, expectedEdges: isWhole ? references.edgeCount : 0)
    var last = EdgeClass(source: .max, label: .max, target: .max)
    var lastNumber: UInt32 = 0
    for (place, member) in members.enumerated() {
      let source = Int(member)
      for edge in references.edges(of: source) {
        let target = references.target(edge)
        guard let rank = ranks.rank(of: target) else { continue }
        let edgeClass = EdgeClass(source: kinds[source], label: references.labels[edge], target: kinds[target])
        if edgeClass != last {
          last = edgeClass
          lastNumber = table.number(edgeClass)
        }
        edges.append(from: place, to: Int(rank), label: lastNumber)
      }
      for edge in words.edges(of: source) {
        let target = words.target(edge)
        guard target != source, subtraction.unseen[target] != 0, let rank = ranks.rank(of: target) else { continue }
        let edgeClass = EdgeClass(source: kinds[source], label: Self.untyped, target: kinds[target])
        edges.append(from: place, to: Int(rank), label: table.number(edgeClass))
      }
    }
    edges.finish()
    return edges
  }

  private func shape(of core: Range<Int>, _ nodes: [UInt32], _ edges: EdgeTable) -> Leaks.Knot.Shape {
    guard core.contains(where: { self.nodes.traits[Int(nodes[$0])].contains(.counted) }) else { return .lost }
    let first = core.lowerBound
    let isLoop = core.count > 1 || edges.edges(of: first).contains { edges.target($0) == first }
    return isLoop ? .cycle : .overretained
  }
}

/// Which knot each node is in, and the order of nodes that makes knots contiguous.
private struct KnotSplit {
  /// The node at each new place.
  private(set) var order: [UInt32] = []
  private(set) var knots: [(core: Range<Int>, all: Range<Int>)] = []
  private var knotOf: [UInt32]

  init(_ edges: EdgeTable) {
    let count = edges.nodeCount
    let components = edges.components()
    let component = components.component
    var isEntered = NodeSet(nodeCount: components.count)
    for node in 0..<count {
      for edge in edges.edges(of: node) where component[edges.target(edge)] != component[node] {
        isEntered.insert(Int(component[edges.target(edge)]))
      }
    }

    // Each core, in order of its first node, takes what it reaches and no core before it has taken.
    knotOf = [UInt32](repeating: .max, count: count)
    var sizes: [(core: Int, all: Int)] = []
    var pending: [UInt32] = []
    for start in 0..<count where knotOf[start] == .max && !isEntered.contains(Int(component[start])) {
      let knot = UInt32(truncatingIfNeeded: sizes.count)
      var size = (core: 0, all: 0)
      knotOf[start] = knot
      pending.append(UInt32(truncatingIfNeeded: start))
      while let node = pending.popLast() {
        size.all += 1
        if component[Int(node)] == component[start] { size.core += 1 }
        for edge in edges.edges(of: Int(node)) where knotOf[edges.target(edge)] == .max {
          knotOf[edges.target(edge)] = knot
          pending.append(edges.targets[edge])
        }
      }
      sizes.append(size)
    }

    var cores: [Int] = []
    var rests: [Int] = []
    var start = 0
    for size in sizes {
      knots.append((start..<start + size.core, start..<start + size.all))
      cores.append(start)
      rests.append(start + size.core)
      start += size.all
    }
    order = [UInt32](repeating: 0, count: count)
    for node in 0..<count {
      let knot = Int(knotOf[node])
      let isCore = !isEntered.contains(Int(component[node]))
      order[isCore ? cores[knot] : rests[knot]] = UInt32(truncatingIfNeeded: node)
      if isCore { cores[knot] += 1 } else { rests[knot] += 1 }
    }
  }

  /// The edges in the new order, without those from one knot to another.
  func order(_ edges: EdgeTable, ranks: [UInt32]) -> EdgeTable {
    var places = [UInt32](repeating: 0, count: order.count)
    for (place, node) in order.enumerated() { places[Int(node)] = UInt32(truncatingIfNeeded: place) }
    var ordered = EdgeTable(nodeCount: edges.nodeCount, expectedEdges: edges.edgeCount)
    for (place, node) in order.enumerated() {
      for edge in edges.edges(of: Int(node)) where knotOf[edges.target(edge)] == knotOf[Int(node)] {
        ordered.append(
          from: place, to: Int(places[edges.target(edge)]), label: ranks[Int(edges.labels[edge])])
      }
    }
    ordered.finish()
    return ordered
  }
}
