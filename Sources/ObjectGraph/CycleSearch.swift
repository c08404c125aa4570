/// Finds the shortest cycles of a core. One value serves many cores, so that small ones cost little.
///
/// What it promises: cycles of length 1 and 2, and the one cycle of a simple ring, are always found. Beyond, a
/// breadth-first search from a node finds the shortest cycle through it, first of equals by keys; searches start at one
/// node for each edge class, then at every node, until the effort is spent: 4,096 + 4 × (nodes + edges) steps for each
/// core, and half of what is left of a reserve of 16 million for all of them. So every node of a small core has its turn,
/// and of most others; where not, `isShortest` says whether something shorter can exist, and which of the equally short
/// ones is taken may depend on the order of the nodes.
struct CycleSearch {
  private let edges: EdgeTable
  private var core: Core
  private var ways = ClosedWaySearch()
  private var isTarget = Marks()
  /// For each target that is marked: the least class of the edges that lead to it.
  private var leastClass: [UInt32] = []
  private var reserve: Int

  init(_ edges: EdgeTable, reserve: Int = 16_000_000) {
    self.edges = edges
    self.reserve = reserve
    core = Core(edges)
  }

  struct Result {
    /// The shortest one found, first by keys among those of its length.
    var shortest: Cycle
    var isShortest: Bool
  }

  /// The shortest cycle of a core that has one.
  mutating func shortest(in range: Range<Int>) -> Result? {
    if let ring = simpleRing(range) { return Result(shortest: ring, isShortest: true) }
    if let loop = loops(range).first { return Result(shortest: loop, isShortest: true) }
    core.load(range)
    if let pair = pairs().first { return Result(shortest: pair, isShortest: true) }
    return searchAll()
  }

  /// Cycles that differ in their classes: `shortest`, then those of length 1 and 2 and the shortest found through
  /// each edge class, the most frequent first.
  mutating func variety(in range: Range<Int>, after shortest: Cycle, limit: Int) -> [Cycle] {
    guard shortest.length < range.count || edges.edges(of: range).count > range.count else { return [shortest] }
    core.load(range)
    var others = loops(range) + pairs()
    ways.reset(count: core.count, effort: 1 << 20 + 4 * (core.count + core.arrivals.count))
    let tally = core.tally()
    for place in tally.prefix(64) {
      if let way = ways.shortest(throughEdge: place.edge, in: core) { others.append(cycle(way)) }
    }
    let frequency = Dictionary(tally.map { ($0.edgeClass, $0.count) }, uniquingKeysWith: +)
    func counted(_ cycle: Cycle) -> Cycle {
      var cycle = cycle
      if cycle.occurrences == 0 { cycle.occurrences = cycle.distinctClasses.map { frequency[$0] ?? 0 }.min() ?? 0 }
      return cycle
    }
    others = others.map(counted).sorted { left, right in
      if left.occurrences != right.occurrences { return left.occurrences > right.occurrences }
      if left.length != right.length { return left.length < right.length }
      return left.distinctClasses.lexicographicallyPrecedes(right.distinctClasses)
    }
    var seen: Set<[UInt32]> = []
    let cycles = ([counted(shortest)] + others).filter { seen.insert($0.distinctClasses).inserted }
    return Array(cycles.prefix(limit))
  }

  /// A cycle that is not yet counted.
  private func cycle(_ way: ClosedWay) -> Cycle {
    let first = UInt32(truncatingIfNeeded: core.first)
    return Cycle(classes: way.classes, nodes: way.nodes.map { first + $0 }, occurrences: 0)
  }

  /// The cycle of a core in which each node has one edge.
  private func simpleRing(_ range: Range<Int>) -> Cycle? {
    var edgeCount = 0
    var firstClass: UInt32?
    var isUniform = true
    for edge in edges.edges(of: range) where range.contains(edges.target(edge)) {
      edgeCount += 1
      guard edgeCount <= range.count else { return nil }
      if firstClass == nil { firstClass = edges.labels[edge] }
      if edges.labels[edge] != firstClass { isUniform = false }
    }
    guard edgeCount == range.count, let firstClass else { return nil }
    if isUniform {
      var cycle = Cycle(classes: [firstClass], nodes: [UInt32(truncatingIfNeeded: range.lowerBound)], occurrences: 1)
      cycle.turns = range.count
      cycle.length = range.count
      return cycle
    }
    var classes: [UInt32] = []
    var nodes: [UInt32] = []
    var node = range.lowerBound
    for _ in range {
      guard let edge = edges.edges(of: node).first(where: { range.contains(edges.target($0)) }) else { return nil }
      classes.append(edges.labels[edge])
      nodes.append(UInt32(truncatingIfNeeded: node))
      node = edges.target(edge)
    }
    return Cycle(classes: classes, nodes: nodes, occurrences: 1)
  }

