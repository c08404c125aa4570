package import HeapBlocks
package import ProcessImage

/// Reads the references that objects hold: a loop over the type's slots, with no call to the mirror except for enums that
/// could not be learned.
///
/// What it reads may be damaged: every slot is checked against the object's bytes once, every count against its block.
package struct ReferenceScanner {
  package let layouts: LayoutTable
  /// What was found, in the order of scanning. Clear it when it was taken.
  package private(set) var references: [Reference] = []

  /// An existential in an existential in … is cut off here.
  private static let deepest = 16
  private static let noPrefix = UInt32.max

  package init(layouts: LayoutTable) {
    self.layouts = layouts
  }

  package mutating func reserve(_ count: Int) { references.reserveCapacity(count) }

  package mutating func takeReferences() -> [Reference] {
    defer { references = [] }
    return references
  }

  /// Appends the references of one live Swift object to `references`.
  ///
  /// An object that is being destroyed has none: its fields are gone.
  ///
  /// - Parameters:
  ///   - object: Its address.
  ///   - bytes: The block's usable bytes, from the object's first word.
  ///   - source: What `Reference.source` will say.
  @inline(__always)
  package mutating func scan(object: Address, bytes: UnsafeRawBufferPointer, source: UInt32) {
    guard bytes.count >= 16, let base = bytes.baseAddress else { return }
    let counts = ReferenceCounts(base.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    if isDeiniting(counts) { return }
    let metadata = Address(base.loadUnaligned(as: UInt64.self))
    let number = layouts.layoutNumber(metadata: metadata, object: object)
    if number == LayoutTable.nothing { return }
    let layout = layouts.layouts.base[Int(number)]
    if layout.shape == .fields {
      if bytes.count >= Int(layout.extent) { run(layout.slots, base, source, Self.noPrefix, 0) }
    } else {
      scanOther(layout, object, bytes, base, metadata, source)
    }
  }

  @inline(__always)
  private func isDeiniting(_ counts: ReferenceCounts) -> Bool {
    if let sideTable = counts.sideTable { return sideTableSaysDeiniting(sideTable) }
    return counts.isDeiniting
  }

  @inline(never)
  private func sideTableSaysDeiniting(_ address: Address) -> Bool {
    SideTableEntry(at: address, in: layouts.memory)?.counts.isDeiniting ?? true
  }

  /// The references of all live Swift objects of a heap, in the order of their blocks; `Reference.source` is the block's
  /// index.
  package mutating func scan(heap: Heap, objects: ObjectTable) {
    let isObject = objects.types.map(\.kind.isSwiftObject)
    let blocks = heap.blocks
    var run = UnsafeRawBufferPointer(start: nil, count: 0)
    var start = Address(0)
    for block in 0..<blocks.count where isObject[Int(objects.type[block])] && !objects.flags[block].contains(.dead) {
      let address = blocks.address(of: block)
      let size = blocks.usableBytes(of: block)
      var offset = address.distance(from: start)
      if offset < 0 || offset + size > run.count {
        (run, start, offset) = (layouts.memory.bytes(from: address), address, 0)
        guard size <= run.count else { continue }
      }
      scan(
        object: address, bytes: UnsafeRawBufferPointer(rebasing: run[offset..<offset + size]),
        source: UInt32(truncatingIfNeeded: block))
    }
  }

  // MARK: Shapes

  @inline(never)
  private mutating func scanOther(
    _ layout: TypeLayout, _ object: Address, _ bytes: UnsafeRawBufferPointer, _ base: UnsafeRawPointer,
    _ metadata: Address,
    _ source: UInt32
  ) {
    switch layout.shape {
    case .fields:
      break
    case .array:
      guard bytes.count >= 32 else { return }
      let stride = Int(layout.stride)
      let room = bytes.count - 32
      let count = min(base.loadUnaligned(fromByteOffset: 16, as: UInt64.self), UInt64(room / max(stride, 1)))
      guard Int(layout.extent) <= stride else { return }
      var element = base + 32
      for _ in 0..<Int(count) {
        run(layout.slots, element, source, Self.noPrefix, 0)
        element += stride
      }
    case .dictionary:
      guard bytes.count >= 64 else { return }
      scanBuckets(
        layout.keySlots, keys: base.loadUnaligned(fromByteOffset: 48, as: UInt64.self), layout.keyExtent,
        layout.keyStride,
        object, bytes, base, bitmap: 64, source)
      scanBuckets(
        layout.slots, keys: base.loadUnaligned(fromByteOffset: 56, as: UInt64.self), layout.extent, layout.stride,
        object,
        bytes, base, bitmap: 64, source)
    case .set:
      guard bytes.count >= 56 else { return }
      scanBuckets(
        layout.slots, keys: base.loadUnaligned(fromByteOffset: 48, as: UInt64.self), layout.extent, layout.stride,
        object,
        bytes, base, bitmap: 56, source)
    case .perInstance:
      let (number, offset) = layouts.instanceLayout(metadata: metadata, object: object, bytes: bytes)
      let own = layouts.layouts.base[Int(number)]
      guard number != LayoutTable.nothing, offset >= 0, bytes.count >= offset + Int(own.extent) else { return }
      run(own.slots, base + offset, source, Self.noPrefix, 0)
    }
  }

  /// The occupied buckets of a hash table (NativeDictionary, NativeSet): a bit each, then keys and values, all in one block.
  private mutating func scanBuckets(
    _ slots: SlotRange, keys: UInt64, _ extent: UInt32, _ stride: UInt32, _ object: Address,
    _ bytes: UnsafeRawBufferPointer, _ base: UnsafeRawPointer, bitmap: Int, _ source: UInt32
  ) {
    let scale = base.load(fromByteOffset: 32, as: Int8.self)
    guard slots.count > 0, scale >= 0, scale < 48, extent <= stride else { return }
    let buckets = 1 << Int(scale)
    let words = (buckets + 63) / 64
    let first = Address(keys).distance(from: object)
    // Division instead of a product that could overflow.
    guard bytes.count - bitmap >= words * 8, first >= bitmap + words * 8, first <= bytes.count,
      (bytes.count - first) / Int(max(stride, 1)) >= buckets
    else { return }
    for word in 0..<words {
      var occupied = base.loadUnaligned(fromByteOffset: bitmap + word * 8, as: UInt64.self)
      if buckets < 64 { occupied &= (1 << UInt64(buckets)) - 1 }
      while occupied != 0 {
        let bucket = word * 64 + occupied.trailingZeroBitCount
        occupied &= occupied - 1
        run(slots, base + first + bucket * Int(stride), source, Self.noPrefix, 0)
      }
    }
  }

  // MARK: Slots

  /// The references of one value. The caller has checked that its layout's extent can be read from `base`.
  private mutating func run(
    _ range: SlotRange, _ base: UnsafeRawPointer, _ source: UInt32, _ prefix: UInt32, _ depth: Int
  ) {
    // Safety: the store may grow in `existential`; each slot is read through its present base.
    for index in Int(range.start)..<Int(range.start) + Int(range.count) {
      let slot = layouts.slots.base[index]
      let place = base + Int(slot.offset)
      switch slot.kind {
      case .reference:
        let word = place.loadUnaligned(as: UInt64.self) & LayoutSlot.pointerMask
        if word >= LayoutSlot.leastPointer { append(word, slot.field, source, prefix) }
      case .bridge:
        let word = place.loadUnaligned(as: UInt64.self)
        if word >> 63 == 0, word & LayoutSlot.bridgeMask >= LayoutSlot.leastPointer {
          append(word & LayoutSlot.bridgeMask, slot.field, source, prefix)
        }
      case .function:
        let function = place.loadUnaligned(as: UInt64.self)
        let context = place.loadUnaligned(fromByteOffset: 8, as: UInt64.self) & LayoutSlot.pointerMask
        if function >= LayoutSlot.leastPointer, context >= LayoutSlot.leastPointer {
          append(context, slot.field, source, prefix)
        }
      case .weak:
        if let object = weakTarget(place.loadUnaligned(as: UInt64.self)) { append(object, slot.field, source, prefix) }
      case .existential:
        existential(slot, place, source, prefix, depth)
      case .enumeration:
        let use = layouts.enums.base[Int(slot.detail)]
        let active = layouts.projections[Int(use.projection)].activeCase(at: place, mirror: layouts.mirror)
        if active >= 0, active < Int(use.caseCount) {
          run(layouts.caseSlots.base[Int(use.firstCase) + active], base, source, prefix, depth)
        }
      }
    }
  }

  @inline(__always)
  private mutating func append(_ target: UInt64, _ field: UInt32, _ source: UInt32, _ prefix: UInt32) {
    let field = prefix == Self.noPrefix ? field : layouts.composed(prefix, field)
    references.append(Reference(target: target, source: source, field: field))
  }

  /// The object of a side table, if both point at each other: a dead object's side table keeps a stale address.
  private func weakTarget(_ word: UInt64) -> UInt64? {
    let table = word & LayoutSlot.pointerMask
    guard table >= LayoutSlot.leastPointer, let object = layouts.memory.word(at: Address(table)),
      let counts = layouts.memory.word(at: Address(object) + 8), counts >> 62 == 3, counts << 3 == table
    else { return nil }
    return object
  }

  /// Three words and a metadata pointer: the value lies in the words, or in a box that the first one owns.
  private mutating func existential(
    _ slot: LayoutSlot, _ place: UnsafeRawPointer, _ source: UInt32, _ prefix: UInt32, _ depth: Int
  ) {
    let metadata = Address(place.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    guard metadata.bits >= LayoutSlot.leastPointer, depth < Self.deepest else { return }
    let value = layouts.value(metadata: metadata)
    if value.isBoxed {
      let box = place.loadUnaligned(as: UInt64.self) & LayoutSlot.pointerMask
      if box >= LayoutSlot.leastPointer { append(box, slot.field, source, prefix) }
    }
    guard value.isInline, value.number != LayoutTable.nothing else { return }
    let layout = layouts.layouts.base[Int(value.number)]
    guard layout.extent <= 24 else { return }
    let field = prefix == Self.noPrefix ? slot.field : layouts.composed(prefix, slot.field)
    run(layout.slots, place, source, field, depth + 1)
  }
}
