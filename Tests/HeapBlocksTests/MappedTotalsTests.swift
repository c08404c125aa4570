import ProcessImage
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

  @Test func `however many look like one, the search ends`() {
    let found = Self.chunks((0..<200_000).map { _ in 1 })
    let half = MappedTotals(count: 100_000, bytes: 100_000 * 4096, bytesDrift: false)
    #expect(half.rest(of: found) == nil)
    let some = MappedTotals(count: 4000, bytes: 4000 * 4096, bytesDrift: false)
    #expect(some.choice(of: Array(found[..<4096])) == nil)
    #expect(some.choice(of: Array(found[..<4000])) == Array(found[..<4000]))
    let none = MappedTotals(count: 4000, bytes: 4000 * 4096 + 1, bytesDrift: false)
    #expect(none.choice(of: Array(found[..<4096])) == nil)
  }

  @Test func `memory that is full of false beginnings is passed through once`() {
    // Each page says that a block begins there which reaches beyond the end.
    let pages = 16 << 10
    var bytes = [UInt8](repeating: 0, count: pages * 4096)
    for page in 0..<pages {
      withUnsafeBytes(of: UInt64((pages - page + 1) * 4096 + 2)) { header in
        bytes.replaceSubrange(page * 4096 + 8..<page * 4096 + 16, with: header)
      }
    }
    let start = Address(0x7f00_0000_0000)
    // One block with an alignment begins at page 100, and its header lies at the end of page 107.
    for (offset, word) in [(0, UInt64(7 * 4096 + 0xff0)), (8, UInt64(2 * 4096 + 16 + 2))] {
      withUnsafeBytes(of: word) {
        bytes.replaceSubrange(107 * 4096 + 0xff0 + offset..<107 * 4096 + 0xff8 + offset, with: $0)
      }
    }
    let mapping = Mapping(start: start, end: start + bytes.count, permissions: [.read, .write])
    var finder = MappedChunks(
      memory: MemoryImage([(start, bytes)]), mappings: [mapping], pages: nil, layout: .counts, hugePages: false)
    let base = start.bits + 100 * 4096
    #expect(
      finder.find(outside: []) == [
        MappedChunk(base: base, chunk: base + 7 * 4096 + 0xff0, mappedBytes: 10 * 4096, usable: 2 * 4096)
      ])
  }

  @Test func `a block that lies inside of a false one is chosen`() {
    var candidates = Self.chunks([8])
    candidates += [MappedChunk(base: candidates[0].base + 4096, chunk: 0, mappedBytes: 3 * 4096, usable: 0)]
    let totals = MappedTotals(count: 1, bytes: 3 * 4096, bytesDrift: false)
    #expect(totals.choice(of: candidates) == [candidates[1]])
  }
}
