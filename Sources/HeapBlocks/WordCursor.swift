import ProcessImage

/// Reads words from one run of memory after another, and asks the reader only when it leaves the run.
struct WordCursor {
  private let memory: any MemoryReader
  private var base: UnsafeRawPointer?
  private var start: UInt64 = 0
  /// Bytes of the run behind `start` at which a whole word can be read, 0 if there are none.
  private var readable: UInt64 = 0

  init(_ memory: any MemoryReader) { self.memory = memory }

  // Safety: `base` points into a buffer that the reader keeps as long as it lives, and the cursor holds the reader;
  // `readable` is 7 less than the buffer's size.
  @inline(__always)
  mutating func word(at address: UInt64) -> UInt64? {
    if address &- start < readable, let base {
      return base.loadUnaligned(fromByteOffset: Int(truncatingIfNeeded: address &- start), as: UInt64.self)
    }
    return wordInNextRun(at: address)
  }

  @inline(never)
  private mutating func wordInNextRun(at address: UInt64) -> UInt64? {
    let run = memory.bytes(from: Address(address))
    guard run.count >= 8, let first = run.baseAddress else { return nil }
    base = first
    start = address
    readable = UInt64(run.count - 7)
    return first.loadUnaligned(as: UInt64.self)
  }
}
