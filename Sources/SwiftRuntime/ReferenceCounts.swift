package import ProcessImage

/// An object's count word (at +8), or the counts of its side table entry: stdlib/public/SwiftShims/RefCount.h, 64 bits.
///
/// - Bit 63: slow; bit 62 besides: the word holds the address of a side table entry, divided by 8.
/// - Low 32 bits all ones and bit 63: immortal, never counted.
/// - Else bits 33 to 62 hold the strong references beyond the first, bit 32 says that deinit has begun, bits 1 to 31 count
///   unowned references, the object's own one included, and bit 0 is set in every native object.
package struct ReferenceCounts: Hashable, Sendable {
  package let word: UInt64

  @inlinable package init(_ word: UInt64) { self.word = word }

  /// Where the counts are, if the object has a weak reference or had one: see `SideTableEntry`.
  @inlinable package var sideTable: Address? {
    word >> 62 == 3 ? Address((word & (1 << 62 &- 1)) << 3) : nil
  }

  @inlinable package var isImmortal: Bool { word >> 62 != 3 && word >> 63 == 1 && word & 0xFFFF_FFFF == 0xFFFF_FFFF }

  /// Whether deinit has begun: the fields are going or gone, and unowned references alone keep the memory.
  @inlinable package var isDeiniting: Bool { word >> 62 != 3 && !isImmortal && word >> 32 & 1 == 1 }

  /// Strong references; `nil` where the word does not say it (side table, immortal). 0 once deinit has begun.
  @inlinable package var strong: UInt32? {
    guard sideTable == nil, !isImmortal else { return nil }
    return isDeiniting ? 0 : UInt32(truncatingIfNeeded: word >> 33 & 0x3FFF_FFFF) &+ 1
  }

  /// Unowned references; `nil` where the word does not say it. The one that an object has to itself as long as it is alive is
  /// left out; it goes at the end of deinit, so that one too many is told of an object stopped in the midst of it.
  @inlinable package var unowned: UInt32? {
    guard sideTable == nil, !isImmortal else { return nil }
    let count = UInt32(truncatingIfNeeded: word >> 1 & 0x7FFF_FFFF)
    return isDeiniting || count == 0 ? count : count &- 1
  }

  /// Whether an object's word may hold this value. Without this test caches of the runtime pass for instances.
  ///
  /// A side table's address is to be asked as well, whether it leads back: `SideTableEntry`.
  @inlinable package var isPlausible: Bool {
    if word >> 63 == 1 { return word >> 62 == 3 || isImmortal }
    return word & 1 == 1 && word & 0xFFFF_FFFE != 0
  }
}

/// The counts of one object, wherever they are kept.
package struct ObjectCounts: Hashable, Sendable {
  /// Never a side table's address.
  package let counts: ReferenceCounts
  /// Weak references; `nil` for an object without a side table, which has none.
  package let weak: UInt32?

  /// - Returns: `nil` where the word cannot be read, is none of an object's, or names a side table that does not lead back.
  package init?(ofObject object: Address, in memory: some MemoryReader) {
    guard let word = memory.word(at: object + 8) else { return nil }
    let own = ReferenceCounts(word)
    guard own.isPlausible else { return nil }
    guard let place = own.sideTable else {
      counts = own
      weak = nil
      return
    }
    guard let entry = SideTableEntry(at: place, in: memory), entry.object == object else { return nil }
    counts = entry.counts
    weak = entry.weak
  }
}

/// An object's entry of its own for its counts, made at its first weak reference; it goes with the last of them.
package struct SideTableEntry: Hashable, Sendable {
  /// Object, padding, counts, weak count.
  package static let size = 32

  package let object: Address
  /// In the form of an object's word, never a side table.
  package let counts: ReferenceCounts
  /// Weak references without the object's own one.
  package let weak: UInt32

  package init?(at address: Address, in memory: some MemoryReader) {
    guard let bytes = memory.bytes(at: address, count: Self.size) else { return nil }
    self.init(bytes)
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    object = Address(bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    counts = ReferenceCounts(bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    let count = bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
    weak = count == 0 ? 0 : count &- 1
  }
}
