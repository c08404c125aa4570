/// Finds the shortest cycles of a core. One value serves many cores, so that small ones cost no allocation.
///
/// What it promises: cycles of length 1 and 2, and the one cycle of a simple ring, are always found. Beyond, a breadth-first
/// search from a node finds the shortest cycle through it, first of equals by keys; searches start at one node for each edge
/// class, then at every node, until the effort is spent: 4,096 + 8 × (nodes + edges) steps. In cores up to about 60 nodes and
/// edges every node has its turn; elsewhere `isShortest` says whether nothing shorter can exist.
struct CycleSearch {
  private let edges: EdgeTable
  private var first = 0
  private var count = 0
  private var end: Int { first + count }

  // For each node of the core, from its first: where its edges begin in `arrivals`.
  private var arrivalOffsets: [UInt32] = []
  /// Numbers of the core's edges, in order of their targets, and their sources counted from the core's first node.
  private var arrivals: [UInt32] = []
  private var arrivalSources: [UInt32] = []

  /// For each node of the core: 1 + steps from it to the goal, or 0.
  private var distance: [UInt32] = []
  private var queue: [UInt32] = []
  /// For each node of the core: the frontier that it was last put on.
  private var stamp: [UInt32] = []
  private var lastStamp: UInt32 = 0
  private var effort = 0

  init(_ edges: EdgeTable) { self.edges = edges }

  struct Result {
    /// The shortest one found, first by keys among those of its length.
    var shortest: Cycle
    var isShortest: Bool
  }

  private struct Found {
    var classes: [UInt32]
    var nodes: [UInt32]
  }

  /// The shortest cycle of a core that has one.
  mutating func shortest(in core: Range<Int>) -> Result? {
    if let ring = simpleRing(core) { return Result(shortest: ring, isShortest: true) }
    if let loop = loops(core).first { return Result(shortest: loop, isShortest: true) }
    prepare(core)
    let pairs = pairs()
    if let pair = pairs.first { return Result(shortest: pair, isShortest: true) }
    return searchAll()
  }

  /// Cycles that differ in their classes: those of length 1 and 2, and the shortest found through each edge class. The most
  /// frequent first.
  mutating func variety(in core: Range<Int>, limit: Int) -> [Cycle] {
    if let ring = simpleRing(core) { return [ring] }
    let loops = loops(core)
    prepare(core)
    var cycles = loops + pairs()
    effort = 1 << 20 + 4 * (count + arrivals.count)
    let (starts, frequency) = representatives()
    for start in starts.prefix(64) {
      guard let found = shortestThrough(edge: start) else { continue }
      let occurrences = found.classes.map { frequency[$0] ?? 0 }.min() ?? 0
      cycles.append(Cycle(classes: found.classes, nodes: found.nodes, occurrences: occurrences))
    }
    cycles.sort { left, right in
      if left.occurrences != right.occurrences { return left.occurrences > right.occurrences }
      if left.length != right.length { return left.length < right.length }
      return left.distinctClasses.lexicographicallyPrecedes(right.distinctClasses)
    }
    var seen: Set<[UInt32]> = []
    return Array(cycles.filter { seen.insert($0.distinctClasses).inserted }.prefix(limit))
  }

  // MARK: cycles found by a scan

  /// The cycle of a core in which each node has one edge.
  private func simpleRing(_ core: Range<Int>) -> Cycle? {
    var edgeCount = 0
    var isUniform = true
    var firstClass: UInt32?
    for edge in edges.edges(of: core) where core.contains(edges.target(edge)) {
      edgeCount += 1
      guard edgeCount <= core.count else { return nil }
      if let known = firstClass { isUniform = isUniform && known == edges.labels[edge] } else { firstClass = edges.labels[edge] }
    }
    guard edgeCount == core.count, let firstClass else { return nil }
    if isUniform {
      var cycle = Cycle(classes: [firstClass], nodes: [UInt32(truncatingIfNeeded: core.lowerBound)], occurrences: 1)
      cycle.turns = core.count
      cycle.length = core.count
      return cycle
    }
    var classes: [UInt32] = []
    var nodes: [UInt32] = []
    var node = core.lowerBound
    for _ in core {
      guard let edge = edges.edges(of: node).first(where: { core.contains(edges.target($0)) }) else { return nil }
      classes.append(edges.labels[edge])
      nodes.append(UInt32(truncatingIfNeeded: node))
      node = edges.target(edge)
    }
    return Cycle(classes: classes, nodes: nodes, occurrences: 1)
  }

