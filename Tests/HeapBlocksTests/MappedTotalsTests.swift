import Testing

@testable import HeapBlocks

struct MappedTotalsTests {
  private static func chunks(_ pages: [UInt64]) -> [MappedChunk] {
    var base: UInt64 = 0x7f00_0000_0000
    return pages.map { count in
      defer { base += count * 4096 }
      return MappedChunk(base: base, chunk: base, mappedBytes: count * 4096, usable: count * 4096 - 16)
    }
  }

  @Test func `what only looks like a mapped block is told by malloc's totals`() {
    let real = (0..<300).map { UInt64(33 + $0 % 50) }
    let found = Self.chunks(real + [2, 2, 2, 2, 2, 2])
    let totals = MappedTotals(count: 300, bytes: Int(real.reduce(0, +)) * 4096, bytesDrift: false)
    #expect(totals.rest(of: found) == Array(found[..<300]))
    let drifted = MappedTotals(count: 300, bytes: totals.bytes + 72 * 16, bytesDrift: true)
    #expect(drifted.rest(of: found) == Array(found[..<300]))
    #expect(drifted.agree(with: Array(found[..<300])))
    #expect(!totals.agree(with: found))
  }

  @Test func `two ways to drop one are no answer`() {
    let totals = MappedTotals(count: 2, bytes: 5 * 4096, bytesDrift: false)
    #expect(totals.rest(of: Self.chunks([2, 3, 2])) == nil)
    #expect(totals.rest(of: Self.chunks([2, 3, 4])) == Array(Self.chunks([2, 3, 4])[..<2]))
    #expect(totals.rest(of: Self.chunks([2, 3])) == nil)
  }

  @Test func `a block that lies inside of a false one is chosen`() {
    var candidates = Self.chunks([8])
    candidates += [MappedChunk(base: candidates[0].base + 4096, chunk: 0, mappedBytes: 3 * 4096, usable: 0)]
    let totals = MappedTotals(count: 1, bytes: 3 * 4096, bytesDrift: false)
    #expect(totals.choice(of: candidates) == [candidates[1]])
  }
}
