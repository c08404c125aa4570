import HeapBlocks
import ObjectGraph
import ProcessImage
import SwiftRuntime

/// Words without a type that hold the address of a block: in registers, on stacks, in globals, in blocks of C, in a task's
/// memory, in Swift objects' raw pointers.
///
/// Of those that lead to a Swift object, only words are kept that can matter: to an object with an unseen owner, or to one
/// that has none at all and may be kept alive by someone who knows its address.
struct UntypedWords {
  private let inspection: Inspection
  private let blocks: BlockTable
  private let snapshot: Snapshot
  private let traits: [NodeTraits]
  private let subtraction: Subtraction
  private let proven: NodeSet
  private let regions: RootRegions

  init(
    _ inspection: Inspection, regions: RootRegions, traits: [NodeTraits], subtraction: Subtraction, proven: NodeSet
  ) {
    self.inspection = inspection
    self.regions = regions
    self.traits = traits
    self.subtraction = subtraction
    self.proven = proven
    blocks = inspection.heap.blocks
    snapshot = inspection.snapshot
  }

  /// The bits of a user's address that tags leave alone: Swift's, and those of programs that use all the upper 17 bits.
  private static let addressBits: UInt64 = 0x0000_7FFF_FFFF_FFF8

  /// The block that a word leads to, if that can matter. A Swift object without an unseen owner is meant by its exact address,
  /// and so is each by a word of a Swift object; anything else by each of its bytes.
  @inline(__always)
  private func target(of word: UInt64, fromSwift: Bool) -> Int? {
    guard let block = blocks.index(containing: Address(word)) else { return nil }
    guard traits[block].contains(.counted) else { return block }
    let isExact = blocks.address(of: block).bits == word
    if subtraction.unseen[block] != 0 { return isExact || !fromSwift ? block : nil }
    return isExact && !fromSwift && proven.contains(block) ? block : nil
  }

  /// The word as it is, or without tag bits.
  @inline(__always)
  private func swiftTarget(of word: UInt64) -> Int? {
    if let block = target(of: word, fromSwift: true) { return block }
    return word & ~Self.addressBits != 0 ? target(of: word & Self.addressBits, fromSwift: true) : nil
  }

  /// The word as it is, without tag bits, or complemented, as Dispatch keeps pointers.
  @inline(__always)
  private func anyTarget(of word: UInt64) -> Int? {
    if word == 0 { return nil }
    if let block = target(of: word, fromSwift: false) { return block }
    if word & ~Self.addressBits != 0, let block = target(of: word & Self.addressBits, fromSwift: false) { return block }
    return target(of: ~word, fromSwift: false)
  }

  // MARK: In blocks

  /// - Parameter references: The typed edges: their words are not told again.
  func wordsInBlocks(references: EdgeTable) -> EdgeTable {
    let objects = inspection.objects
    var words = EdgeTable(nodeCount: blocks.count, isLabelled: false)
    let policies = objects.types.map { WordPolicy($0.kind) }
    // The last block with a typed edge to each node, plus one.
    var typedFrom = [UInt32](repeating: 0, count: blocks.count)
    let freed = DispatchCaches.freedBlocks(of: inspection)
    var cursor = MemoryCursor(snapshot)
    for block in 0..<blocks.count {
      let policy = policies[Int(objects.type[block])]
      guard policy.hasWords,
        let bytes = cursor.bytes(at: blocks.address(of: block), count: blocks.usableBytes(of: block))
      else { continue }
      if policy.isString {
        addSideTable(of: bytes, from: block, to: &words)
        if let word = StringStorage.breadcrumbs(of: bytes), let target = swiftTarget(of: word) {
          words.append(from: block, to: target)
        }
        continue
      }
      // While an object is being destroyed its fields go one by one: what is left of them still owns.
      if policy.hasFields, !traits[block].contains(.deiniting) {
        let mark = UInt32(truncatingIfNeeded: block &+ 1)
        for edge in references.edges(of: block) { typedFrom[references.target(edge)] = mark }
        addSideTable(of: bytes, from: block, to: &words)
        for offset in stride(from: 16, to: bytes.count &- 7, by: 8) {
          let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          guard let target = swiftTarget(of: word), typedFrom[target] != mark, target != block else { continue }
          words.append(from: block, to: target)
        }
      } else if freed.contains(block) {
        let next = bytes.loadUnaligned(fromByteOffset: DispatchCaches.nextOffset, as: UInt64.self)
        if let target = blocks.index(startingAt: Address(next)) { words.append(from: block, to: target) }
      } else {
        if policy.isSwiftObject { addSideTable(of: bytes, from: block, to: &words) }
        let end = policy.isSlab ? TaskSlab.usedBytes(of: bytes) : bytes.count
        for offset in stride(from: policy.isSwiftObject ? 16 : 0, to: end &- 7, by: 8) {
          let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          guard let target = anyTarget(of: word), target != block else { continue }
          // The runtime knows types, not objects: what looks like an object that nobody owns is a stale word.
          if policy.isRuntimeData, subtraction.unseen[target] == 0 { continue }
          words.append(from: block, to: target)
        }
      }
    }
    words.finish()
    return words
  }

