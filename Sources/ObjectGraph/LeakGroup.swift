/// Knots that are the same leak: equal shape, equal edge classes in the shortest cycle.
package struct LeakGroup: Sendable {
  package var signature: LeakSignature
  /// Places in `Leaks.knots`, ascending.
  package var knots: [Int]
  /// The one of most nodes, which cycles and remedies are about.
  package var representative: Int
  /// The shortest cycle first, then others of other classes, the most frequent first.
  package var cycles: [Cycle]
  /// The first cycle is known to be the shortest.
  package var isShortest: Bool
  /// Best first.
  package var remedies: [Remedy]
  /// How many objects of the representative's core have owners that are nowhere to be seen: whatever is weakened,
  /// they stay.
  package var heldInCore: Int
}

/// What makes two knots the same leak, in the same order in every run.
package struct LeakSignature: Hashable, Sendable {
  package struct Step: Hashable, Sendable {
    package var kind: UInt32
    /// `nil` where there is no cycle.
    package var label: UInt32?
  }
  package var shape: Leaks.Knot.Shape
  /// The caller's own distinction, such as a verdict.
  package var tag: UInt8
  /// The kinds and labels of the shortest cycle, each once, in order of their keys; the kind of a core without a cycle.
  package var steps: [Step]
}

extension Leaks {
  /// Folds equal knots into groups, in order of their first knots.
  ///
  /// Each knot's shortest cycle is searched; the other cycles, and the references to weaken, once for each group, in
  /// its largest knot.
  ///
  /// - Parameter tag: A distinction that keeps knots apart.
  package func groups(cycleLimit: Int = 5, tag: (Knot) -> UInt8 = { _ in 0 }) -> [LeakGroup] {
    var groups: [LeakGroup] = []
    var places: [LeakSignature: Int] = [:]
    var search = CycleSearch(edges)
    for (index, knot) in knots.enumerated() {
      let found = knot.shape == .cycle ? search.shortest(in: knot.core) : nil
      let signature = LeakSignature(shape: knot.shape, tag: tag(knot), steps: steps(of: knot, found?.shortest))
      guard let place = places[signature] else {
        places[signature] = groups.count
        groups.append(
          LeakGroup(
            signature: signature, knots: [index], representative: index, cycles: found.map { [$0.shortest] } ?? [],
            isShortest: found?.isShortest ?? true, remedies: [],
            heldInCore: 0))
        continue
      }
      groups[place].knots.append(index)
      if knot.all.count > knots[groups[place].representative].all.count {
        groups[place].representative = index
        groups[place].cycles = found.map { [$0.shortest] } ?? []
        groups[place].isShortest = found?.isShortest ?? true
      }
    }
    var weakening = Weakening(self)
    for place in groups.indices where groups[place].signature.shape == .cycle {
      let knot = knots[groups[place].representative]
      (groups[place].remedies, groups[place].heldInCore) = weakening.remedies(of: knot)
      guard let shortest = groups[place].cycles.first else { continue }
      groups[place].cycles = search.variety(in: knot.core, after: shortest, limit: cycleLimit)
    }
    return groups
  }

  private func steps(of knot: Knot, _ cycle: Cycle?) -> [LeakSignature.Step] {
    guard let cycle else {
      let kinds = graph.nodes.kinds
      let kind = knot.core.lazy.map { kinds[Int(nodes[$0])] }
        .min { (vocabulary.kindKeys[Int($0)], $0) < (vocabulary.kindKeys[Int($1)], $1) }
      return kind.map { [LeakSignature.Step(kind: $0, label: nil)] } ?? []
    }
    var steps: [LeakSignature.Step] = []
    for edgeClass in cycle.distinctClasses.map({ classes[Int($0)] }) {
      let step = LeakSignature.Step(kind: edgeClass.source, label: edgeClass.label)
      if steps.last != step { steps.append(step) }
    }
    return steps
  }
}