  /// Objects that refer to themselves, a cycle for each class, first by keys.
  private func loops(_ range: Range<Int>) -> [Cycle] {
    var tally: [UInt32: (occurrences: Int, node: Int)] = [:]
    for node in range {
      for edge in edges.edges(of: node) where edges.target(edge) == node {
        tally[edges.labels[edge], default: (0, node)].occurrences += 1
      }
    }
    return tally.sorted { $0.key < $1.key }.map { label, found in
      Cycle(classes: [label], nodes: [UInt32(truncatingIfNeeded: found.node)], occurrences: found.occurrences)
    }
  }

  /// Pairs of objects that refer to each other, a cycle for each pair of classes, first by keys.
  private mutating func pairs() -> [Cycle] {
    isTarget.reset(count: core.count)
    if leastClass.count < core.count { leastClass = [UInt32](repeating: 0, count: core.count) }
    var tally: [UInt64: (occurrences: Int, way: ClosedWay)] = [:]
    var last: (key: UInt64, occurrences: Int) = (.max, 0)
    for node in 0..<core.count {
      isTarget.clear()
      for edge in core.departures(from: node) {
        guard let target = core.target(edge), target != node else { continue }
        let edgeClass = edges.labels[edge]
        if isTarget.insert(target) || edgeClass < leastClass[target] { leastClass[target] = edgeClass }
      }
      for arrival in core.arrivals(at: node) {
        let source = Int(core.sources[arrival])
        guard source != node, isTarget.contains(source) else { continue }
        let (out, back) = (leastClass[source], edges.labels[Int(core.arrivals[arrival])])
        let key = UInt64(min(out, back)) << 32 | UInt64(max(out, back))
        // Each pair is met from both of its nodes: half a pair each.
        if key == last.key {
          last.occurrences += 1
          continue
        }
        tally[last.key]?.occurrences += last.occurrences
        last = (key, 1)
        guard tally[key] == nil else { continue }
        let nodes = (out <= back ? [node, source] : [source, node]).map { UInt32(truncatingIfNeeded: $0) }
        tally[key] = (0, ClosedWay(classes: [min(out, back), max(out, back)], nodes: nodes))
      }
    }
    tally[last.key]?.occurrences += last.occurrences
    return tally.sorted { $0.key < $1.key }.map { _, found in
      var cycle = cycle(found.way)
      cycle.occurrences = max(found.occurrences / 2, 1)
      return cycle
    }
  }

  /// Searches from one node for each edge class, then from every node, as long as the effort lasts.
  private mutating func searchAll() -> Result? {
    let size = core.count + core.arrivals.count
    let extra = reserve / 2
    ways.reset(count: core.count, effort: 4096 + 4 * size + extra)
    defer { reserve -= extra - min(max(ways.effort, 0), extra) }
    var best: (way: ClosedWay, least: [UInt32])?
    // Where every node has its turn, no start is better than another.
    if core.count * size > ways.effort {
      for place in core.tally() { improve(&best, core.source(of: place.edge)) }
    }
    var start = 0
    while start < core.count, ways.effort > 0 {
      improve(&best, start)
      start += 1
    }
    guard let way = best?.way else { return nil }
    // Lengths 1 and 2 have been ruled out.
    return Result(shortest: cycle(way), isShortest: ways.effort > 0 || way.classes.count == 3)
  }

  private mutating func improve(_ best: inout (way: ClosedWay, least: [UInt32])?, _ start: Int) {
    let limit = best?.least.count ?? core.count
    guard let way = ways.shortest(through: start, in: core, atMost: limit) else { return }
    let rotation = Cycle.leastRotation(way.classes)
    let least = Array(way.classes[rotation...] + way.classes[..<rotation])
    if let known = best?.least, known.count == least.count, !least.lexicographicallyPrecedes(known) { return }
    best = (way, least)
  }
}