  /// An object owns its side table.
  @inline(__always)
  private func addSideTable(of bytes: UnsafeRawBufferPointer, from block: Int, to words: inout EdgeTable) {
    guard bytes.count >= 16 else { return }
    let counts = ReferenceCounts(bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    if let table = counts.sideTable, let target = blocks.index(startingAt: table) {
      words.append(from: block, to: target)
    }
  }

  // MARK: Outside the heap

  /// The roots' words, and where each of them lies.
  func roots() -> (words: [RootWord], places: [RootPlace]) {
    var found = FoundRoots()
    let resting = RestingThreads(snapshot)
    for (thread, state) in snapshot.threads.enumerated() {
      let place = RootPlace(kind: .register, thread: UInt32(truncatingIfNeeded: thread), address: Address(0))
      for word in state.registers.words + state.vectorWords {
        add(word, at: place, swiftsToo: !resting.contains(place.thread), to: &found)
      }
    }
    for region in regions.regions {
      scan(region, swiftsToo: region.kind != .stack || !resting.contains(region.thread), into: &found)
    }
    for block in FreedInMotion(inspection).blocks {
      found.add(block, RootPlace(kind: .memory, thread: 0, address: blocks.address(of: block)))
    }
    return (found.words, found.places)
  }

  /// What a root's word leads to; a thread's word may be the address of a chunk's header too, which is also the end of the block
  /// before it.
  @inline(__always)
  private func add(_ word: UInt64, at place: RootPlace, swiftsToo: Bool, to found: inout FoundRoots) {
    if let target = anyTarget(of: word), swiftsToo || !isSwifts(target) { found.add(target, place) }
    if place.kind == .register || place.kind == .stack, let target = chunk(at: word) { found.add(target, place) }
  }

  /// malloc itself knows a chunk by the address of its header. While it takes one from its lists or puts one there, no other word
  /// may lead to it.
  private func chunk(at header: UInt64) -> Int? {
    guard let block = blocks.index(startingAt: header &+ 16), !isSwifts(block) else { return nil }
    return block
  }

  /// Whether only Swift code can own it: an object, or a task's memory.
  private func isSwifts(_ block: Int) -> Bool { !traits[block].isDisjoint(with: [.counted, .passing]) }

  private struct FoundRoots {
    var words: [RootWord] = []
    var places: [RootPlace] = []

    mutating func add(_ target: Int, _ place: RootPlace) {
      words.append(
        RootWord(
          place: UInt32(truncatingIfNeeded: places.count), target: UInt32(truncatingIfNeeded: target),
          isPassing: place.kind == .register || place.kind == .stack))
      places.append(place)
    }
  }

  private func scan(_ region: RootRegions.Region, swiftsToo: Bool, into found: inout FoundRoots) {
    region.forEachWord(in: snapshot) { word, address in
      let place = RootPlace(kind: region.kind, thread: region.thread, address: address)
      add(word, at: place, swiftsToo: swiftsToo, to: &found)
    }
  }
}

/// How the words of a kind's blocks are read.
private struct WordPolicy {
  let hasWords: Bool
  /// Its words are text, but for one.
  let isString: Bool
  let isSwiftObject: Bool
  /// Its type says which words are references; the others are raw.
  let hasFields: Bool
  let isSlab: Bool
  let isRuntimeData: Bool

  init(_ kind: BlockKind) {
    hasWords = kind != .sideTable
    isString = kind == .stringStorage
    isSwiftObject = kind.isSwiftObject
    hasFields = kind.isSwiftObject && kind != .task
    isSlab = kind == .taskSlab
    isRuntimeData = kind == .runtimeData
  }
}

private enum StringStorage {
  /// What a long string that was asked for UTF-16 offsets keeps of them, behind its text (`__StringStorage` in
  /// stdlib/public/core/StringStorage.swift: capacity and flags at +16, text from +32).
  static func breadcrumbs(of bytes: UnsafeRawBufferPointer) -> UInt64? {
    guard bytes.count >= 32 else { return nil }
    let capacityAndFlags = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    let offset = (32 &+ Int(capacityAndFlags & 0xFFFF_FFFF_FFFF) &+ 7) & ~7
    guard capacityAndFlags >> 63 == 1, offset &+ 8 <= bytes.count else { return nil }
    return bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}

private enum TaskSlab {
  /// Bytes of the slab that it has given out.
  /// (`StackAllocator::Slab` in stdlib/public/runtime/StackAllocator.h: used at +20, data from +32.)
  static func usedBytes(of bytes: UnsafeRawBufferPointer) -> Int {
    guard bytes.count >= 32 else { return bytes.count }
    return min(bytes.count, 32 &+ Int(bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self)))
  }
}
