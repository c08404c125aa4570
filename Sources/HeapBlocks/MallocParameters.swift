import ProcessImage

/// glibc's `mp_`: the totals of mapped blocks, and the parameters on which a heap's shape depends.
struct MallocParameters: Equatable {
  var address: UInt64
  var mappedCount: Int
  var mappedBytes: Int
  /// The first address that `sbrk` gave; 0 if it never did.
  var sbrkBase: UInt64
  var hugePageSize: UInt64
  var transparentHugePageSize: UInt64
  /// Chunks that a thread cache takes of one bin.
  var cacheCount: UInt64

  /// Searches the C library's variables. `mp_` has no pointer but `sbrk_base`, so the numbers must make sense together; of
  /// several places, the one whose parameters are likeliest wins.
  static func find(
    in library: CLibrary, layout: MallocLayout, isEmpty: Bool, memory: any MemoryReader
  ) -> MallocParameters? {
    var best: (likelihood: Int, parameters: MallocParameters)?
    for range in library.data {
      let run = memory.bytes(from: range.lowerBound)
      let count = min(run.count, range.upperBound.distance(from: range.lowerBound))
      var offset = 0
      while offset &+ layout.parameters.size <= count {
        let bytes = UnsafeRawBufferPointer(rebasing: run[offset..<offset + layout.parameters.size])
        let address = range.lowerBound.bits &+ UInt64(offset)
        if let found = read(bytes, at: address, layout: layout, isEmpty: isEmpty, memory: memory),
          found.likelihood > best?.likelihood ?? 0
        {
          best = found
        }
        offset &+= 8
      }
    }
    return best?.parameters
  }

  private static func read(
    _ bytes: UnsafeRawBufferPointer, at address: UInt64, layout release: MallocLayout, isEmpty: Bool,
    memory: any MemoryReader
  ) -> (likelihood: Int, parameters: MallocParameters)? {
    let layout = release.parameters
    let unit: UInt64 = release.mappedChunkTail > 0 ? 16 : 4096
    func word(_ offset: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    func number(_ offset: Int) -> Int32 { bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self) }
    func isPowerOfTwoOrZero(_ value: UInt64) -> Bool { value & (value &- 1) == 0 }
    let (mapped, mappedMaximum) = (word(layout.mappedBytes), word(layout.mappedBytes + 8))
    let (count, limit, countMaximum) = (
      number(layout.mappedCount), number(layout.mappedCount + 4), number(layout.mappedCount + 8)
    )
    let cacheBins = word(layout.cacheBins)
    let base = word(layout.sbrkBase)
    guard count >= 0, limit >= 0, count <= countMaximum, mapped % unit == 0, mappedMaximum % unit == 0,
      mapped <= mappedMaximum, mapped >> 47 == 0, UInt64(count) &* 4096 <= mapped,
      cacheBins <= 64, word(layout.cacheBins + 16) <= 65_535,
      isPowerOfTwoOrZero(word(layout.hugePageSize)), isPowerOfTwoOrZero(word(layout.transparentHugePageSize))
    else { return nil }
    if isEmpty {
      guard base == 0 else { return nil }
    } else {
      let start = (base &+ 15) & ~15
      guard base >= 4096, base >> 47 == 0, let header = memory.word(at: Address(start) + 8), header & 7 == 1,
        header >= 16
      else { return nil }
    }
    // Defaults that few programs change, and the order of magnitude of the rest.
    var likelihood = 1
    if limit == 65_536 { likelihood += 4 }
    if word(0) >= 4096 { likelihood += 1 }
    if word(8) & 4095 == 0 { likelihood += 1 }
    if word(16) >= 4096 { likelihood += 1 }
    if word(24) == 8 { likelihood += 4 }
    if cacheBins == 64 { likelihood += 2 }
    if base != 0 { likelihood += 2 }
    guard likelihood >= 5 else { return nil }
    return (
      likelihood,
      MallocParameters(
        address: address, mappedCount: Int(count), mappedBytes: Int(mapped), sbrkBase: base,
        hugePageSize: word(layout.hugePageSize), transparentHugePageSize: word(layout.transparentHugePageSize),
        cacheCount: word(layout.cacheBins + 16))
    )
  }
}
