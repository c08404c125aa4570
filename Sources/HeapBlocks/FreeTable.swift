package import ProcessImage

/// The chunks that malloc keeps for later, in the order of their addresses, as flat columns: 15 bytes a chunk.
package struct FreeTable: Sendable {
  /// Why a chunk is free, and where malloc keeps it.
  package enum Kind: UInt8, Sendable, CaseIterable {
    /// In the cache of a thread (`tcache`). To the arena it looks used.
    case threadCache = 1
    /// In a fastbin. To the arena it looks used.
    case fastbin
    case unsorted
    case smallBin
    case largeBin
    /// The rest at an arena's end, from which new chunks are cut.
    case top
    /// Free by its flag, and in no list: a damaged heap, or one that was stopped in the middle of an operation.
    case unlisted
  }

  let chunks: RawColumn<UInt64>
  /// Size in units of 16 bytes; 0 for those in `large`.
  let granules: RawColumn<UInt32>
  let kinds: RawColumn<UInt8>
  let arenas: RawColumn<UInt16>
  /// Sizes of those that are too large for a column of 32 bits, by index.
  private(set) var large: [Int: Int] = [:]

  init() {
    chunks = RawColumn()
    granules = RawColumn()
    kinds = RawColumn()
    arenas = RawColumn()
  }

  mutating func append(chunk: UInt64, size: UInt64, kind: Kind, arena: Int) {
    let units = UInt32(exactly: size / 16) ?? 0
    if units == 0 { large[chunks.count] = Int(truncatingIfNeeded: size) }
    chunks.append(chunk)
    granules.append(units)
    kinds.append(kind.rawValue)
    arenas.append(UInt16(clamping: arena))
  }

  package var count: Int { chunks.count }

  /// The chunk's header, 16 bytes before the memory that malloc would return.
  package func chunk(of index: Int) -> Address {
    precondition(index >= 0 && index < count)
    return Address(chunks.base[index])
  }

  /// Bytes of the chunk, header included.
  package func bytes(of index: Int) -> Int {
    precondition(index >= 0 && index < count)
    let units = granules.base[index]
    return units > 0 ? Int(units) * 16 : large[index, default: 0]
  }

  package func kind(of index: Int) -> Kind {
    precondition(index >= 0 && index < count)
    return Kind(rawValue: kinds.base[index]) ?? .unlisted
  }

  /// Number of the arena in `Heap.arenas`.
  package func arena(of index: Int) -> Int {
    precondition(index >= 0 && index < count)
    return Int(arenas.base[index])
  }
}
