package import AllocationStacks
import Glibc
import HeapBlocks
import ObjectGraph
import ProcessImage
import SwiftRuntime

/// Finds what is leaked in a copied process, proves it by its counts, and folds what is equal.
package struct LeakFinder {
  let inspection: Inspection
  let heap: HeapGraph
  private let leaks: Leaks
  /// The leaked objects to which somebody who does not own them has the address.
  private let pointers: [ObjectGraph.UntypedPointer]
  /// Objects with more references than their counts allow.
  private let wrong: NodeSet
  /// What could not be done and does not keep the rest from being right.
  package let warnings: [String]

  package init(_ inspection: Inspection) {
    self.inspection = inspection
    let (mirror, warning) = Self.mirror(for: inspection.snapshot)
    heap = HeapGraph(inspection, layouts: LayoutTable(snapshot: inspection.snapshot, mirror: mirror))
    let marked = heap.graph.mark(heap.subtraction)
    let unreachable = heap.graph.unreachable(marked: marked)
    let initial = InitialValues(inspection.snapshot, isWanted: !unreachable.isEmpty)
    let vocabulary = LeakVocabulary(types: inspection.objects.types, labels: heap.labels, initial: initial).vocabulary
    leaks = heap.graph.leaks(unreachable, heap.subtraction, vocabulary: vocabulary)
    pointers = heap.graph.lastingPointers(into: heap.proven, marked: marked)
    wrong = NodeSet(heap.subtraction.wrong.lazy.map(Int.init), nodeCount: heap.graph.nodeCount)
    warnings = [warning].compactMap { $0 } + Self.wrongEdges(into: wrong, of: heap, inspection)
  }

  /// Reflection over the target's types, or why there is none.
  private static func mirror(for snapshot: Snapshot) -> (RemoteMirror?, String?) {
    let candidates = RemoteMirrorLibrary.candidates(
      executable: OwnFiles.executable, snapshot: snapshot, toolchain: OwnFiles.runtimeFolder)
    do throws(RemoteMirrorError) {
      let library = try RemoteMirrorLibrary.load(candidates: candidates)
      return (try RemoteMirror(library: library, snapshot: snapshot), nil)
    } catch {
      return (nil, "\(error)")
    }
  }

  /// A reference that no count pays for and that nobody is just making or moving, by type and field.
  private static func wrongEdges(into wrong: NodeSet, of heap: HeapGraph, _ inspection: Inspection) -> [String] {
    guard !wrong.isEmpty else { return [] }
    let atHand = BlocksAtHand(inspection, heap)
    let references = heap.graph.references(into: wrong)
    let passing = Set(references.lazy.filter { atHand.contains($0.source) }.map(\.target))
    let lasting = references.filter { !passing.contains($0.target) }
    guard !lasting.isEmpty else { return [] }
    let fields = Set(lasting.map(\.label)).map { heap.fieldName(of: $0, inspection.objects) }
    let count = Set(lasting.map(\.target)).count
    return [
      "\(count == 1 ? "1 object has" : "\(count) objects have") more references than counts allow, so that nothing is said there: something "
        + "was just being made or moved, or one of these is no strong reference: \(fields.sorted().prefix(10).joined(separator: ", "))"
    ]
  }

  // MARK: Looking twice

  /// The leaked objects with their count words, and the leaked blocks of C with their sizes.
  package var leakedCounts: LeakedCounts {
    let leaked = NodeSet(leaks.nodes.lazy.map(Int.init), nodeCount: heap.graph.nodeCount)
    var counts = LeakedCounts(capacity: leaks.nodes.count)
    for node in leaked.nodes {
      guard let value = lastingValue(of: Int(node)) else { continue }
      counts.append(value, of: inspection.heap.blocks.address(of: Int(node)))
    }
    return counts
  }

  /// What does not change while a block is leaked.
  private func lastingValue(of node: Int) -> UInt64? {
    let blocks = inspection.heap.blocks
    guard heap.graph.nodes.traits[node].contains(.counted) else { return UInt64(blocks.usableBytes(of: node)) }
    return inspection.snapshot.word(at: blocks.address(of: node) + 8)
  }

  // MARK: The report

  /// - Parameters:
  ///   - earlier: `leakedCounts` of an earlier look: what was not leaked then, with the same count, is left out.
  ///   - ignore: What is known, and does not count.
  ///   - type: Only leaks that a type of this name takes part in.
  ///   - sites: Where blocks were allocated, if that was recorded.
  package func report(
    ending: TargetFacts.Ending? = nil, confirming earlier: LeakedCounts? = nil, ignore: IgnoreList = IgnoreList(),
    type: Glob? = nil, sites: AllocationSites? = nil
  ) -> LeakReport {
    let pointedAt = NodeSet(pointers.lazy.map { Int($0.target) }, nodeCount: heap.graph.nodeCount)
    let byTarget = pointers.indices.sorted { pointers[$0].target < pointers[$1].target }
    let names = CycleNames(types: inspection.objects.types, labels: heap.labels, classes: leaks.classes)
    var tally = LeakTally(kindCount: inspection.objects.types.count)
    let groups = leaks.groups { knot in
      if let earlier, !isConfirmed(knot, earlier) { return Tag.unconfirmed.rawValue }
      return tag(knot, pointedAt).rawValue
    }
    var found: [Leak] = []
    var others = 0
    for group in groups {
      guard let tag = Tag(rawValue: group.signature.tag), let verdict = tag.verdict else { continue }
      tally.clear()
      for index in group.knots { count(leaks.knots[index], into: &tally) }
      var leak = self.leak(group, verdict, tally, names)
      if verdict == .suspect { leak.pointedAtBy = places(pointingInto: group, byTarget) }
      leak.ignored = ignore.reason(for: leak.signature)
      if let type, !leak.members.contains(where: { type.matches($0.type) }) {
        if leak.isCounted { others += 1 }
        continue
      }
      if let sites { leak.allocations = allocations(of: group, leak, sites) }
      found.append(leak)
    }
    found.sort { left, right in
      let (first, second) = (left.verdict == .suspect, right.verdict == .suspect)
      if first != second { return second }
      return left.retainedBytes != right.retainedBytes
        ? left.retainedBytes > right.retainedBytes : left.signature < right.signature
    }
    return LeakReport(
      target: inspection.facts(ending: ending), leaks: found, type: type?.pattern, otherLeaks: others,
      inspected: InspectedTotals(inspection), warnings: inspection.warnings + warnings + (sites?.warnings ?? []))
  }

  private enum Tag: UInt8 {
    case proven, unreachable, suspect, unconfirmed, unfinished

    var verdict: Leak.Verdict? {
      switch self {
      case .proven: .proven
      case .unreachable: .unreachable
      case .suspect: .suspect
      case .unconfirmed, .unfinished: nil
      }
    }
  }

  private func tag(_ knot: Leaks.Knot, _ pointedAt: NodeSet) -> Tag {
    if isUnfinished(knot) { return .unfinished }
    // Where a reference is wrong, nothing is sure.
    if knot.all.contains(where: { pointedAt.contains(Int(leaks.nodes[$0])) || wrong.contains(Int(leaks.nodes[$0])) }) {
      return .suspect
    }
    return knot.core.allSatisfy { heap.proven.contains(Int(leaks.nodes[$0])) } ? .proven : .unreachable
  }

  /// Collections are values: none can be in itself. Where they seem to be, they are being made, and what their memory held before was
  /// taken for their elements.
  private func isUnfinished(_ knot: Leaks.Knot) -> Bool {
    knot.shape == .cycle
      && knot.core.allSatisfy { place in
        switch inspection.objects.entry(Int(leaks.nodes[place])).kind {
        case .arrayStorage, .dictionaryStorage, .setStorage: true
        default: false
        }
      }
  }

  private func isConfirmed(_ knot: Leaks.Knot, _ earlier: LeakedCounts) -> Bool {
    knot.core.allSatisfy { place in
      let node = Int(leaks.nodes[place])
      guard let before = earlier.value(of: inspection.heap.blocks.address(of: node)) else { return false }
      return before == lastingValue(of: node)
    }
  }

  private func leak(_ group: LeakGroup, _ verdict: Leak.Verdict, _ tally: LeakTally, _ names: CycleNames) -> Leak {
    let types = inspection.objects.types
    var names = names
    let cycle = group.cycles.first.map { names.steps(of: $0) } ?? []
    let otherCycles = group.cycles.dropFirst().map { names.steps(of: $0) }
    let kind: Leak.Kind =
      switch group.signature.shape {
      case .cycle: .cycle
      case .overretained: .overretained
      case .lost: .lost
      }
    let (core, others) = tally.names(types)
    return Leak(
      verdict: verdict, kind: kind, signature: Self.signature(kind, cycle: cycle, types: core),
      instances: group.knots.count, objects: tally.objects, blocks: tally.blocks, bytes: tally.bytes,
      retainedBytes: tally.retainedBytes,
      types: core + others,
      members: tally.members(types), cycle: cycle,
      cycleLength: group.cycles.first.map { Self.length($0, steps: cycle) } ?? 0, otherCycles: otherCycles,
      weaken: Self.unique(
        group.remedies.map {
          RemedyWords(inspection, heap, leaks, group, names, cycle).weakening($0, tally.objects, tally.retainedBytes)
        }))
  }

  /// Without what the program calls by the same names: the way into storage and the way out of it are one reference.
  private static func unique(_ weaken: [Weakening]) -> [Weakening] {
    var seen: Set<[Weakening.Field]> = []
    return weaken.filter { seen.insert($0.fields).inserted }
  }

  /// Objects on a cycle: of one that repeats itself all nodes, storage too; else its steps.
  private static func length(_ cycle: Cycle, steps: [CycleStep]) -> Int {
    cycle.turns > 1 || cycle.runs.contains { $0.times > 1 } ? cycle.length : steps.count
  }

  /// Readable, and made of names alone: the fields of the shortest cycle in an order of their own, or the types.
  private static func signature(_ kind: Leak.Kind, cycle: [CycleStep], types: [String]) -> String {
    let parts = cycle.isEmpty ? types : Set(cycle.map { "\($0.from).\($0.field)" }).sorted()
    return "\(kind.rawValue):\(parts.joined(separator: ","))"
  }

  private func count(_ knot: Leaks.Knot, into tally: inout LeakTally) {
    for place in knot.all {
      let node = Int(leaks.nodes[place])
      tally.add(
        kind: Int(heap.graph.nodes.kinds[node]), bytes: inspection.heap.blocks.chunkBytes(of: node),
        isCounted: heap.graph.nodes.traits[node].contains(.counted), isCore: knot.core.contains(place))
    }
  }

  /// Where the objects of a leak were allocated, or its blocks if it has no object.
  private func allocations(of group: LeakGroup, _ leak: Leak, _ sites: AllocationSites) -> [LeakAllocation] {
    var tally = AllocationTally(sites)
    for index in group.knots {
      for place in leaks.knots[index].core {
        let node = Int(leaks.nodes[place])
        guard leak.objects == 0 || heap.graph.nodes.traits[node].contains(.counted) else { continue }
        tally.add(kind: heap.graph.nodes.kinds[node], address: inspection.heap.blocks.address(of: node))
      }
    }
    return tally.allocations(inspection.objects.types, order: leak.cycle.map(\.from))
  }

  /// Pointers into a group that are looked at for their names.
  private static let mostPointers = 1000

  /// Who has the address of a member, each once.
  /// - Parameter byTarget: The places of `pointers`, by rising target.
  private func places(pointingInto group: LeakGroup, _ byTarget: [Int]) -> [String] {
    var found: [Int] = []
    for index in group.knots {
      for place in leaks.knots[index].all {
        let first = byTarget.partitioningIndex { pointers[$0].target >= leaks.nodes[place] }
        // Each target has one pointer.
        if first < byTarget.count, pointers[byTarget[first]].target == leaks.nodes[place] {
          found.append(byTarget[first])
        }
      }
    }
    let names = PlaceNames(inspection)
    var places: [String] = []
    for place in found.sorted().prefix(Self.mostPointers) {
      let name =
        switch pointers[place].source {
        case .root(let place): names.name(of: heap.places[Int(place)])
        case .block(let block): names.name(ofBlock: Int(block))
        }
      if !places.contains(name) { places.append(name) }
      if places.count == 10 { break }
    }
    return places
  }
}

/// Where the inspector itself lies.
private enum OwnFiles {
  static var executable: String? {
    guard let path = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// The folder of the Swift runtime that this process runs on: that of its toolchain, or the one that was installed.
  static var runtimeFolder: String? {
    Mapping.ofThisProcess.first { $0.name.hasSuffix("/libswiftCore.so") }
      .map { String($0.name.dropLast("/libswiftCore.so".count)) }
  }
}
