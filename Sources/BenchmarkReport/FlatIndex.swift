/// A hash set of row or word numbers in one flat array, with open addressing: 4 bytes a slot, nothing per element.
///
/// It knows neither keys nor hashes: callers pass the hash of the candidate, and closures over their own arrays.
struct FlatIndex {
  private var slots: [Int32]
  private(set) var count = 0

  /// An empty set that takes this many elements before it grows.
  init(capacity: Int = 0) {
    var size = 16
    while size * 3 < capacity * 4 { size *= 2 }
    slots = Array(repeating: -1, count: size)
  }

  /// The element equal to a candidate: an earlier one, or the candidate itself, which is then in the set.
  @inline(__always)
  mutating func insert(
    _ candidate: Int32, hash: UInt64, equals: (Int32) -> Bool, hashOf: (Int32) -> UInt64
  ) -> Int32 {
    if let found = find(hash: hash, equals: equals) { return found }
    if (count + 1) * 4 > slots.count * 3 { grow(hashOf) }
    place(candidate, hash: hash)
    count += 1
    return candidate
  }

  @inline(__always)
  func find(hash: UInt64, equals: (Int32) -> Bool) -> Int32? {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 {
      if equals(slots[slot]) { return slots[slot] }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private mutating func place(_ element: Int32, hash: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 { slot = (slot + 1) & mask }
    slots[slot] = element
  }

  private mutating func grow(_ hashOf: (Int32) -> UInt64) {
    let old = slots
    slots = Array(repeating: -1, count: old.count * 2)
    for element in old where element >= 0 { place(element, hash: hashOf(element)) }
  }
}

/// Spreads the bits of a number over the whole word: the finalizer of SplitMix64 (Steele et al. 2014).
@inline(__always)
func mix(_ number: UInt64) -> UInt64 {
  var mixed = (number ^ (number >> 30)) &* 0xbf58_476d_1ce4_e5b9
  mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
  return mixed ^ (mixed >> 31)
}