  /// Objects that refer to themselves, a cycle for each class, first by keys.
  private func loops(_ core: Range<Int>) -> [Cycle] {
    var tally: [UInt32: (occurrences: Int, node: Int)] = [:]
    for node in core {
      for edge in edges.edges(of: node) where edges.target(edge) == node {
        tally[edges.labels[edge], default: (0, node)].occurrences += 1
      }
    }
    return tally.sorted { $0.key < $1.key }.map { label, found in
      Cycle(
        classes: [label], nodes: [UInt32(truncatingIfNeeded: found.node)], occurrences: found.occurrences)
    }
  }

  /// Pairs of objects that refer to each other, a cycle for each pair of classes, first by keys.
  private mutating func pairs() -> [Cycle] {
    var tally: [UInt64: (occurrences: Int, nodes: [UInt32])] = [:]
    var way = [UInt32](repeating: 0, count: count)
    for node in 0..<count {
      let mark = nextStamp()
      for edge in edges.edges(of: first + node) {
        let target = edges.target(edge) - first
        guard target != node, target < count else { continue }
        if stamp[target] != mark || edges.labels[edge] < way[target] { way[target] = edges.labels[edge] }
        stamp[target] = mark
      }
      for arrival in arrivals(at: node) {
        let source = Int(arrivalSources[arrival])
        guard source != node, stamp[source] == mark else { continue }
        let (out, back) = (way[source], edges.labels[Int(arrivals[arrival])])
        let key = UInt64(min(out, back)) << 32 | UInt64(max(out, back))
        let (one, other) = out <= back ? (node, source) : (source, node)
        // Each pair is met from both of its nodes: half a pair each.
        tally[key, default: (0, [UInt32(first + one), UInt32(first + other)])].occurrences += 1
      }
    }
    return tally.sorted { $0.key < $1.key }.map { key, found in
      let classes = [UInt32(truncatingIfNeeded: key >> 32), UInt32(truncatingIfNeeded: key)]
      return Cycle(classes: classes, nodes: found.nodes, occurrences: max(found.occurrences / 2, 1))
    }
  }

  // MARK: breadth-first searches

  /// Searches from one node for each edge class, then from every node, as long as the effort lasts.
  private mutating func searchAll() -> Result? {
    effort = 4096 + 8 * (count + arrivals.count)
    let (starts, frequency) = representatives()
    var best: Found?
    var isComplete = true
    let sources = starts.map { edges.source(of: $0, in: first..<end) - first }
    for start in sources + Array(0..<count) {
      guard effort > 0 else {
        isComplete = false
        break
      }
      guard let found = shortestThrough(node: start, atMost: best?.classes.count ?? count) else { continue }
      if let known = best {
        if found.classes.count > known.classes.count { continue }
        if found.classes.count == known.classes.count,
          !Self.least(found.classes).lexicographicallyPrecedes(Self.least(known.classes))
        {
          continue
        }
      }
      best = found
    }
    guard let best else { return nil }
    let occurrences = best.classes.map { frequency[$0] ?? 0 }.min() ?? 0
    let cycle = Cycle(classes: best.classes, nodes: best.nodes, occurrences: occurrences)
    // Lengths 1 and 2 have been ruled out.
    return Result(shortest: cycle, isShortest: isComplete || cycle.length == 3)
  }

  private static func least(_ classes: [UInt32]) -> [UInt32] {
    let start = Cycle.leastRotation(classes)
    return Array(classes[start...] + classes[..<start])
  }

  /// The first edge of each class, in order of the classes, and how many edges each class has.
  private func representatives() -> (starts: [Int], frequency: [UInt32: Int]) {
    var tally: [UInt32: (edge: Int, count: Int)] = [:]
    for edge in edges.edges(of: first..<end) where edges.target(edge) < end {
      tally[edges.labels[edge], default: (edge, 0)].count += 1
    }
    return (tally.sorted { $0.key < $1.key }.map(\.value.edge), tally.mapValues(\.count))
  }

  /// The shortest cycle through a node, first by keys from there on.
  private mutating func shortestThrough(node goal: Int, atMost limit: Int) -> Found? {
    defer { forgetDistances() }
    guard let length = measure(to: goal, atMost: limit, until: goal) else { return nil }
    return walk(from: goal, to: goal, steps: length, prefix: nil)
  }

  /// The shortest cycle through an edge, first by keys from there on.
  private mutating func shortestThrough(edge: Int) -> Found? {
    guard effort > 0 else { return nil }
    defer { forgetDistances() }
    let (goal, start) = (edges.source(of: edge, in: first..<end) - first, edges.target(edge) - first)
    let label = edges.labels[edge]
    if goal == start { return Found(classes: [label], nodes: [UInt32(first + goal)]) }
    guard let length = measure(to: goal, atMost: count, until: start) else { return nil }
    return walk(from: start, to: goal, steps: length, prefix: (label, goal))
  }

