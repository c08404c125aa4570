internal import Glibc

/// Finds the block at an address: which span of memory, by a small hash table of the address's upper bits; then which block
/// of it, by a bit for each 16 bytes and the number of blocks before each 64 bits.
///
/// One cache line of the table and one of the bits are read for a word that points into the heap; for other words that lie
/// between the lowest and the highest block, one of the table; for all others, none.
@usableFromInline
final class BlockIndex: @unchecked Sendable {
  /// Memory with blocks in it.
  @usableFromInline
  struct Span: BitwiseCopyable {
    /// Aligned to 1,024 bytes, or, of a block that has a mapping of its own, its address.
    @usableFromInline var start: UInt64
    @usableFromInline var size: UInt64
    /// Where its bits begin, in `words`; negative for a block that has a mapping of its own.
    @usableFromInline var word: Int
    /// The index of that block.
    @usableFromInline var block: Int
  }

  @usableFromInline
  struct Slot: BitwiseCopyable {
    /// Upper bits of an address; all ones where the slot is free.
    @usableFromInline var key: UInt64
    @usableFromInline var firstSpan: UInt32
    @usableFromInline var lastSpan: UInt32
  }

  // Safety: all memory is written in `init` and by `setBit` and `finish`, which one task calls before the table is handed
  // out; it is only read afterwards, and freed in `deinit`. Every index into it is masked or was bounds-checked by a span.
  @usableFromInline let spans: UnsafeMutablePointer<Span>
  @usableFromInline let slots: UnsafeMutablePointer<Slot>
  /// Pairs: 64 bits, and the index of the first block among or behind them.
  @usableFromInline let words: UnsafeMutablePointer<UInt64>
  @usableFromInline let low: UInt64
  @usableFromInline let reach: UInt64
  @usableFromInline let keyShift: UInt64
  @usableFromInline let hashShift: UInt64
  @usableFromInline let slotMask: Int
  private let spanCount: Int

  /// - Parameter parts: Memory with blocks in it, ascending and apart: begin, size, and whether it is one block of its own.
  init(parts: [(start: UInt64, size: UInt64, single: Bool)]) {
    spanCount = parts.count
    spans = zeroedMemory(parts.count)
    var wordCount = 0
    for (index, part) in parts.enumerated() {
      let start = part.single ? part.start : part.start & ~1023
      let size = part.size &+ (part.start &- start)
      spans[index] = Span(start: start, size: size, word: part.single ? -1 : wordCount, block: -1)
      if !part.single { wordCount += Int(truncatingIfNeeded: size / 1024) &+ 1 }
    }
    words = zeroedMemory(wordCount * 2)
    let first = parts.isEmpty ? 0 : spans[0].start
    let end = parts.isEmpty ? 0 : spans[parts.count - 1].start &+ spans[parts.count - 1].size
    low = first
    reach = end &- first

    // Keys of 64 MiB; coarser ones where that would be too many.
    var shift: UInt64 = 26
    var keys = Self.keyCount(of: parts, shift: shift)
    while keys > 4096 + 4 * parts.count {
      shift += 1
      keys = Self.keyCount(of: parts, shift: shift)
    }
    keyShift = shift
    var bits: UInt64 = 4
    while 1 << bits < 2 * keys { bits += 1 }
    hashShift = 64 - bits
    slotMask = (1 << Int(bits)) - 1
    slots = zeroedMemory(slotMask + 1)
    for slot in 0...slotMask { slots[slot] = Slot(key: .max, firstSpan: 0, lastSpan: 0) }
    for index in 0..<spanCount where spans[index].size > 0 {
      var key = spans[index].start >> shift
      let last = (spans[index].start &+ (spans[index].size - 1)) >> shift
      while key <= last {
        let slot = Self.slot(of: key, in: slots, hashShift: hashShift, mask: slotMask)
        if slots[slot].key != key {
          slots[slot] = Slot(key: key, firstSpan: UInt32(index), lastSpan: UInt32(index))
        }
        slots[slot].lastSpan = UInt32(index)
        key += 1
      }
    }
  }

