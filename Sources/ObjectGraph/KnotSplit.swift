/// Parts a graph into knots, and orders its nodes so that each knot stands together.
struct KnotSplit {
  /// The node at each new place.
  private(set) var order: [UInt32] = []
  /// New places, in order of the cores' first nodes.
  private(set) var knots: [(core: Range<Int>, all: Range<Int>)] = []
  /// The new place of each node.
  private var places: [UInt32]

  init(_ edges: EdgeTable) {
    let components = edges.components()
    places = components.component
    let cores = Cores(edges, components, &places)
    let sizes = cores.flood(edges, &places)

    var ends: [(core: UInt32, rest: UInt32)] = []
    var start = 0
    for (core, all) in zip(cores.sizes, sizes) {
      knots.append((start..<start + core, start..<start + all))
      ends.append((UInt32(truncatingIfNeeded: start), UInt32(truncatingIfNeeded: start + core)))
      start += all
    }
    order = [UInt32](repeating: 0, count: places.count)
    for node in places.indices {
      let knot = Int(places[node])
      let place: UInt32
      if cores.isCore.contains(node) {
        place = ends[knot].core
        ends[knot].core &+= 1
      } else {
        place = ends[knot].rest
        ends[knot].rest &+= 1
      }
      places[node] = place
      order[Int(place)] = UInt32(truncatingIfNeeded: node)
    }
  }

  /// The edges in the new order, without those from one knot to another; `ranks` replaces the labels.
  func arrange(_ edges: EdgeTable, ranks: [UInt32]) -> EdgeTable {
    EdgeTable(nodeCount: edges.nodeCount, edgeBound: edges.edgeCount) { writer in
      for knot in knots {
        for place in knot.all {
          writer.beginNode()
          for edge in edges.edges(of: Int(order[place])) {
            let target = places[edges.target(edge)]
            if knot.all.contains(Int(target)) { writer.add(target, label: ranks[Int(edges.labels[edge])]) }
          }
        }
      }
    }
  }
}

/// The components that no other one leads to.
private struct Cores {
  /// How many nodes each has.
  var sizes: [Int] = []
  var isCore: NodeSet
  /// Nodes with an edge to another component.
  private var isExit: NodeSet

  /// - Parameter knotOf: The component of each node; becomes the number of its core, or `.max`.
  init(_ edges: EdgeTable, _ components: Components, _ knotOf: inout [UInt32]) {
    var isEntered = NodeSet(nodeCount: components.count)
    isExit = NodeSet(nodeCount: knotOf.count)
    isCore = NodeSet(nodeCount: knotOf.count)
    for node in knotOf.indices {
      let own = knotOf[node]
      for edge in edges.edges(of: node) {
        let other = knotOf[edges.target(edge)]
        guard other != own else { continue }
        isEntered.insert(Int(other))
        isExit.insert(node)
      }
    }
    var numbers = [UInt32](repeating: .max, count: components.count)
    for node in knotOf.indices {
      let own = Int(knotOf[node])
      guard !isEntered.contains(own) else {
        knotOf[node] = .max
        continue
      }
      if numbers[own] == .max {
        numbers[own] = UInt32(truncatingIfNeeded: sizes.count)
        sizes.append(0)
      }
      knotOf[node] = numbers[own]
      isCore.insert(node)
      sizes[Int(numbers[own])] += 1
    }
  }

  /// Each core, in order, takes what it reaches and no core before it has taken; how many nodes each knot has.
  func flood(_ edges: EdgeTable, _ knotOf: inout [UInt32]) -> [Int] {
    var all = sizes
    // The cores' ways out, in order of their knots.
    var exits: [(knot: UInt32, node: UInt32)] = []
    isExit.forEach { node in
      if isCore.contains(node) { exits.append((knotOf[node], UInt32(truncatingIfNeeded: node))) }
    }
    exits.sort { $0 < $1 }
    var pending: [UInt32] = []
    for exit in exits {
      pending.append(exit.node)
      while let node = pending.popLast() {
        for edge in edges.edges(of: Int(node)) where knotOf[edges.target(edge)] == .max {
          knotOf[edges.target(edge)] = exit.knot
          all[Int(exit.knot)] += 1
          pending.append(edges.targets[edge])
        }
      }
    }
    return all
  }
}
