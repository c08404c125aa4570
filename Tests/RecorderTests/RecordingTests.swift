import CRecorder
import ProcessImage
import Recording
import Testing

/// Reading recordings that are written by hand.
struct RecordingTests {
  @Test func `blocks, stacks and images come back as they were written`() throws {
    var written = WrittenRecording()
    let outer = written.addStack([0x7009], end: WSR_END_OUTERMOST, generation: 0)
    let stack = written.addStack([0x5005], end: 0, generation: 1, parent: outer)
    written.addBlock(0x1000_0040, size: 100, stack: stack)
    written.addBlock(0x1000_0010, size: 0, stack: stack)
    written.addBlock(0x7f00_0000_0000, size: 1 << 30, stack: Int(WSR_NO_STACK_INTERRUPTED))
    written.addImage(0x5000..<0x6000, path: "/old", generations: 0...0)
    written.addImage(0x5000..<0x6000, path: "/new", generations: 1...UInt32.max)
    let recording = try Recording(from: written.source)

    #expect(
      recording.blocks == [
        RecordedBlock(address: Address(0x1000_0010), size: 0, stack: 0),
        RecordedBlock(address: Address(0x1000_0040), size: 100, stack: 0),
        RecordedBlock(address: Address(0x7f00_0000_0000), size: 1 << 30, stack: nil),
      ])
    #expect(recording.mode == .full)
    #expect(recording.processID == 4711)
    let first = try #require(recording.stacks.first)
    #expect(first.frames == [Address(0x5005), Address(0x7009)])
    #expect(first.end == .outermost)
    #expect(recording.image(of: Address(0x5005), in: first)?.path == "/new")
    #expect(recording.image(of: Address(0x7009), in: first) == nil)
    #expect(recording.block(at: Address(0x1000_0040))?.size == 100)
    #expect(recording.block(at: Address(0x1000_0041)) == nil)
    #expect(recording.totals().bytes == Double(100 + 1 << 30))
    #expect(recording.totals().bytesError == 0)
    #expect(recording.totalsByStack().map(\.samples) == [2, 1])
    #expect(recording.warnings == [.withoutStack(1)])
  }

  @Test func `a stack that two threads entered at once is one stack`() throws {
    var written = WrittenRecording()
    for number in 0..<2 {
      let stack = written.addStack([0x5005], end: WSR_END_NO_TABLES, generation: 0)
      written.addBlock(0x1000_0000 + UInt64(number) * 32, size: 1, stack: stack)
    }
    let recording = try Recording(from: written.source)
    #expect(recording.stacks.count == 1)
    #expect(recording.blocks.map(\.stack) == [0, 0])
    #expect(recording.warnings == [.endEarly(1, of: 1)])
  }

  @Test func `a recording of nothing reads as exactly nothing`() throws {
    let recording = try Recording(from: WrittenRecording().source)
    #expect(
      recording.blocks.isEmpty && recording.stacks.isEmpty && recording.images.isEmpty && recording.warnings.isEmpty)
    #expect(recording.totals() == RecordedTotals())
  }

  @Test func `another version, another order of bytes and another file are told apart`() throws {
    var newer = WrittenRecording()
    newer.header.version = 2
    #expect(throws: RecordingError.otherVersion(name: "test", found: 2, supported: 1)) {
      try Recording(from: newer.source)
    }
    var swapped = WrittenRecording()
    swapped.header.magic = swapped.header.magic.byteSwapped
    #expect(throws: RecordingError.otherByteOrder(name: "test")) { try Recording(from: swapped.source) }
    #expect(throws: RecordingError.notARecording(name: "text")) {
      try Recording(from: RecordingBytes(Array("hello, this is a text file".utf8), name: "text"))
    }
    #expect(throws: RecordingError.notARecording(name: "empty")) {
      try Recording(from: RecordingBytes([], name: "empty"))
    }
    #expect(throws: RecordingError.self) { try Recording.open(path: "/nonexistent") }
  }

  @Test(arguments: [16, 24, 175, 176, 4096, 5000, 100_000, 1 << 20, (1 << 24) - 1])
  func `a recording that was cut off is called truncated`(bytes: Int) throws {
    var written = WrittenRecording()
    written.addBlock(0x1000_0040, size: 100, stack: written.addStack([0x5005], end: WSR_END_OUTERMOST, generation: 0))
    var source = written.source
    source.length = min(bytes, source.length - 1)
    do {
      _ = try Recording(from: source)
      Issue.record("\(bytes) bytes were read as a recording")
    } catch let RecordingError.truncated(_, found, needed) {
      #expect(found <= bytes && needed > found)
    }
  }

  @Test func `references that lead nowhere are counted, and the blocks kept`() throws {
    var written = WrittenRecording()
    let stack = written.addStack([0x5005], end: 77, generation: 0)
    let ofItself = written.addStack([0x5005], end: 0, generation: 0, parent: 100_000)
    for (index, number) in [stack, stack + 1000, 1 << 26, ofItself].enumerated() {
      written.addBlock(0x1000_0000 + UInt64(index) * 64, size: 5, stack: number)
    }
    let recording = try Recording(from: written.source)
    #expect(recording.blocks.map(\.size) == [5, 5, 5, 5])
    #expect(recording.blocks.allSatisfy { $0.stack == nil })
    #expect(recording.warnings.contains(.damagedStacks(4)))
  }

  @Test func `a mean that no recorder can have is damage`() {
    var written = WrittenRecording()
    written.header.sample_mean = 1 << 40
    #expect(throws: Never.self) { try Recording(from: written.source) }
    written.header.sample_mean += 1
    #expect(throws: RecordingError.damaged(name: "test", what: "its header holds impossible sizes")) {
      try Recording(from: written.source)
    }
  }

  @Test func `whatever bytes a header holds, reading ends`() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      var written = WrittenRecording()
      written.addBlock(0x1000_0040, size: 100, stack: written.addStack([0x5005], end: WSR_END_OUTERMOST, generation: 0))
      written.addImage(0x5000..<0x6000, path: "/x", generations: 0...9)
      var source = written.source
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        source.damage(
          at: Int.random(in: 16..<MemoryLayout<wsr_header>.size, using: &random), to: UInt8.random(in: 0...255))
      }
      _ = Result { () throws(RecordingError) in try Recording(from: source) }
    }
  }

  @Test(arguments: [(15, 32768.5), (0, 524_288.5), (524_288, 1.582), (1 << 20, 1.1565), (1 << 24, 1.0)])
  func `a sample of a size stands for so many blocks`(size: Int, weight: Double) {
    var totals = RecordedTotals()
    totals.add(size: size, mean: 524_288)
    #expect(abs(totals.blocks - weight) < weight * 0.001)
    #expect(abs(totals.bytes - weight * Double(size)) <= weight * Double(size) * 0.001)
    #expect(totals.samples == 1)
    #expect(totals.bytesError <= totals.bytes)
  }
}
