/// Weakens labels of a knot by trial, and counts what goes. One value serves many knots.
struct Weakening {
  private let leaks: Leaks
  private var knot: Leaks.Knot
  private var first: Int { knot.all.lowerBound }
  /// The classes of the knot's edges.
  private var classes: [UInt32] = []
  /// For each node of the knot: edges into it from the knot, and owners that are nowhere to be seen.
  private var owners: [UInt32] = []
  private var selfEdges: [Int] = []
  /// The labels of the core's edges, by declaration.
  private var labelsOf: [UInt32: [UInt32]] = [:]
  /// Owners that are left in the trial at hand.
  private var left: [UInt32] = []
  // For each class of the whole: whether the trial at hand removes it, and a count that is 0 between uses.
  private var isRemoved: [Bool]
  private var frequency: [Int]

  init(_ leaks: Leaks) {
    self.leaks = leaks
    knot = Leaks.Knot(shape: .lost, core: 0..<0, all: 0..<0)
    isRemoved = [Bool](repeating: false, count: leaks.classes.count)
    frequency = [Int](repeating: 0, count: leaks.classes.count)
  }

  /// The best remedies of a knot, best first, and how many nodes of its core have owners that are nowhere to be seen.
  mutating func remedies(of knot: Leaks.Knot, limit: Int = 5) -> (remedies: [Remedy], heldInCore: Int) {
    let held = prepare(knot)
    return (remedies(limit: limit), held)
  }

  /// Counts the owners of each node; how many nodes of the core have hidden ones.
  private mutating func prepare(_ knot: Leaks.Knot) -> Int {
    self.knot = knot
    let all = knot.all
    owners = [UInt32](repeating: 0, count: all.count)
    selfEdges.removeAll(keepingCapacity: true)
    classes.removeAll(keepingCapacity: true)
    var last: UInt32?
    for node in all {
      for edge in leaks.edges.edges(of: node) {
        let target = leaks.edges.target(edge)
        owners[target - first] &+= 1
        if target == node { selfEdges.append(edge) }
        let edgeClass = leaks.edges.labels[edge]
        guard edgeClass != last else { continue }
        last = edgeClass
        if frequency[Int(edgeClass)] == 0 { classes.append(edgeClass) }
        frequency[Int(edgeClass)] = 1
      }
    }
    for edgeClass in classes { frequency[Int(edgeClass)] = 0 }

    // A word that holds an object's address may be the owner that its count tells of.
    var words: [UInt32] = []
    if classes.contains(where: { leaks.classes[Int($0)].label == ObjectGraph.untyped }) {
      words = [UInt32](repeating: 0, count: all.count)
      for edge in leaks.edges.edges(of: all)
      where leaks.classes[Int(leaks.edges.labels[edge])].label == ObjectGraph.untyped {
        words[leaks.edges.target(edge) - first] &+= 1
      }
    }
    var held = 0
    for place in owners.indices {
      let node = Int(leaks.nodes[first + place])
      let unseen = leaks.subtraction.unseen[node]
      guard unseen > 0, leaks.graph.nodes.traits[node].contains(.counted) else { continue }
      let hidden = Int(unseen) - (words.isEmpty ? 0 : Int(words[place]))
      guard hidden > 0 else { continue }
      owners[place] &+= UInt32(truncatingIfNeeded: hidden)
      if knot.core.contains(first + place) { held += 1 }
    }
    left = owners
    return held
  }

  /// The best remedies, best first.
  private mutating func remedies(limit: Int) -> [Remedy] {
    // Some forty trials, each linear, are the most that follows; in knots of millions less.
    let size = knot.all.count + leaks.edges.edges(of: knot.all).count
    let all = candidates()
    guard !all.isEmpty else { return [] }
    var whole = trial(all, goal: nil)
    let goal = whole.freedCore
    guard goal > 0 else { return [] }
    whole.remedy.isComplete = true
    // The likeliest, if they do; else as many as it takes.
    let few = max(3, min(12, 64_000_000 / size))
    var count = min(all.count, few)
    while count < all.count, trial(Array(all[..<count]), goal: goal).freedCore < goal {
      count = min(all.count, count * 4)
    }
    if count == 1 || count > max(few, 64_000_000 / size) { return [reasoned(whole.remedy, choices: count)] }
    let candidates = all[..<count].sorted { (leaks.vocabulary.labelKey($0), $0) < (leaks.vocabulary.labelKey($1), $1) }
    var found = candidates.map { trial([$0], goal: goal).remedy }
    var sets = found.filter(\.isComplete).map { Set($0.chosen) }

    // Sets: from all candidates, put back the costliest first, as long as the core still goes.
    if !found.allSatisfy(\.isComplete) {
      let singles = found
      let byCost = candidates.indices.sorted { (singles[$0].cost, $0) > (singles[$1].cost, $1) }
      let byPrior = candidates.indices.sorted {
        (singles[$1].prior.rawValue, singles[$0].cost, $0) > (singles[$0].prior.rawValue, singles[$1].cost, $1)
      }
      for order in [byCost, byPrior] {
        var kept = Set(candidates)
        for index in order where kept.count > 1 {
          kept.remove(candidates[index])
          if trial(candidates.filter(kept.contains), goal: goal).freedCore < goal { kept.insert(candidates[index]) }
        }
        if !sets.contains(kept) {
          sets.append(kept)
          found.append(trial(candidates.filter(kept.contains), goal: goal).remedy)
        }
      }
      for set in smallSets(of: count <= few ? candidates : []).prefix(4_000_000 / size)
      where !sets.contains(where: { $0.isSubset(of: set) }) {
        let remedy = trial(candidates.filter(set.contains), goal: goal).remedy
        guard remedy.isComplete else { continue }
        sets.append(set)
        found.append(remedy)
      }
    }
    found.removeAll { $0.freedNodes == 0 }
    found.sort(by: isBetter)
    return found.prefix(limit).map { reasoned($0, choices: candidates.count) }
  }