  /// At most so many keys do the parts have, aligned start included.
  private static func keyCount(of parts: [(start: UInt64, size: UInt64, single: Bool)], shift: UInt64) -> Int {
    parts.reduce(0) { $0 &+ Int(truncatingIfNeeded: ($1.size >> shift) &+ 2) }
  }

  deinit {
    free(spans)
    free(slots)
    free(words)
  }

  /// Sets the bit of a block in a span with bits. Blocks come in the order of their addresses.
  @inline(__always)
  func setBit(at address: UInt64, span: Int) {
    let offset = address &- spans[span].start
    guard offset < spans[span].size else { return }
    let word = spans[span].word &+ Int(truncatingIfNeeded: offset / 1024)
    words[word &* 2] |= 1 << (offset / 16 % 64)
  }

  /// Names the one block of a span without bits.
  func setBlock(_ index: Int, span: Int) { spans[span].block = index }

  /// Counts the bits of a span, whose first block has the index `first`.
  func finish(span: Int, first: Int) {
    guard spans[span].word >= 0 else { return }
    var rank = UInt64(first)
    let start = spans[span].word
    for word in start...(start &+ Int(truncatingIfNeeded: spans[span].size / 1024)) {
      words[word &* 2 &+ 1] = rank
      rank &+= UInt64(words[word &* 2].nonzeroBitCount)
    }
  }

  /// The slot that has `key`, or the free one where it would be.
  @inlinable @inline(__always)
  static func slot(of key: UInt64, in slots: UnsafeMutablePointer<Slot>, hashShift: UInt64, mask: Int) -> Int {
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> hashShift)
    while slots[slot].key != key, slots[slot].key != .max { slot = (slot &+ 1) & mask }
    return slot
  }

  /// The last span that begins at or below `address`, if the hash table knows one that may hold it; -1 if not.
  @inlinable @inline(__always)
  func span(near address: UInt64) -> Int {
    guard address &- low < reach else { return -1 }
    let key = address >> keyShift
    let slot = Self.slot(of: key, in: slots, hashShift: hashShift, mask: slotMask)
    guard slots[slot].key == key else { return -1 }
    var first = Int(truncatingIfNeeded: slots[slot].firstSpan)
    var last = Int(truncatingIfNeeded: slots[slot].lastSpan)
    while first < last {
      let middle = (first &+ last &+ 1) / 2
      if spans[middle].start <= address { first = middle } else { last = middle &- 1 }
    }
    return address &- spans[first].start < spans[first].size ? first : -1
  }

  /// The index of the block that begins at `address`, or -1.
  @inlinable @inline(__always)
  func indexStarting(at address: UInt64) -> Int {
    guard address & 15 == 0 else { return -1 }
    let found = span(near: address)
    guard found >= 0 else { return -1 }
    let offset = address &- spans[found].start
    guard spans[found].word >= 0 else { return offset == 0 ? spans[found].block : -1 }
    let word = (spans[found].word &+ Int(truncatingIfNeeded: offset / 1024)) &* 2
    let bit: UInt64 = 1 << (offset / 16 % 64)
    guard words[word] & bit != 0 else { return -1 }
    return Int(truncatingIfNeeded: words[word &+ 1]) &+ (words[word] & (bit &- 1)).nonzeroBitCount
  }

  /// The index of the last block of `address`'s span that begins at or below `address`, or -1; it may end before `address`.
  @inlinable @inline(__always)
  func lastIndex(notAbove address: UInt64) -> Int {
    let found = span(near: address)
    guard found >= 0 else { return -1 }
    guard spans[found].word >= 0 else { return spans[found].block }
    let offset = address &- spans[found].start
    let word = (spans[found].word &+ Int(truncatingIfNeeded: offset / 1024)) &* 2
    let upTo: UInt64 = (2 << (offset / 16 % 64)) &- 1
    return Int(truncatingIfNeeded: words[word &+ 1]) &+ (words[word] & upTo).nonzeroBitCount &- 1
  }
}
