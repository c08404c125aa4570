import ProcessImage
import SwiftRuntime
import Testing

struct ReferenceCountsTests {
  struct Word: Sendable, CustomTestStringConvertible {
    var word: UInt64
    var strong: UInt32?
    var unowned: UInt32?
    var isDeiniting = false
    var isImmortal = false
    var sideTable: Address?
    var isPlausible = true
    var testDescription: String { "0x" + String(word, radix: 16) }
  }

  @Test(arguments: [
    Word(word: 0x3, strong: 1, unowned: 0), Word(word: 0x2_0000_0003, strong: 2, unowned: 0),
    Word(word: 0x4_0000_0005, strong: 3, unowned: 1),
    Word(word: 0x1_0000_0003, strong: 0, unowned: 1, isDeiniting: true),
    Word(word: 0x7FFF_FFFE_0000_0003, strong: 0x4000_0000, unowned: 0),
    Word(word: 0x0000_0000_FFFF_FFFF, strong: 1, unowned: 0x7FFF_FFFE),
    Word(word: 0x8000_0000_FFFF_FFFF, isImmortal: true), Word(word: 0x8000_0004_FFFF_FFFF, isImmortal: true),
    Word(word: 0xC000_0AAA_AAAA_AAAA, sideTable: Address(0x5555_5555_5550)),
    Word(word: 0xFFFF_FFFF_FFFF_FFFF, sideTable: Address(0xFFFF_FFFF_FFFF_FFF8 & (1 << 62 - 1) << 3)),
    // Nothing; no bit of a native object; no unowned reference; slow for no reason.
    Word(word: 0, strong: 1, unowned: 0, isPlausible: false),
    Word(word: 0x2, strong: 1, unowned: 0, isPlausible: false),
    Word(word: 0x1, strong: 1, unowned: 0, isPlausible: false),
    Word(word: 0x8000_0000_0000_0003, strong: 1, unowned: 0, isPlausible: false),
    Word(word: 0x7F12_3456_7890, strong: 0x3F89 + 1, unowned: 0x1A2B_3C47, isPlausible: false),
  ])
  func `a count word is read bit by bit`(_ expected: Word) {
    let counts = ReferenceCounts(expected.word)
    #expect(counts.strong == expected.strong)
    #expect(counts.unowned == expected.unowned)
    #expect(counts.isDeiniting == expected.isDeiniting)
    #expect(counts.isImmortal == expected.isImmortal)
    #expect(counts.sideTable == expected.sideTable)
    #expect(counts.isPlausible == expected.isPlausible)
  }

  private static func words(_ words: [UInt64]) -> [UInt8] {
    words.flatMap { word in (0..<8).map { UInt8(word >> ($0 * 8) & 0xFF) } }
  }

  private static let side: UInt64 = 0x2000

  /// An object at 0x1000 whose side table at 0x2000 leads to `object`.
  private static func memory(leadingTo object: UInt64, counts: UInt64 = 0x2_0000_0005, weak: UInt64 = 3) -> MemoryImage
  {
    MemoryImage([
      (Address(0x1000), words([0xAAAA, side >> 3 | 3 << 62])), (Address(side), words([object, 0, counts, weak])),
    ])
  }

  @Test func `counts in a side table are the object's`() throws {
    let counts = try #require(ObjectCounts(ofObject: Address(0x1000), in: Self.memory(leadingTo: 0x1000)))
    #expect(counts.counts.strong == 2)
    #expect(counts.counts.unowned == 1)
    #expect(counts.weak == 2)
  }

  @Test func `a side table that does not lead back is not believed`() {
    #expect(ObjectCounts(ofObject: Address(0x1000), in: Self.memory(leadingTo: 0x1010)) == nil)
  }

  @Test func `a side table that cannot be read gives no counts`() {
    let memory = MemoryImage([(Address(0x1000), Self.words([0xAAAA, 0x9000 >> 3 | 3 << 62]))])
    #expect(ObjectCounts(ofObject: Address(0x1000), in: memory) == nil)
    #expect(ObjectCounts(ofObject: Address(0x5000), in: memory) == nil)
  }

  @Test func `without a side table there is no weak count`() throws {
    let memory = MemoryImage([(Address(0x1000), Self.words([0xAAAA, 3]))])
    let counts = try #require(ObjectCounts(ofObject: Address(0x1000), in: memory))
    #expect(counts.counts.strong == 1)
    #expect(counts.weak == nil)
  }
}
