package import ProcessImage

/// The live blocks of a heap in the order of their addresses, as flat columns: 12 bytes a block, and an index that takes a
/// sixty-fourth of the heap's size.
///
/// It is public, though no product has it, because only what is public is inlined into other modules.
public struct BlockTable: Sendable {
  @usableFromInline let addresses: RawColumn<UInt64>
  /// Size of the chunk in units of 16 bytes; 0 for those in `odd`.
  @usableFromInline let granules: RawColumn<UInt32>
  @usableFromInline let lookup: BlockIndex
  /// Blocks that are mapped, or too large for a column of 32 bits, by their index.
  let odd: [OddBlock]
  /// The first block of each stretch of blocks that belong to one arena, by index.
  let stretches: [Stretch]

  struct OddBlock: Sendable {
    var index: Int
    var chunkBytes: Int
    var usableBytes: Int
  }

  struct Stretch: Sendable {
    var firstIndex: Int
    var arena: Int
  }

  /// Live blocks.
  @inlinable public var count: Int { addresses.count }

  /// The address that malloc returned.
  package func address(of index: Int) -> Address { Address(start(of: index)) }

  /// The address that malloc returned, as a number.
  @inlinable public func start(of index: Int) -> UInt64 {
    precondition(index >= 0 && index < addresses.count)
    return addresses.base[index]
  }

  /// Bytes of the chunk, header and padding included; of a mapped block, its whole mapping.
  package func chunkBytes(of index: Int) -> Int {
    precondition(index >= 0 && index < granules.count)
    let size = granules.base[index]
    return size > 0 ? Int(size) * 16 : oddBlock(index).chunkBytes
  }

  /// `malloc_usable_size`. Its last eight bytes are the next chunk's first word, unless the block is mapped: an address that
  /// points right there is likelier the next chunk's header than this block's end.
  @inlinable public func usableBytes(of index: Int) -> Int {
    precondition(index >= 0 && index < granules.count)
    let size = granules.base[index]
    return size > 0 ? Int(size) &* 16 &- 8 : oddUsableBytes(of: index)
  }

  /// Number of the arena in `Heap.arenas`.
  package func arena(of index: Int) -> Int {
    var low = 0
    var high = stretches.count
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].firstIndex <= index { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? stretches[low - 1].arena : 0
  }

  /// The block that malloc returned as `address`.
  @inlinable @inline(__always) public func index(startingAt address: UInt64) -> Int? {
    let index = lookup.indexStarting(at: address)
    return index >= 0 ? index : nil
  }

  /// The block whose usable bytes hold `address`.
  @inlinable @inline(__always) public func index(containing address: UInt64) -> Int? {
    let index = lookup.lastIndex(notAbove: address)
    guard index >= 0, address &- addresses.base[index] < UInt64(truncatingIfNeeded: usableBytes(of: index)) else {
      return nil
    }
    return index
  }

  package func index(startingAt address: Address) -> Int? { index(startingAt: address.bits) }

  package func index(containing address: Address) -> Int? { index(containing: address.bits) }

  @usableFromInline @inline(never) func oddUsableBytes(of index: Int) -> Int { oddBlock(index).usableBytes }

  private func oddBlock(_ index: Int) -> OddBlock {
    var low = 0
    var high = odd.count
    while low < high {
      let middle = (low + high) / 2
      if odd[middle].index < index { low = middle + 1 } else { high = middle }
    }
    precondition(low < odd.count && odd[low].index == index, "a block without a size")
    return odd[low]
  }
}
