import ProcessImage

/// One pass over the blocks of a heap that finds the Swift objects among them.
///
/// A block is accepted by its first word, which must lead to metadata, by its size, and by its count word: without the last
/// test caches of the runtime pass for instances.
struct Classifier<Memory: MemoryReader, Blocks: BlockList> {
  let memory: Memory
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
        var run = UnsafeRawBufferPointer(start: nil, count: 0)
        var runStart: UInt64 = 0
        var lastMetadata: UInt64 = 0
        var last = MetadataTable.Facts(type: TypeCatalog.unknown, size: .max, form: .none)
        for index in 0..<count {
          let start = blocks.address(of: index).bits
          let usable = blocks.usableBytes(of: index)
          var offset = Int(truncatingIfNeeded: start &- runStart)
          if offset < 0 || offset &+ 16 > run.count {
            runStart = start
            run = memory.bytes(from: Address(start))
            offset = 0
            guard run.count >= 16 else { continue }
          }
          let metadata = run.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          if metadata != lastMetadata {
            guard metadata & 7 == 0, dataBounds.contains(metadata) else { continue }
            lastMetadata = metadata
            last = catalog.facts(for: metadata)
          }
          guard last.form != .none, usable >= Int(last.size), usable >= 16 else { continue }
          let counts = ReferenceCounts(run.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
          var found: ObjectTable.Flags = []
          if counts.word >> 63 == 0 {
            guard counts.isPlausible else { continue }
            if counts.isDeiniting { found = .dead }
          } else if let place = counts.sideTable {
            guard let entry = SideTableEntry(at: place, in: memory), entry.object.bits == start else { continue }
            found = entry.counts.isDeiniting ? [.sideTable, .dead] : .sideTable
          } else {
            guard counts.isImmortal else { continue }
            found = .immortal
          }
          var type = last.type
          if last.form == .error {
            guard run.count &- offset >= 24 else { continue }
            type = catalog.errorBox(of: run.loadUnaligned(fromByteOffset: offset &+ 16, as: UInt64.self))
            guard type != TypeCatalog.unknown else { continue }
          }
          types[index] = type
          flags[index] = found
        }
      }
    }
    return (types, flags)
  }
}
