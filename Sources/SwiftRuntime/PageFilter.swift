/// Says quickly that a word does not point into any of a set of blocks: a bit for each page that one of them touches, with
/// pages that share their low bits sharing theirs.
struct PageFilter {
  private var bits: [UInt64]
  private let mask: UInt64

  /// - Parameter log2: Of the number of bits. 2^20 take 128 KiB, and tell 4 GiB of heap apart.
  init(log2: Int = 20) {
    bits = Array(repeating: 0, count: 1 << (log2 - 6))
    mask = 1 << UInt64(log2) - 1
  }

  mutating func insert(start: UInt64, count: Int) {
    var page = start >> 12
    let last = (start &+ UInt64(truncatingIfNeeded: max(count, 1) &- 1)) >> 12
    guard last &- page <= mask else {
      for index in bits.indices { bits[index] = .max }
      return
    }
    while page <= last {
      let bit = page & mask
      bits[Int(truncatingIfNeeded: bit >> 6)] |= 1 << (bit & 63)
      page &+= 1
    }
  }

  @inline(__always)
  func mayContain(_ word: UInt64) -> Bool {
    let bit = (word >> 12) & mask
    return bits.withUnsafeBufferPointer { $0[Int(truncatingIfNeeded: bit >> 6)] } >> (bit & 63) & 1 == 1
  }
}
