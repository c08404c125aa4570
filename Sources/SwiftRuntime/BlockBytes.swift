import ProcessImage

/// The bytes of one block after another: asks the memory once for a run of blocks, not for each.
struct BlockBytes<Blocks: BlockList> {
  private let memory: Snapshot
  private let blocks: Blocks
  private var base: UnsafeRawPointer?
  private var start: UInt64 = 0
  private var count = 0

  init(memory: Snapshot, blocks: Blocks) {
    self.memory = memory
    self.blocks = blocks
  }

  /// Address and usable bytes of a block; no bytes where not all of them can be read.
  @inline(__always)
  mutating func bytes(of index: Int) -> (start: UInt64, bytes: UnsafeRawBufferPointer) {
    let address = blocks.address(of: index).bits
    let usable = blocks.usableBytes(of: index)
    var offset = Int(truncatingIfNeeded: address &- start)
    if offset < 0 || offset &+ usable > count {
      refill(address)
      offset = 0
      guard usable <= count else { return (address, UnsafeRawBufferPointer(start: nil, count: 0)) }
    }
    return (address, UnsafeRawBufferPointer(start: base.map { $0 + offset }, count: usable))
  }

  @inline(never)
  private mutating func refill(_ address: UInt64) {
    let run = memory.bytes(from: Address(address))
    base = run.baseAddress
    count = run.count
    start = address
  }
}
