import ProcessImage

/// Who can hold a block.
enum Holder: Hashable {
  case runtime
  case image(String)
  /// Objects of a type, and of a class the stored property.
  case type(UInt32, property: String?)
  case thread
  case memory
}

/// A number for each holder, made once: a loop over millions of objects meets numbers alone.
struct HolderTable {
  /// Marks a type index that is a holder's number for now.
  static let mark: UInt32 = 1 << 31

  private let types: [TypeEntry]
  private let memory: Snapshot
  private var holders: [Holder] = []
  private var numbers: [Holder: UInt32] = [:]
  /// Of each type, where its first place lies in `places` and how many it has: none before it was asked for.
  private var ranges: [(first: UInt32, count: UInt32)]
  /// A type's places follow one another by their distance from an object's start, beginning with 0; the last one is what lies
  /// behind the properties.
  private var places: [(offset: Int, holder: UInt32)] = []

  init(types: [TypeEntry], memory: Snapshot) {
    self.types = types
    self.memory = memory
    ranges = Array(repeating: (0, 0), count: types.count)
  }

  subscript(number: UInt32) -> Holder { holders[Int(number & ~Self.mark)] }

  mutating func number(_ holder: Holder) -> UInt32 {
    if let known = numbers[holder] { return known }
    let fresh = Self.mark | UInt32(truncatingIfNeeded: holders.count)
    holders.append(holder)
    numbers[holder] = fresh
    return fresh
  }

  /// The holder whose word lies at a distance from the start of an object of a type.
  @inline(__always)
  mutating func number(ofType type: UInt32, at offset: Int) -> UInt32 {
    if ranges[Int(type)].count == 0 { learn(type) }
    let (first, count) = ranges[Int(type)]
    var low = Int(first) &+ 1
    var high = Int(first &+ count)
    while low < high {
      let middle = (low &+ high) / 2
      if places[middle].offset <= offset { low = middle &+ 1 } else { high = middle }
    }
    return places[low &- 1].holder
  }

  @inline(never)
  private mutating func learn(_ type: UInt32) {
    let first = places.count
    let whole = number(.type(type, property: nil))
    places.append((0, whole))
    let entry = types[Int(type)]
    if entry.kind == .instance || entry.kind == .managedBuffer, let metadata = entry.metadata {
      let properties = StoredProperties(of: metadata, in: memory)
      for (offset, name) in properties.places where offset < properties.instanceSize {
        places.append((offset, number(.type(type, property: name))))
      }
      places.append((properties.instanceSize, whole))
    }
    ranges[Int(type)] = (UInt32(truncatingIfNeeded: first), UInt32(truncatingIfNeeded: places.count &- first))
  }
}
