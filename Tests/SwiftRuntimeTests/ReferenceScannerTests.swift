import ProcessImage
import SwiftRuntime
import Testing

/// What the scanner does before it asks for a layout, on memory made of bytes.
@Suite struct ReferenceScannerTests {
  private func words(_ words: [UInt64]) -> [UInt8] { words.withUnsafeBytes { Array($0) } }

  @Test(arguments: [0, 8, 15, 16, 24])
  func `an object that is cut off, or whose metadata leads nowhere, has no references`(size: Int) {
    let memory = MemoryImage([(Address(0x10000), Array(words([0x20000, 3, 0x10000]).prefix(size)))])
    var scanner = ReferenceScanner(layouts: LayoutTable(memory: memory, mirror: nil))
    scanner.scan(object: Address(0x10000), bytes: memory.bytes(from: Address(0x10000)), source: 1)
    #expect(scanner.references.isEmpty)
  }

  @Test(arguments: [1 << 32 | 3, 3 << 62 | 0x1000, 1 << 63 | 0xFFFF_FFFF] as [UInt64])
  func `deiniting, with an unreadable side table or immortal: no layout, no references`(counts: UInt64) {
    let memory = MemoryImage([(Address(0x10000), words([0x10000, counts, 0x10000, 0, 0, 0, 0, 0]))])
    var scanner = ReferenceScanner(layouts: LayoutTable(memory: memory, mirror: nil))
    scanner.scan(object: Address(0x10000), bytes: memory.bytes(from: Address(0x10000)), source: 1)
    #expect(scanner.references.isEmpty)
  }
}