  private func reasoned(_ remedy: Remedy, choices: Int) -> Remedy {
    var remedy = remedy
    remedy.reason = reason(remedy, choices: choices)
    return remedy
  }

  /// Declarations of the core's edges that can be weak, likely and frequent ones first.
  private mutating func candidates() -> [UInt32] {
    var frequency: [UInt32: Int] = [:]
    var last = (edgeClass: UInt32.max, count: 0)
    for edge in leaks.edges.edges(of: knot.core) where leaks.edges.target(edge) < knot.core.upperBound {
      let edgeClass = leaks.edges.labels[edge]
      if edgeClass != last.edgeClass {
        if last.count > 0 { frequency[leaks.classes[Int(last.edgeClass)].label, default: 0] += last.count }
        last = (edgeClass, 0)
      }
      last.count += 1
    }
    if last.count > 0 { frequency[leaks.classes[Int(last.edgeClass)].label, default: 0] += last.count }
    let words = leaks.vocabulary
    labelsOf = Dictionary(grouping: frequency.keys.filter { words.prior($0) != .never }) { words.declaration($0) }
      .mapValues { $0.sorted { (words.labelKey($0), $0) < (words.labelKey($1), $1) } }
    frequency = labelsOf.mapValues { $0.reduce(0) { $0 + frequency[$1, default: 0] } }
    return labelsOf.keys.sorted { left, right in
      let (one, other) = (words.prior(left), words.prior(right))
      if one != other { return one > other }
      if frequency[left] != frequency[right] { return frequency[left, default: 0] > frequency[right, default: 0] }
      return (words.labelKey(left), left) < (words.labelKey(right), right)
    }
  }

  /// Pairs, then triples.
  private func smallSets(of candidates: [UInt32]) -> [Set<UInt32>] {
    var sets: [Set<UInt32>] = []
    for (index, one) in candidates.enumerated() {
      for other in candidates[(index + 1)...] { sets.append([one, other]) }
    }
    for (index, one) in candidates.enumerated() {
      for (further, other) in candidates.enumerated().dropFirst(index + 1) {
        for third in candidates[(further + 1)...] { sets.append([one, other, third]) }
      }
    }
    return sets
  }

