/// Labels that, made weak together, let a knot go; and what that would cost.
package struct Remedy: Sendable, Equatable {
  /// In order of their keys.
  package var labels: [UInt32]
  /// What trial deletion frees, of the knot.
  package var freedNodes: Int
  package var freedWeight: UInt64
  /// The whole core goes, as far as it can go at all.
  package var isComplete: Bool
  /// How many edges become weak, and to how many nodes they lead.
  package var edges: Int
  package var targets: Int
  /// Targets that no other edge owns: while the program uses them, an owner outside the knot must hold them, or they go too
  /// early. At least one, the way in by which the program owned the knot.
  package var orphans: Int
  /// The label that owns most of the other targets.
  package var otherOwner: UInt32?
  /// The least likely of its labels.
  package var prior: Prior
  package var reason: Reason

  package enum Reason: Sendable {
    /// A closure's capture: `[weak …]` changes nothing else.
    case capture
    /// At least half of the targets have another owner.
    case ownedOtherwise
    /// No other label is a candidate.
    case onlyChoice
    /// Many lead to one: a way back.
    case sharedTarget
    /// The label's name or type is that of a way back.
    case named
    /// Nothing tells it from the others.
    case undecided
  }

  /// The cost by which remedies are ranked: what doubles the orphans is worth as much as a further label, and the label's
  /// name as much as eight times the orphans.
  var cost = 0
  /// How many edges the orphans have: the way in usually owns the most.
  var orphanEdges = 0
}

/// Weakens labels of one knot by trial, and counts what goes.
struct WeakeningTrial {
  private let leaks: Leaks
  private let knot: Leaks.Knot
  private let first: Int
  /// For each node of the knot: edges into it from the knot, and owners that are nowhere to be seen.
  private var owners: [UInt32] = []
  private var selfEdges: [Int] = []
  /// Owners that are left in the trial at hand.
  private var left: [UInt32] = []
  private var isRemoved: [Bool]

  init(_ leaks: Leaks, _ knot: Leaks.Knot) {
    self.leaks = leaks
    self.knot = knot
    first = knot.all.lowerBound
    isRemoved = [Bool](repeating: false, count: leaks.classes.count)
    owners = [UInt32](repeating: 0, count: knot.all.count)
    let isUntyped = leaks.classes.map { $0.label == ObjectGraph.untyped }
    var untyped = [UInt32](repeating: 0, count: isUntyped.contains(true) ? knot.all.count : 0)
    for node in knot.all {
      for edge in leaks.edges.edges(of: node) {
        let target = leaks.edges.target(edge)
        owners[target - first] &+= 1
        if target == node { selfEdges.append(edge) }
        if isUntyped[Int(leaks.edges.labels[edge])] { untyped[target - first] &+= 1 }
      }
    }
    for place in owners.indices {
      // A word that holds an object's address may be the owner that its count tells of.
      let hidden = Int(leaks.unseen[first + place]) - (untyped.isEmpty ? 0 : Int(untyped[place]))
      if hidden > 0 { owners[place] &+= UInt32(truncatingIfNeeded: hidden) }
    }
  }

  /// The best remedies, best first.
  mutating func remedies(limit: Int = 5) -> [Remedy] {
    // Some forty trials, each linear, are the most that follows; in knots of millions less.
    let size = knot.all.count + leaks.edges.edges(of: knot.all).count
    let candidates = candidates(atMost: max(3, min(12, 64_000_000 / size)))
    guard !candidates.isEmpty else { return [] }
    var whole = trial(candidates, goal: nil)
    guard whole.freedCore > 0 else { return [] }
    let goal = whole.freedCore
    whole.remedy.isComplete = true
    var found = candidates.count == 1 ? [whole.remedy] : candidates.map { trial([$0], goal: goal).remedy }
    var sets = found.filter(\.isComplete).map { Set($0.labels) }

    // Sets: from all candidates, put back the costliest first, as long as the core still goes.
    if candidates.count > 1 {
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
      for set in smallSets(of: candidates).prefix(4_000_000 / size) where !sets.contains(where: { $0.isSubset(of: set) }) {
        let remedy = trial(candidates.filter(set.contains), goal: goal).remedy
        guard remedy.isComplete else { continue }
        sets.append(set)
        found.append(remedy)
      }
    }
    found.removeAll { $0.freedNodes == 0 }
    found.sort(by: isBetter)
    return found.prefix(limit).map { remedy in
      var remedy = remedy
      remedy.reason = reason(remedy, choices: candidates.count)
      return remedy
    }
  }

