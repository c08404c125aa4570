/// A cycle as it was found: classes, and the node at which each step begins.
struct ClosedWay {
  var classes: [UInt32]
  /// Counted from the core's first.
  var nodes: [UInt32]
}

/// Finds shortest cycles breadth first. Of ways that are equally short, the one whose classes come first.
struct ClosedWaySearch {
  /// Steps that may still be taken.
  var effort = 0
  /// For each node: 1 + steps from it to the goal, or 0.
  private var distance: [UInt32] = []
  private var queue: [UInt32] = []
  private var isOnFrontier = Marks()
  // The frontiers of a walk, one behind the other, and where each begins.
  private var frontiers: [UInt32] = []
  private var bounds: [Int] = []

  mutating func reset(count: Int, effort: Int) {
    self.effort = effort
    if distance.count < count { distance = [UInt32](repeating: 0, count: count) }
    isOnFrontier.reset(count: count)
  }

  /// The shortest cycle through a node, first from there on; `nil` if it has more steps than `limit`, or the effort
  /// is spent.
  mutating func shortest(through node: Int, in core: Core, atMost limit: Int) -> ClosedWay? {
    defer { forgetDistances() }
    guard let steps = measure(core, to: node, atMost: limit, until: node) else { return nil }
    return walk(core, from: node, to: node, steps: steps)
  }

  /// The shortest cycle through an edge, first from there on; `nil` if the effort is spent.
  mutating func shortest(throughEdge edge: Int, in core: Core) -> ClosedWay? {
    guard let start = core.target(edge) else { return nil }
    let goal = core.source(of: edge)
    var way = ClosedWay(classes: [core.edges.labels[edge]], nodes: [UInt32(truncatingIfNeeded: goal)])
    guard goal != start else { return way }
    defer { forgetDistances() }
    guard let steps = measure(core, to: goal, atMost: core.count, until: start) else { return nil }
    let rest = walk(core, from: start, to: goal, steps: steps)
    way.classes += rest.classes
    way.nodes += rest.nodes
    return way
  }

  /// Sets `distance` around `goal`, against the edges, up to the first edge that leaves `start`; the steps from there
  /// to the goal, or `nil` if there are more than `limit`, or the effort is spent.
  private mutating func measure(_ core: Core, to goal: Int, atMost limit: Int, until start: Int) -> Int? {
    queue.removeAll(keepingCapacity: true)
    queue.append(UInt32(truncatingIfNeeded: goal))
    distance[goal] = 1
    var head = 0
    while head < queue.count {
      let node = Int(queue[head])
      head += 1
      let steps = Int(distance[node])
      guard steps <= limit else { return nil }
      for arrival in core.arrivals(at: node) {
        guard effort > 0 else { return nil }
        effort -= 1
        let source = Int(core.sources[arrival])
        if source == start { return steps }
        guard distance[source] == 0 else { continue }
        distance[source] = UInt32(truncatingIfNeeded: steps + 1)
        queue.append(UInt32(truncatingIfNeeded: source))
      }
    }
    return nil
  }

  private mutating func forgetDistances() {
    for node in queue { distance[Int(node)] = 0 }
  }

  /// The way of least classes along falling distances: forwards on a frontier of all nodes that it can have reached,
  /// then back for the nodes of one such way.
  private mutating func walk(_ core: Core, from start: Int, to goal: Int, steps: Int) -> ClosedWay {
    var classes: [UInt32] = []
    frontiers.removeAll(keepingCapacity: true)
    frontiers.append(UInt32(truncatingIfNeeded: start))
    bounds.removeAll(keepingCapacity: true)
    bounds.append(0)
    for step in 0..<steps {
      let left = UInt32(truncatingIfNeeded: steps - step)
      let frontier = bounds[step]..<frontiers.count
      bounds.append(frontiers.count)
      var least = UInt32.max
      for place in frontier {
        for edge in core.departures(from: Int(frontiers[place])) {
          effort -= 1
          if let target = core.target(edge), distance[target] == left { least = min(least, core.edges.labels[edge]) }
        }
      }
      classes.append(least)
      isOnFrontier.clear()
      for place in frontier {
        for edge in core.departures(from: Int(frontiers[place])) where core.edges.labels[edge] == least {
          guard let target = core.target(edge), distance[target] == left, isOnFrontier.insert(target) else { continue }
          frontiers.append(UInt32(truncatingIfNeeded: target))
        }
      }
    }
    var nodes = [UInt32](repeating: 0, count: steps)
    var next = goal
    for step in stride(from: steps - 1, through: 0, by: -1) {
      let node = frontiers[bounds[step]..<bounds[step + 1]].first { node in
        core.departures(from: Int(node)).contains {
          core.target($0) == next && core.edges.labels[$0] == classes[step]
        }
      }
      guard let node else { break }
      nodes[step] = node
      next = Int(node)
    }
    return ClosedWay(classes: classes, nodes: nodes)
  }
}