  /// Sets `distance` around `goal`, against the edges, up to the first edge that leaves `start`; the steps from there to the
  /// goal, or `nil` if there are more than `limit`, or the effort is spent.
  private mutating func measure(to goal: Int, atMost limit: Int, until start: Int) -> Int? {
    queue.removeAll(keepingCapacity: true)
    queue.append(UInt32(truncatingIfNeeded: goal))
    distance[goal] = 1
    var head = 0
    while head < queue.count {
      let node = Int(queue[head])
      head += 1
      let steps = Int(distance[node])
      guard steps <= limit, effort > 0 else { return nil }
      for arrival in arrivals(at: node) {
        effort -= 1
        let source = Int(arrivalSources[arrival])
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

  /// The sequence of classes, first by keys, of a shortest way: a frontier of all nodes that it can have reached, then back
  /// along it for the nodes of one such way.
  private mutating func walk(from start: Int, to goal: Int, steps: Int, prefix: (UInt32, Int)?) -> Found {
    var classes: [UInt32] = prefix.map { [$0.0] } ?? []
    var frontiers: [UInt32] = [UInt32(truncatingIfNeeded: start)]
    var bounds = [0]
    for step in 0..<steps {
      let left = UInt32(truncatingIfNeeded: steps - step)
      let range = bounds[step]..<frontiers.count
      bounds.append(frontiers.count)
      var least = UInt32.max
      for place in range {
        for edge in edges.edges(of: first + Int(frontiers[place])) {
          effort -= 1
          let target = edges.target(edge) - first
          if target < count, distance[target] == left { least = min(least, edges.labels[edge]) }
        }
      }
      classes.append(least)
      let mark = nextStamp()
      for place in range {
        for edge in edges.edges(of: first + Int(frontiers[place])) where edges.labels[edge] == least {
          let target = edges.target(edge) - first
          guard target < count, distance[target] == left, stamp[target] != mark else { continue }
          stamp[target] = mark
          frontiers.append(UInt32(truncatingIfNeeded: target))
        }
      }
    }
    // Back from the goal, which is the last frontier.
    var nodes = [UInt32](repeating: 0, count: steps)
    var next = goal
    let offset = prefix == nil ? 0 : 1
    for step in stride(from: steps - 1, through: 0, by: -1) {
      let upper = bounds[step + 1]
      for place in bounds[step]..<upper {
        let node = Int(frontiers[place])
        let leads = edges.edges(of: first + node).contains {
          edges.target($0) - first == next && edges.labels[$0] == classes[step + offset]
        }
        guard leads else { continue }
        nodes[step] = UInt32(truncatingIfNeeded: first + node)
        next = node
        break
      }
    }
    if let prefix { nodes.insert(UInt32(truncatingIfNeeded: first + prefix.1), at: 0) }
    return Found(classes: classes, nodes: nodes)
  }

  // MARK: the core at hand

  private mutating func prepare(_ core: Range<Int>) {
    first = core.lowerBound
    count = core.count
    arrivalOffsets.removeAll(keepingCapacity: true)
    arrivalOffsets.append(contentsOf: repeatElement(0, count: count + 2))
    if distance.count < count {
      distance = [UInt32](repeating: 0, count: count)
      stamp = [UInt32](repeating: 0, count: count)
      lastStamp = 0
    }
    // A counting sort: offsets stand two places late, and move to their own while the edges are placed.
    var edgeCount = 0
    for edge in edges.edges(of: core) where edges.target(edge) < core.upperBound {
      arrivalOffsets[edges.target(edge) - first + 2] &+= 1
      edgeCount += 1
    }
    for node in 0..<count { arrivalOffsets[node + 2] &+= arrivalOffsets[node + 1] }
    arrivals.removeAll(keepingCapacity: true)
    arrivals.append(contentsOf: repeatElement(0, count: edgeCount))
    arrivalSources.removeAll(keepingCapacity: true)
    arrivalSources.append(contentsOf: repeatElement(0, count: edgeCount))
    for node in core {
      for edge in edges.edges(of: node) where edges.target(edge) < core.upperBound {
        let target = edges.target(edge) - first
        let place = Int(arrivalOffsets[target + 1])
        arrivalOffsets[target + 1] &+= 1
        arrivals[place] = UInt32(truncatingIfNeeded: edge)
        arrivalSources[place] = UInt32(truncatingIfNeeded: node - first)
      }
    }
  }

  private func arrivals(at node: Int) -> Range<Int> {
    Int(arrivalOffsets[node])..<Int(arrivalOffsets[node + 1])
  }

  private mutating func nextStamp() -> UInt32 {
    if lastStamp == .max {
      for node in stamp.indices { stamp[node] = 0 }
      lastStamp = 0
    }
    lastStamp += 1
    return lastStamp
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