  /// Removes the edges of some declarations and deletes what has no owner left.
  private mutating func trial(_ chosen: [UInt32], goal: Int?) -> (remedy: Remedy, freedCore: Int) {
    let labels = chosen.flatMap { labelsOf[$0] ?? [] }
    let removing = Set(labels)
    for edgeClass in classes { isRemoved[Int(edgeClass)] = removing.contains(leaks.classes[Int(edgeClass)].label) }
    let (edges, all) = (leaks.edges, knot.all)
    left.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: owners) }
    var removed = 0
    var isTarget = NodeSet(nodeCount: all.count)
    for edge in edges.edges(of: all) where isRemoved[Int(edges.labels[edge])] {
      removed += 1
      isTarget.insert(edges.target(edge) - first)
      left[edges.target(edge) - first] &-= 1
    }
    for edge in selfEdges where !isRemoved[Int(edges.labels[edge])] { left[edges.target(edge) - first] &-= 1 }
    var remedy = Remedy(
      labels: labels, freedNodes: 0, freedWeight: 0, isComplete: false, edges: removed, targets: isTarget.count,
      orphans: 0, otherOwner: nil, prior: labels.map(leaks.vocabulary.prior).min() ?? .neutral, reason: .undecided)
    remedy.chosen = chosen
    let orphanWeight = countOrphans(isTarget, &remedy)
    for edge in selfEdges where !isRemoved[Int(edges.labels[edge])] { left[edges.target(edge) - first] &+= 1 }
    remedy.otherOwner = remedy.orphans < remedy.targets ? commonestOwner(of: isTarget) : nil

    let freedCore = delete(isTarget, &remedy)
    remedy.isComplete = freedCore == goal
    let name =
      switch remedy.prior {
      case .never, .storage: 16
      case .owner: 12
      case .neutral, .required: 0
      case .back: -12
      case .capture: -18
      }
    // An owner refers to each of its own once: many references to few targets are ways back.
    let sharing = removed / max(1, remedy.targets)
    let shared = sharing >= 4 ? -8 : sharing >= 2 ? -4 : 0
    let bits = { (count: Int) in Int.bitWidth - count.leadingZeroBitCount }
    remedy.cost = 4 * (bits(orphanWeight) + bits(chosen.count)) + name + shared
    return (remedy, freedCore)
  }

  /// Counts the targets that have no owner left; a part of an object weighs as much as what it holds.
  private func countOrphans(_ isTarget: NodeSet, _ remedy: inout Remedy) -> Int {
    var weight = 0
    isTarget.forEach { place in
      guard left[place] == 0 else { return }
      let degree = leaks.edges.edges(of: first + place).count
      remedy.orphans += 1
      remedy.orphanEdges += degree
      let isPart = leaks.graph.nodes.traits[Int(leaks.nodes[first + place])].contains(.part)
      weight += isPart ? max(degree, 1) : 1
    }
    return weight
  }

  /// The label under which most of the edges that stay lead to the targets.
  private mutating func commonestOwner(of isTarget: NodeSet) -> UInt32? {
    for node in knot.all {
      for edge in leaks.edges.edges(of: node) where !isRemoved[Int(leaks.edges.labels[edge])] {
        let target = leaks.edges.target(edge)
        if target != node, isTarget.contains(target - first) { frequency[Int(leaks.edges.labels[edge])] += 1 }
      }
    }
    defer { for edgeClass in classes { frequency[Int(edgeClass)] = 0 } }
    let most = classes.max { (frequency[Int($0)], $1) < (frequency[Int($1)], $0) }
    guard let most, frequency[Int(most)] > 0 else { return nil }
    return leaks.classes[Int(most)].label
  }

  /// Deletes the targets without an owner and what follows; how many nodes of the core are among it.
  private mutating func delete(_ isTarget: NodeSet, _ remedy: inout Remedy) -> Int {
    var pending: [UInt32] = []
    var freedCore = 0
    isTarget.forEach { target in
      guard left[target] == 0 else { return }
      pending.append(UInt32(truncatingIfNeeded: target))
      while let place = pending.popLast() {
        let node = first + Int(place)
        // Not to be met again as a target.
        left[Int(place)] = .max
        remedy.freedNodes += 1
        if leaks.graph.nodes.traits[Int(leaks.nodes[node])].contains(.counted) { remedy.freedObjects += 1 }
        remedy.freedWeight += UInt64(leaks.graph.nodes.weights[Int(leaks.nodes[node])])
        if node < knot.core.upperBound { freedCore += 1 }
        for edge in leaks.edges.edges(of: node) where !isRemoved[Int(leaks.edges.labels[edge])] {
          let other = leaks.edges.target(edge) - first
          left[other] &-= 1
          if left[other] == 0 { pending.append(UInt32(truncatingIfNeeded: other)) }
        }
      }
    }
    return freedCore
  }

  private func isBetter(_ left: Remedy, _ right: Remedy) -> Bool {
    if left.isComplete != right.isComplete { return left.isComplete }
    if left.cost != right.cost { return left.cost < right.cost }
    if left.freedWeight != right.freedWeight { return left.freedWeight > right.freedWeight }
    if left.prior != right.prior { return left.prior > right.prior }
    if left.orphanEdges != right.orphanEdges { return left.orphanEdges > right.orphanEdges }
    // Edges for each target, by cross-multiplication.
    let (one, other) = (left.edges * max(right.targets, 1), right.edges * max(left.targets, 1))
    if one != other { return one > other }
    let words = leaks.vocabulary
    return left.labels.map(words.labelKey).lexicographicallyPrecedes(right.labels.map(words.labelKey))
  }

  private func reason(_ remedy: Remedy, choices: Int) -> Remedy.Reason {
    if remedy.prior == .capture { return .capture }
    if 2 * (remedy.targets - remedy.orphans) >= remedy.targets { return .ownedOtherwise }
    if choices == 1 { return .onlyChoice }
    if remedy.edges >= 2 * remedy.targets { return .sharedTarget }
    if remedy.prior == .back { return .named }
    return remedy.prior == .required ? .required : .undecided
  }
}
