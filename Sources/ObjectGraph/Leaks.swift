/// Leaked nodes, cut into knots: each has one core, the strongly connected component that nothing else leaked leads
/// to, and what only the core keeps alive.
///
/// Edges are typed strong references, and words without a type where they may own: to a block that is not counted, or
/// to an object with an unseen owner. A node that several cores reach belongs to the first of them.
package struct Leaks: Sendable {
  /// The leaked nodes in the numbering of the whole graph: knot by knot, in each the core first, then ascending.
  package let nodes: [UInt32]
  /// In order of their cores' first nodes.
  package let knots: [Knot]
  /// The edge classes between leaked nodes, in the order of their keys.
  package let classes: [EdgeClass]

  /// The edges inside the knots, between places in `nodes`; a label is the place of a class in `classes`.
  let edges: EdgeTable
  let graph: ObjectGraph
  let subtraction: Subtraction
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

  /// The first label that the program declares in the same place as this one.
  package func declaration(of label: UInt32) -> UInt32 { vocabulary.declaration(label) }

  package func isCapture(_ label: UInt32) -> Bool { vocabulary.prior(label) == .capture }

  /// The first edge of a knot under a label: its ends in the numbering of the whole graph.
  package func edge(labelled label: UInt32, in knot: Knot) -> (source: Int, target: Int)? {
    for place in knot.all {
      for edge in edges.edges(of: place) where classes[Int(edges.labels[edge])].label == label {
        return (Int(nodes[place]), Int(nodes[edges.target(edge)]))
      }
    }
    return nil
  }

  /// Sums of the nodes' weights.
  package func weight(of places: Range<Int>) -> UInt64 {
    places.reduce(0) { $0 + UInt64(graph.nodes.weights[Int(nodes[$1])]) }
  }
}

extension ObjectGraph {
  /// Cuts leaked nodes into knots; linear.
  ///
  /// - Parameter leaked: A set that nothing outside it owns, such as the unreachable nodes: no typed reference leads
  /// into it from elsewhere.
  package func leaks(_ leaked: NodeSet, _ subtraction: Subtraction, vocabulary: Vocabulary) -> Leaks {
    let members = leaked.nodes
    var table = EdgeClassTable()
    let edges = edges(among: members, leaked, subtraction, &table)
    let split = KnotSplit(edges)
    let ranked = table.ranked(by: vocabulary)
    let ordered = split.arrange(edges, ranks: ranked.ranks)
    let nodes = split.order.map { members[Int($0)] }
    let knots = split.knots.map { knot in
      Leaks.Knot(shape: shape(of: knot.core, nodes, ordered), core: knot.core, all: knot.all)
    }
    return Leaks(
      nodes: nodes, knots: knots, classes: ranked.classes, edges: ordered, graph: self, subtraction: subtraction,
      vocabulary: vocabulary)
  }

  /// The edges between members, by their places; a label is the number of a class in `table`.
  private func edges(
    among members: [UInt32], _ set: NodeSet, _ subtraction: Subtraction, _ table: inout EdgeClassTable
  ) -> EdgeTable {
    let ranks = NodeRanks(set)
    let kinds = nodes.kinds
    let unseen = subtraction.unseen
    let bound = members.reduce(0) { $0 + references.edges(of: Int($1)).count + words.edges(of: Int($1)).count }
    return EdgeTable(nodeCount: members.count, edgeBound: bound) { edges in
      var last = EdgeClass(source: .max, label: .max, target: .max)
      var lastNumber: UInt32 = 0
      for member in members {
        edges.beginNode()
        let source = Int(member)
        for edge in references.edges(of: source) {
          let target = references.target(edge)
          guard let rank = ranks.rank(of: target) else { continue }
          let edgeClass = EdgeClass(source: kinds[source], label: references.labels[edge], target: kinds[target])
          if edgeClass != last {
            last = edgeClass
            lastNumber = table.number(edgeClass)
          }
          edges.add(rank, label: lastNumber)
        }
        for edge in words.edges(of: source) {
          let target = words.target(edge)
          guard target != source, unseen[target] != 0, let rank = ranks.rank(of: target) else { continue }
          let edgeClass = EdgeClass(source: kinds[source], label: Self.untyped, target: kinds[target])
          edges.add(rank, label: table.number(edgeClass))
        }
      }
    }
  }

  private func shape(of core: Range<Int>, _ nodes: [UInt32], _ edges: EdgeTable) -> Leaks.Knot.Shape {
    guard core.contains(where: { self.nodes.traits[Int(nodes[$0])].contains(.counted) }) else { return .lost }
    let first = core.lowerBound
    let isLoop = core.count > 1 || edges.edges(of: first).contains { edges.target($0) == first }
    return isLoop ? .cycle : .overretained
  }
}
