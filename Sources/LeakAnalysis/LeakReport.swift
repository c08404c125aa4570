/// What `weakspot leaks` has to say.
package struct LeakReport: Equatable, Sendable {
  package var target: TargetFacts
  /// Proven and unreachable ones first, the largest of each first; then suspects.
  package var leaks: [Leak]
  /// What was asked for, where that was not all: the type's pattern.
  package var type: String?
  /// Leaks that count, and in which no such type takes part.
  package var otherLeaks: Int
  /// The whole heap, whatever was asked for.
  package var inspected: InspectedTotals
  package var warnings: [String]

  package init(
    target: TargetFacts, leaks: [Leak], type: String? = nil, otherLeaks: Int = 0, inspected: InspectedTotals,
    warnings: [String] = []
  ) {
    self.target = target
    self.leaks = leaks
    self.type = type
    self.otherLeaks = otherLeaks
    self.inspected = inspected
    self.warnings = warnings
  }

  /// Those that count: neither suspects nor ignored.
  package var counted: [Leak] { leaks.filter(\.isCounted) }

  package var leakedObjects: Int { counted.reduce(0) { $0 + $1.objects } }
  package var leakedBytes: Int { counted.reduce(0) { $0 + $1.retainedBytes } }
}

/// Equal leaks, folded into one.
package struct Leak: Equatable, Sendable {
  /// DESIGN.md, “The proof”.
  package enum Verdict: String, Sendable, CaseIterable {
    case proven, unreachable, suspect
  }

  package enum Kind: String, Sendable, CaseIterable {
    case cycle, overretained, lost
  }

  package var verdict: Verdict
  package var kind: Kind
  /// The same from run to run.
  package var signature: String
  /// The reason for which it is ignored; `nil`: it is not.
  package var ignored: String?
  /// How many equal leaks were folded into this one.
  package var instances: Int
  /// Swift objects that are leaked: array storage, boxes and contexts included, and what only leaked objects own.
  package var objects: Int
  /// All blocks of malloc that are leaked with them: C blocks and side tables too.
  package var blocks: Int
  /// The chunks of `objects`, header included.
  package var bytes: Int
  /// The chunks of `blocks`: what would go with the leak.
  package var retainedBytes: Int
  /// Types of `objects`, those that own each other first; storage is left out where there are others.
  package var types: [String]
  /// All that is leaked, by type, most first.
  package var members: [TypeCount]
  /// The shortest cycle: each step once, however often it is repeated.
  package var cycle: [CycleStep]
  /// Objects on that cycle, repeated ones too.
  package var cycleLength: Int
  /// Further cycles that go through other fields.
  package var otherCycles: [[CycleStep]]
  /// Best first.
  package var weaken: [Weakening]
  /// Of suspects: the places that hold an address of a member without owning it.
  package var pointedAtBy: [String]
  /// Where its objects were allocated, those on the cycle first, or the blocks of a leak without objects; empty if that was not recorded.
  package var allocations: [LeakAllocation] = []

  package var isCounted: Bool { verdict != .suspect && ignored == nil }

  package init(
    verdict: Verdict, kind: Kind, signature: String, ignored: String? = nil, instances: Int = 1, objects: Int,
    blocks: Int,
    bytes: Int, retainedBytes: Int, types: [String], members: [TypeCount] = [],
    cycle: [CycleStep] = [], cycleLength: Int = 0, otherCycles: [[CycleStep]] = [], weaken: [Weakening] = [],
    pointedAtBy: [String] = []
  ) {
    self.verdict = verdict
    self.kind = kind
    self.signature = signature
    self.ignored = ignored
    self.instances = instances
    self.objects = objects
    self.blocks = blocks
    self.bytes = bytes
    self.retainedBytes = retainedBytes
    self.types = types
    self.members = members
    self.cycle = cycle
    self.cycleLength = cycleLength
    self.otherCycles = otherCycles
    self.weaken = weaken
    self.pointedAtBy = pointedAtBy
  }
}

package struct TypeCount: Equatable, Sendable {
  package var type: String
  /// As the census calls it.
  package var kind: String
  package var count: Int

  package init(type: String, kind: String, count: Int) {
    self.type = type
    self.kind = kind
    self.count = count
  }
}

/// A reference from one object to the next on a cycle or a path.
package struct CycleStep: Hashable, Sendable {
  package var from: String
  /// In Swift's names: `children[]`, `handlers[value]`, `onChange.context`, `mode.one`; `a word` where no type tells.
  package var field: String
  /// `strong`, or `unknown` for a word without a type.
  package var ownership: String
  package var to: String

  package init(from: String, field: String, ownership: String, to: String) {
    self.from = from
    self.field = field
    self.ownership = ownership
    self.to = to
  }
}

/// References that, made weak together, let a leak go.
package struct Weakening: Equatable, Sendable {
  package struct Field: Hashable, Sendable {
    package var type: String
    package var field: String
    /// The superclass that declares it; `nil` where `type` itself does.
    package var declaredIn: String?

    package init(type: String, field: String, declaredIn: String? = nil) {
      self.type = type
      self.field = field
      self.declaredIn = declaredIn
    }
  }

  package var fields: [Field]
  /// In all instances.
  package var freesObjects: Int
  package var freesBytes: Int
  package var reason: Reason

  /// Why this one is better than others.
  package enum Reason: Equatable, Sendable {
    /// A closure's capture, which its capture list makes weak.
    case capture(closure: String, captured: String)
    /// The targets have another owner: some of them, or all.
    case ownedOtherwise(target: String, owner: String, owned: Int, targets: Int)
    /// `weak` cannot stand before a closure: it has to be dropped.
    case storedClosure
    case onlyChoice
    /// At least two references lead to each target.
    case sharedTarget(target: String)
    case named
    /// An optional of a protocol's type, as delegates have.
    case protocolType
    /// No optional: what it leads to was there before what it starts from.
    case required(source: String, target: String)
    case undecided
  }

  package init(fields: [Field], freesObjects: Int, freesBytes: Int, reason: Reason) {
    self.fields = fields
    self.freesObjects = freesObjects
    self.freesBytes = freesBytes
    self.reason = reason
  }
}
