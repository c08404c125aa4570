/// What the caller knows of its numbers for types and labels. Keys are the same from run to run (hashes of the
/// names), so that choices among equals, and thereby signatures, are too.
package struct Vocabulary: Sendable {
  /// A key for each kind of node.
  package var kindKeys: [UInt64]
  /// A key for each label.
  package var labelKeys: [UInt64]
  /// For each label, how likely it is the one to weaken.
  package var priors: [Prior]
  /// For each label, the first one that the program declares in the same place: they are weakened together.
  package var declarations: [UInt32]

  /// - Parameter declarations: `nil`: each label has a place of its own.
  package init(kindKeys: [UInt64], labelKeys: [UInt64], priors: [Prior], declarations: [UInt32]? = nil) {
    let declarations = declarations ?? labelKeys.indices.map { UInt32(truncatingIfNeeded: $0) }
    precondition(
      labelKeys.count == priors.count && labelKeys.count == declarations.count,
      "each label has a key, a prior and a declaration")
    self.kindKeys = kindKeys
    self.labelKeys = labelKeys
    self.priors = priors
    self.declarations = declarations
  }

  func labelKey(_ label: UInt32) -> UInt64 { label == ObjectGraph.untyped ? .max : labelKeys[Int(label)] }
  func declaration(_ label: UInt32) -> UInt32 {
    label == ObjectGraph.untyped ? label : declarations[Int(label)]
  }
  func prior(_ label: UInt32) -> Prior { label == ObjectGraph.untyped ? .never : priors[Int(label)] }
}

/// What a label's name and kind say about weakening it; the graph's shape counts for more.
package enum Prior: UInt8, Comparable, Sendable {
  /// Cannot be weak: an element's place in an array's storage, a value in a box.
  case never
  /// Leads to what a collection or a box keeps its contents in: such a value cannot be weak, and is owned by who has it.
  case storage
  /// Rather an owner: `children`, a collection, a closure that is stored.
  case owner
  case neutral
  /// No optional, and not made by the object that has it: what it leads to was there before, as an owner is.
  case required
  /// Named or typed like a way back: `parent`, `delegate`, an optional existential of a class.
  case back
  /// A closure's capture, which `[weak self]` changes on its own.
  case capture

  package static func < (left: Prior, right: Prior) -> Bool { left.rawValue < right.rawValue }
}

/// The edges from one kind of node to another under one label.
package struct EdgeClass: Hashable, Sendable {
  package var source: UInt32
  package var label: UInt32
  package var target: UInt32

  package init(source: UInt32, label: UInt32, target: UInt32) {
    self.source = source
    self.label = label
    self.target = target
  }
}

/// Numbers edge classes in the order in which they are met.
struct EdgeClassTable {
  private(set) var classes: [EdgeClass] = []
  private var numbers: [EdgeClass: UInt32] = [:]
  /// The last class at each of a few places: most edges need no look into the dictionary.
  private var recent: [UInt32] = Array(repeating: .max, count: 256)

  mutating func number(_ edge: EdgeClass) -> UInt32 {
    let place = Int((edge.label &* 0x9E37_79B1 &+ edge.source &* 0x85EB_CA77 &+ edge.target &* 0xC2B2_AE3D) >> 24)
    let known = recent[place]
    if known != .max, classes[Int(known)] == edge { return known }
    let number = numbers[edge] ?? UInt32(truncatingIfNeeded: classes.count)
    if number == classes.count {
      classes.append(edge)
      numbers[edge] = number
    }
    recent[place] = number
    return number
  }

  /// The classes in the order of their keys, and the place of each number in it.
  func ranked(by vocabulary: Vocabulary) -> (classes: [EdgeClass], ranks: [UInt32]) {
    let order = classes.indices.sorted { left, right in
      let (one, other) = (classes[left], classes[right])
      let (a, b) = (key(one, vocabulary), key(other, vocabulary))
      if a != b { return a < b }
      return (one.source, one.label, one.target) < (other.source, other.label, other.target)
    }
    var ranks = [UInt32](repeating: 0, count: classes.count)
    for (rank, number) in order.enumerated() { ranks[number] = UInt32(truncatingIfNeeded: rank) }
    return (order.map { classes[$0] }, ranks)
  }

  private func key(_ edge: EdgeClass, _ words: Vocabulary) -> (UInt64, UInt64, UInt64) {
    (words.kindKeys[Int(edge.source)], words.labelKey(edge.label), words.kindKeys[Int(edge.target)])
  }
}
