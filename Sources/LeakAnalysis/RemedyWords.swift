import HeapBlocks
import ObjectGraph
import ProcessImage
import SwiftRuntime

/// A remedy in Swift's names: which fields, of which classes, and why.
struct RemedyWords {
  private let inspection: Inspection
  private let heap: HeapGraph
  private let leaks: Leaks
  private let group: LeakGroup
  private let names: CycleNames
  /// The cycle that is shown.
  private let cycle: [CycleStep]

  init(
    _ inspection: Inspection, _ heap: HeapGraph, _ leaks: Leaks, _ group: LeakGroup, _ names: CycleNames,
    _ cycle: [CycleStep]
  ) {
    self.inspection = inspection
    self.heap = heap
    self.leaks = leaks
    self.group = group
    self.names = names
    self.cycle = cycle
  }

  private var knot: Leaks.Knot { leaks.knots[group.representative] }

  /// - Parameters:
  ///   - objects: All of the group's.
  ///   - bytes: All that the group retains.
  func weakening(_ remedy: Remedy, _ objects: Int, _ bytes: Int) -> Weakening {
    // What frees all of one instance frees all of each.
    let isWhole = remedy.freedNodes == knot.all.count
    let labels = remedy.labels.filter(isShown) + remedy.labels.filter { !isShown($0) }
    // What a superclass declares is one reference, whichever subclasses have it; those of the cycle are named.
    var declared: Set<UInt32> = []
    var fields: [Weakening.Field] = []
    for label in labels where declared.insert(leaks.declaration(of: label)).inserted || isShown(label) {
      var field = names.field(of: label)
      field.declaredIn = declaringClass(of: label)
      if !fields.contains(field) { fields.append(field) }
    }
    return Weakening(
      fields: fields, freesObjects: isWhole ? objects : remedy.freedObjects * group.knots.count,
      freesBytes: isWhole ? bytes : Int(clamping: remedy.freedWeight) * 16 * group.knots.count,
      reason: reason(remedy, labels[0]))
  }

  private func isShown(_ label: UInt32) -> Bool {
    let field = names.field(of: label)
    return cycle.contains { $0.from == field.type && $0.field == field.field }
  }

  /// The superclass that declares the field; `nil` where the class itself does.
  private func declaringClass(of label: UInt32) -> String? {
    guard let declaration = heap.labels[Int(label)].declaration, declaration.isInherited else { return nil }
    return TypeNamer(memory: inspection.snapshot).name(of: declaration.metadata)
  }

  private func reason(_ remedy: Remedy, _ label: UInt32) -> Weakening.Reason {
    let source = names.field(of: label).type
    let target = names.target(of: label) ?? ""
    if leaks.isCapture(label) { return .capture(closure: closure(capturingBy: label), captured: target) }
    if leadsToStoredClosure(label) { return .storedClosure }
    switch remedy.reason {
    case .capture: return .capture(closure: closure(capturingBy: label), captured: target)
    case .ownedOtherwise:
      let owner = remedy.otherOwner.map { $0 == ObjectGraph.untyped ? "a word" : names.field(of: $0).field }
      guard let owner else { return .undecided }
      return .ownedOtherwise(
        target: target, owner: owner, owned: remedy.targets - remedy.orphans, targets: remedy.targets)
    case .onlyChoice: return .onlyChoice
    case .sharedTarget: return .sharedTarget(target: target)
    case .named:
      let edge = heap.labels[Int(label)]
      let isNamed = LeakVocabulary.lastName(of: edge.path).map(LeakVocabulary.isBack) ?? false
      return edge.isOptionalProtocol && !isNamed ? .protocolType : .named
    case .required: return .required(source: source, target: target)
    case .undecided: return .undecided
    }
  }

  // MARK: Closures

  private func leadsToStoredClosure(_ label: UInt32) -> Bool {
    let end = names.end(of: label)
    guard end != ObjectGraph.untyped else { return false }
    let edge = heap.labels[Int(end)]
    return edge.isClosure && !edge.isDirectCapture
  }

  private static let thunk = "thunk for "

  /// The closure whose capture a label stands for: the function beside the captured object, where that is the closure's
  /// whole context; else the one that the context belongs to.
  private func closure(capturingBy label: UInt32) -> String {
    let edge = heap.labels[Int(label)]
    if edge.isDirectCapture, let function = function(besideTargetOf: label) { return function }
    guard inspection.objects.types[Int(edge.source)].kind == .closureContext else {
      return names.field(of: label).field
    }
    let name = names.name(ofKind: edge.source)
    return name.hasPrefix(Self.thunk) ? String(name.dropFirst(Self.thunk.count)) : name
  }

  /// A closure is stored as {function, context}: the function before the word that leads to the target.
  private func function(besideTargetOf label: UInt32) -> String? {
    guard let (source, target) = leaks.edge(labelled: label, in: knot) else { return nil }
    let blocks = inspection.heap.blocks
    let (snapshot, start) = (inspection.snapshot, blocks.address(of: source))
    guard let bytes = snapshot.bytes(at: start, count: blocks.usableBytes(of: source)) else { return nil }
    let symbolizer = Symbolizer(snapshot)
    for offset in stride(from: 24, to: bytes.count - 7, by: 8) {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      guard word & Self.addressBits == blocks.address(of: target).bits else { continue }
      let code = Address(bytes.loadUnaligned(fromByteOffset: offset - 8, as: UInt64.self))
      guard snapshot.mapping(containing: code)?.permissions.contains(.execute) == true,
        let name = symbolizer.closureName(of: code), !name.contains(Self.thunk)
      else { continue }
      return name
    }
    return nil
  }

  /// The bits of an address that Swift's tags leave alone.
  private static let addressBits: UInt64 = 0x00FF_FFFF_FFFF_FFF8
}
