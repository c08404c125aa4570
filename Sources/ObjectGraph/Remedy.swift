/// Labels that, made weak together, let a knot go; and what that would cost.
package struct Remedy: Sendable, Equatable {
  /// All labels of some declarations, those in order of their keys.
  package var labels: [UInt32]
  /// What trial deletion frees, of the knot.
  package var freedNodes: Int
  /// Of these, nodes that are counted.
  package var freedObjects = 0
  package var freedWeight: UInt64
  /// The whole core goes, as far as it can go at all.
  package var isComplete: Bool
  /// How many edges become weak, and to how many nodes they lead.
  package var edges: Int
  package var targets: Int
  /// Targets that no other edge owns: while the program uses them, an owner outside the knot must hold them, or they
  /// go too early. At least one, the way in by which the program owned the knot.
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
    /// All that tells it from the others is that its source cannot be without it.
    case required
    /// Nothing tells it from the others.
    case undecided
  }

  /// The cost by which remedies are ranked: what doubles the orphans is worth as much as what doubles the declarations, and the
  /// label's name as much as eight times the orphans, and that many lead to one as much as one or two further labels.
  var cost = 0
  /// How many edges the orphans have: the way in usually owns the most.
  var orphanEdges = 0
  /// The declarations.
  var chosen: [UInt32] = []
}
