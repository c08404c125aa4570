import ProcessImage

/// One pass over the blocks of a heap that finds the Swift objects among them.
///
/// A block is accepted by its first word, which must lead to metadata, by its size, and by its count word: without the last
/// test caches of the runtime pass for instances.
struct Classifier<Blocks: BlockList> {
  let memory: Snapshot
  let blocks: Blocks
  var catalog: TypeCatalog
  /// Where metadata can lie at all.
  let dataBounds: Range<UInt64>

  /// - Returns: Type and flags of each block.
  mutating func classify() -> (type: [UInt32], flags: [ObjectTable.Flags]) {
    let count = blocks.count
    var types = [UInt32](repeating: TypeCatalog.unknown, count: count)
    var flags = [ObjectTable.Flags](repeating: [], count: count)
    types.withUnsafeMutableBufferPointer { types in
      flags.withUnsafeMutableBufferPointer { flags in
        fill(types, flags)
      }
    }
    return (types, flags)
  }

  private mutating func fill(
    _ types: UnsafeMutableBufferPointer<UInt32>, _ flags: UnsafeMutableBufferPointer<ObjectTable.Flags>
  ) {
    let bounds = dataBounds
    var walk = BlockBytes(memory: memory, blocks: blocks)
    var lastMetadata: UInt64 = 0
    var last = MetadataTable.Facts(type: TypeCatalog.unknown, size: .max, form: .none)
    for index in 0..<types.count {
      let (start, block) = walk.bytes(of: index)
      guard block.count >= 16 else { continue }
      let metadata = block.loadUnaligned(as: UInt64.self)
      if metadata != lastMetadata {
        guard metadata & 7 == 0, bounds.contains(metadata) else { continue }
        lastMetadata = metadata
        last = catalog.facts(for: metadata)
      }
      guard last.form != .none, block.count >= Int(last.size),
        let found = flagsOfObject(ReferenceCounts(block.loadUnaligned(fromByteOffset: 8, as: UInt64.self)), at: start)
      else { continue }
      var type = last.type
      if last.form == .error {
        type = catalog.errorBox(of: block.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        guard type != TypeCatalog.unknown else { continue }
      }
      types[index] = type
      flags[index] = found
    }
  }

  /// What the counts of the object at `start` say; `nil` if they are none of an object's.
  @inline(__always)
  private func flagsOfObject(_ counts: ReferenceCounts, at start: UInt64) -> ObjectTable.Flags? {
    if counts.word >> 63 == 0 {
      guard counts.isPlausible else { return nil }
      return counts.isDeiniting ? .dead : []
    }
    guard let place = counts.sideTable else { return counts.isImmortal ? .immortal : nil }
    guard let entry = SideTableEntry(at: place, in: memory), entry.object.bits == start else { return nil }
    return entry.counts.isDeiniting ? [.sideTable, .dead] : .sideTable
  }
}
