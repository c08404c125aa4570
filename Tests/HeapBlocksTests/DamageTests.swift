import HeapBlocks
import ProcessImage
import Testing

/// Damaged heaps: the place is named, and no bytes whatsoever make the walk trap or hang.
struct DamageTests {
  @Test(arguments: Release.all) func `an overwritten chunk header is named`(release: Release) throws {
    let tenant = try Tenant(release, ["7", "2", "2", "6000"])
    let text = try tenant.ask("damage")
    let chunk = try #require(UInt64(text, radix: 16))
    let heap = try Heap.walk(QuietProcess(tenant.pid))
    #expect(!heap.isTrusted)
    let named = heap.problems.contains {
      if case .damagedChunk(0, Address(chunk), 0x4141_4141_4141_4141) = $0 { true } else { false }
    }
    #expect(named, "\(heap.problems)")
    // What stands before it was read.
    #expect(heap.blocks.index(startingAt: Address(chunk) + 16) == nil)
    #expect(heap.blocks.count > 0)
  }

  @Test(arguments: Release.all) func `random damage neither traps nor hangs`(release: Release) throws {
    let tenant = try Tenant(release, ["8", "2", "2", "3000"])
    let process = try QuietProcess(tenant.pid)
    let sound = try Heap.walk(process)
    try #require(sound.isTrusted)
    var random = SplitMix(state: 12)
    var places = sound.mallocStates.flatMap { range in
      stride(from: range.lowerBound.bits, to: range.upperBound.bits, by: 8).map { Address($0) }
    }
    for index in stride(from: 0, to: sound.blocks.count, by: 7) { places.append(sound.blocks.address(of: index) - 8) }
    for index in 0..<sound.free.count {
      for word in 0..<4 { places.append(sound.free.chunk(of: index) + 8 * word) }
    }
    var noticed = 0
    for _ in 0..<300 {
      let damage = (0..<Int(1 + random.next() % 4)).map { _ in
        (places[Int(random.next() % UInt64(places.count))] + Int(random.next() % 8), Int(random.next() % 8))
      }
      for (place, bit) in damage { process.flip(bit: bit, at: place) }
      if let heap = try? Heap.walk(process) {
        if !heap.isTrusted { noticed += 1 }
        #expect(heap.blocks.count <= 10 * sound.blocks.count + 1000)
      } else {
        noticed += 1
      }
      for (place, bit) in damage { process.flip(bit: bit, at: place) }
    }
    #expect(noticed > 100)
    #expect(try Heap.walk(process).blocks.count == sound.blocks.count)
  }

  private struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