  /// Labels of the core's edges that can be weak, likely and frequent ones first.
  private func candidates(atMost limit: Int) -> [UInt32] {
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
    return frequency.keys.filter { words.prior($0) != .never }.sorted { left, right in
      let (one, other) = (words.prior(left), words.prior(right))
      if one != other { return one > other }
      if frequency[left] != frequency[right] { return frequency[left, default: 0] > frequency[right, default: 0] }
      return (words.labelKey(left), left) < (words.labelKey(right), right)
    }.prefix(limit).sorted { (words.labelKey($0), $0) < (words.labelKey($1), $1) }
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

  /// Removes the edges of some labels and deletes what has no owner left.
  private mutating func trial(_ labels: [UInt32], goal: Int?) -> (remedy: Remedy, freedCore: Int) {
    for (index, edgeClass) in leaks.classes.enumerated() { isRemoved[index] = labels.contains(edgeClass.label) }
    let (edges, all) = (leaks.edges, knot.all)
    left = owners
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
    let orphanWeight = countOrphans(isTarget, &remedy)
    for edge in selfEdges where !isRemoved[Int(edges.labels[edge])] { left[edges.target(edge) - first] &+= 1 }
    remedy.otherOwner = remedy.orphans < remedy.targets ? commonestOwner(of: isTarget) : nil

    let freedCore = delete(isTarget, &remedy)
    remedy.isComplete = freedCore == goal
    let name =
      switch remedy.prior {
      case .never, .owner: 12
      case .neutral: 0
      case .back: -12
      case .capture: -18
      }
    remedy.cost = 4 * (Int.bitWidth - orphanWeight.leadingZeroBitCount) + 4 * labels.count + name
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
  private func commonestOwner(of isTarget: NodeSet) -> UInt32? {
    var frequency = [Int](repeating: 0, count: leaks.classes.count)
    for node in knot.all {
      for edge in leaks.edges.edges(of: node) where !isRemoved[Int(leaks.edges.labels[edge])] {
        let target = leaks.edges.target(edge)
        if target != node, isTarget.contains(target - first) { frequency[Int(leaks.edges.labels[edge])] += 1 }
      }
    }
    let most = frequency.indices.max { (frequency[$0], $1) < (frequency[$1], $0) }
    guard let most, frequency[most] > 0 else { return nil }
    return leaks.classes[most].label
  }

  /// Deletes the targets without an owner and what follows; how many nodes of the core are among it.
  private mutating func delete(_ isTarget: NodeSet, _ remedy: inout Remedy) -> Int {
    var pending: [UInt32] = []
    isTarget.forEach { if left[$0] == 0 { pending.append(UInt32(truncatingIfNeeded: $0)) } }
    var freedCore = 0
    while let place = pending.popLast() {
      let node = first + Int(place)
      remedy.freedNodes += 1
      remedy.freedWeight += UInt64(leaks.graph.nodes.weights[Int(leaks.nodes[node])])
      if node < knot.core.upperBound { freedCore += 1 }
      for edge in leaks.edges.edges(of: node) where !isRemoved[Int(leaks.edges.labels[edge])] {
        let target = leaks.edges.target(edge) - first
        left[target] &-= 1
        if left[target] == 0 { pending.append(UInt32(truncatingIfNeeded: target)) }
      }
    }
    return freedCore
  }

  private func isBetter(_ left: Remedy, _ right: Remedy) -> Bool {
    if left.isComplete != right.isComplete { return left.isComplete }
    if left.cost != right.cost { return left.cost < right.cost }
    if left.freedWeight != right.freedWeight { return left.freedWeight > right.freedWeight }
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
    return remedy.prior == .back ? .named : .undecided
  }
}
