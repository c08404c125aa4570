import ProcessImage
import Testing

@testable import HeapBlocks

struct BlockTableTests {
  /// Blocks at these places, single ones in mappings of their own, against a linear search.
  @Test func `lookups agree with a linear search`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      var parts: [(start: UInt64, size: UInt64, single: Bool)] = []
      var blocks: [(address: UInt64, usable: UInt64, span: Int)] = []
      var place: UInt64 = 0x5555_0000_0010
      for span in 0..<Int.random(in: 1...12, using: &generator) {
        let single = Bool.random(using: &generator)
        let size = UInt64.random(in: 8...400, using: &generator) * 16
        parts.append((place, single ? size - 16 : size, single))
        if single {
          blocks.append((place, size - 16, span))
        } else {
          var offset: UInt64 = 16
          while offset + 32 <= size {
            let usable = UInt64.random(in: 1...4, using: &generator) * 16 + 8
            if offset + usable > size { break }
            if Int.random(in: 0..<3, using: &generator) > 0 { blocks.append((place + offset, usable, span)) }
            offset += usable + 8
          }
        }
        place += (size + 8191) & ~4095
        if Int.random(in: 0..<4, using: &generator) == 0 { place += 1 << 30 }
      }
      let table = Self.table(parts, blocks)
      let last = parts[parts.count - 1]
      for address in stride(from: parts[0].start - 64, to: min(parts[0].start + 20_000, last.start + last.size), by: 8)
      {
        Self.check(table, blocks, address)
      }
      for block in blocks {
        for address in [
          block.address, block.address + block.usable - 1, block.address + block.usable, block.address - 16,
        ] {
          Self.check(table, blocks, address)
        }
      }
      for address: UInt64 in [0, 16, .max, .max - 15, 1 << 47] { Self.check(table, blocks, address) }
    }
  }

  @Test func `an empty table finds nothing`() {
    let table = Self.table([], [])
    #expect(table.count == 0)
    #expect(table.index(startingAt: Address(0)) == nil)
    #expect(table.index(containing: Address(4096)) == nil)
  }

  private static func table(
    _ parts: [(start: UInt64, size: UInt64, single: Bool)], _ blocks: [(address: UInt64, usable: UInt64, span: Int)]
  ) -> BlockTable {
    let index = BlockIndex(parts: parts)
    let addresses = RawColumn<UInt64>()
    let granules = RawColumn<UInt32>()
    var odd: [BlockTable.OddBlock] = []
    var firsts = Array(repeating: -1, count: parts.count)
    for block in blocks {
      if firsts[block.span] < 0 { firsts[block.span] = addresses.count }
      if parts[block.span].single {
        index.setBlock(addresses.count, span: block.span)
        odd.append(.init(index: addresses.count, chunkBytes: 4096, usableBytes: Int(block.usable)))
        granules.append(0)
      } else {
        index.setBit(at: block.address, span: block.span)
        granules.append(UInt32((block.usable + 8) / 16))
      }
      addresses.append(block.address)
    }
    var first = 0
    for span in parts.indices {
      if firsts[span] >= 0 { first = firsts[span] }
      index.finish(span: span, first: first)
      first += blocks.count { $0.span == span }
    }
    return BlockTable(addresses: addresses, granules: granules, lookup: index, odd: odd, stretches: [])
  }

  private static func check(
    _ table: BlockTable, _ blocks: [(address: UInt64, usable: UInt64, span: Int)], _ address: UInt64
  ) {
    #expect(table.index(startingAt: Address(address)) == blocks.firstIndex { $0.address == address })
    let holding = blocks.firstIndex { $0.address <= address && address - $0.address < $0.usable }
    #expect(table.index(containing: Address(address)) == holding, "\(Address(address))")
  }
}
