import ProcessImage

/// An arena's `malloc_state`, as it was read.
struct ArenaState: Equatable {
  var address: UInt64
  var isLocked: Bool
  /// `NONCONTIGUOUS_BIT`: `sbrk` gave, or may give, memory that does not follow what was there.
  var isContiguous: Bool
  var top: UInt64
  var next: UInt64
  var systemMemory: UInt64

  init?(at address: UInt64, layout: MallocLayout.Arena, memory: any MemoryReader) {
    func word(_ offset: Int) -> UInt64? { memory.word(at: Address(address) + offset) }
    guard let head = word(0), let top = word(layout.top), let next = word(layout.next),
      let system = word(layout.systemMemory)
    else { return nil }
    self.address = address
    isLocked = UInt32(truncatingIfNeeded: head) != 0
    isContiguous = (head >> (UInt64(layout.flags) * 8)) & 2 == 0
    self.top = top
    self.next = next
    systemMemory = system
  }

  /// The address whose `fd` and `bk` are bin `number`'s, from 1 on (`bin_at`).
  static func bin(_ number: Int, of address: UInt64, layout: MallocLayout.Arena) -> UInt64 {
    address &+ UInt64(layout.bins) &+ UInt64(number - 1) &* 16 &- 16
  }

  /// Whether the top is none yet: nothing was allocated.
  func isEmpty(layout: MallocLayout.Arena) -> Bool {
    top == 0 || top == Self.bin(1, of: address, layout: layout)
  }

  /// Searches the C library's variables for `main_arena`, by its bins: an empty one points at itself, a full one at a chunk
  /// that points back.
  static func findMain(in library: CLibrary, layout: MallocLayout.Arena, memory: any MemoryReader) -> ArenaState? {
    for range in library.data {
      let run = memory.bytes(from: range.lowerBound)
      let count = min(run.count, range.upperBound.distance(from: range.lowerBound))
      guard count >= layout.size else { continue }
      let bytes = UnsafeRawBufferPointer(rebasing: run[..<count])
      var offset = 0
      while offset &+ layout.size <= count {
        let address = range.lowerBound.bits &+ UInt64(offset)
        if isMain(at: offset, address: address, in: bytes, layout: layout, memory: memory),
          let state = ArenaState(at: address, layout: layout, memory: memory)
        {
          return state
        }
        offset &+= 8
      }
    }
    return nil
  }

  private static func isMain(
    at offset: Int, address: UInt64, in bytes: UnsafeRawBufferPointer, layout: MallocLayout.Arena,
    memory: any MemoryReader
  ) -> Bool {
    func word(_ place: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset &+ place, as: UInt64.self) }
    let end = address &+ UInt64(layout.size)
    func isOutside(_ pointer: UInt64) -> Bool {
      pointer & 15 == 0 && pointer >= 4096 && pointer >> 47 == 0 && (pointer < address || pointer >= end)
    }
    var agreeing = 0
    for number in 1...MallocLayout.binCount {
      let place = layout.bins &+ (number &- 1) &* 16
      let (forward, back) = (word(place), word(place &+ 8))
      let own = bin(number, of: address, layout: layout)
      if forward == own, back == own {
        agreeing &+= 1
      } else if !isOutside(forward) || !isOutside(back) {
        return false
      } else if memory.word(at: Address(forward) + 24) == own {
        agreeing &+= 1
      }
    }
    let top = word(layout.top)
    return agreeing > MallocLayout.binCount / 2 && (top == bin(1, of: address, layout: layout) || isOutside(top))
      && word(layout.next) & 15 == 0 && word(layout.next) != 0
  }

  /// The ring of all arenas, this one first. The second value is the place where it does not close, if it does not.
  func ring(layout: MallocLayout.Arena, memory: any MemoryReader) -> (arenas: [ArenaState], brokenAt: UInt64?) {
    var arenas = [self]
    var seen: Set<UInt64> = [address]
    while let last = arenas.last, last.next != address {
      guard arenas.count < 65_535, seen.insert(last.next).inserted,
        let state = ArenaState(at: last.next, layout: layout, memory: memory)
      else { return (arenas, last.next) }
      arenas.append(state)
    }
    return (arenas, nil)
  }
}
