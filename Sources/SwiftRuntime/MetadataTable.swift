/// What metadata says of the blocks that begin with it, by its address: open addressing, one probe as a rule.
struct MetadataTable {
  /// How a block that begins with the metadata is checked and named.
  struct Facts {
    /// Index into the types; for an error box, one of them for each type of error.
    var type: UInt32
    /// Bytes that the block must have at least.
    var size: UInt32
    var form: Form
  }

  enum Form: UInt8 {
    /// No metadata.
    case none
    case object
    /// The error's type stands in the box.
    case error
  }

  private var keys: [UInt64]
  private var values: [Facts]
  private var count = 0

  init() {
    keys = Array(repeating: 0, count: 1024)
    values = Array(repeating: Facts(type: 0, size: 0, form: .none), count: 1024)
  }

  /// - Parameter key: Not 0.
  func facts(for key: UInt64) -> Facts? {
    let mask = keys.count &- 1
    var slot = Self.slot(key, mask)
    while keys[slot] != 0 {
      if keys[slot] == key { return values[slot] }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  mutating func insert(_ facts: Facts, for key: UInt64) {
    if count &* 2 >= keys.count { grow() }
    let mask = keys.count &- 1
    var slot = Self.slot(key, mask)
    while keys[slot] != 0, keys[slot] != key { slot = (slot &+ 1) & mask }
    if keys[slot] == 0 { count &+= 1 }
    keys[slot] = key
    values[slot] = facts
  }

  private mutating func grow() {
    var larger = MetadataTable()
    larger.keys = Array(repeating: 0, count: keys.count * 2)
    larger.values = Array(repeating: Facts(type: 0, size: 0, form: .none), count: keys.count * 2)
    for (key, value) in zip(keys, values) where key != 0 { larger.insert(value, for: key) }
    self = larger
  }

  /// Fibonacci hashing: metadata is aligned, so that the low bits say nothing.
  private static func slot(_ key: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
  }
}
