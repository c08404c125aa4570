/// Arrays that grow while a scan reads them: slots and enums lie at stable numbers, read without checks of exclusivity.
struct LayoutStore<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacity: Int

  /// The owner calls `deallocate()`.
  init() {
    capacity = 256
    base = .allocate(capacity: capacity)
  }

  mutating func append(_ element: Element) {
    if count == capacity {
      let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
      larger.moveInitialize(from: base, count: count)
      base.deallocate()
      base = larger
      capacity *= 2
    }
    (base + count).initialize(to: element)
    count += 1
  }

  func deallocate() { base.deallocate() }
}

/// Metadata pointers to layout numbers: open addressing, no deletion.
struct AddressTable {
  private var keys: [UInt64]
  private var values: [UInt32]
  private var count = 0
  private var lastKey: UInt64 = 0
  private var lastValue: UInt32 = 0

  init() {
    keys = Array(repeating: 0, count: 1024)
    values = Array(repeating: 0, count: 1024)
  }

  private static func slot(_ key: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
  }

  /// - Parameter key: Not 0.
  @inline(__always)
  mutating func find(_ key: UInt64) -> UInt32? {
    if key == lastKey { return lastValue }
    let mask = keys.count &- 1
    var slot = Self.slot(key, mask)
    while keys[slot] != 0 {
      if keys[slot] == key {
        lastKey = key
        lastValue = values[slot]
        return lastValue
      }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  mutating func insert(_ key: UInt64, _ value: UInt32) {
    if count * 2 >= keys.count {
      let (oldKeys, oldValues) = (keys, values)
      keys = Array(repeating: 0, count: oldKeys.count * 2)
      values = Array(repeating: 0, count: oldKeys.count * 2)
      for index in oldKeys.indices where oldKeys[index] != 0 { place(oldKeys[index], oldValues[index]) }
    }
    place(key, value)
    count += 1
  }

  private mutating func place(_ key: UInt64, _ value: UInt32) {
    let mask = keys.count - 1
    var slot = Self.slot(key, mask)
    while keys[slot] != 0 { slot = (slot + 1) & mask }
    keys[slot] = key
    values[slot] = value
  }
}
