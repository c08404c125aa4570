import HeapBlocks
import ObjectGraph
import ProcessImage

/// Work items that libdispatch has run and freed, and that each thread keeps for its next ones: in malloc's eyes in use, with
/// stale words of what they ran (a task that waits for ever, say).
///
/// A thread's list begins in `struct dispatch_tsd` (src/shims/tsd.h), among its thread-local variables: its own number, two keys,
/// then the list. Each item says how many follow it, itself included (`dc_cache_cnt` of `struct dispatch_continuation_s`,
/// src/queue_internal.h). Only a list of which all of that holds is believed.
enum DispatchCaches {
  private static let listOffset = 24
  private static let countOffset = 8
  static let nextOffset = 16
  private static let itemBytes = 64
  /// `DISPATCH_CONTINUATION_CACHE_LIMIT`
  private static let limit = 1024

  /// The freed items' blocks.
  static func freedBlocks(of inspection: Inspection) -> NodeSet {
    let snapshot = inspection.snapshot
    var freed = NodeSet(nodeCount: inspection.heap.blocks.count)
    let local = snapshot.threadLocalBytes
    for thread in snapshot.threads {
      let end = Address(thread.registers.threadPointer.bits & ~7)
      let start = end - (local & ~7)
      guard let bytes = snapshot.bytes(at: start, count: local & ~7) else { continue }
      for offset in stride(from: 0, to: bytes.count - listOffset - 7, by: 8)
      where bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self) == thread.id {
        let list = bytes.loadUnaligned(fromByteOffset: offset + listOffset, as: UInt64.self)
        for block in items(of: Address(list), inspection) where !isInHand(block, of: thread, inspection) {
          freed.insert(block)
        }
      }
    }
    return freed
  }

  /// An item goes to the list before the work that it names is called (`_dispatch_continuation_pop`, src/inline_internal.h): in between
  /// only its words lead to a task that is about to run.
  private static func isInHand(_ block: Int, of thread: ThreadState, _ inspection: Inspection) -> Bool {
    let address = inspection.heap.blocks.address(of: block).bits
    return thread.registers.systemCall == nil && thread.registers.words.contains(address)
  }

  /// The blocks of a list; none if it is not one.
  private static func items(of list: Address, _ inspection: Inspection) -> [Int] {
    let blocks = inspection.heap.blocks
    var found: [Int] = []
    var next = list
    var expected: Int32?
    while next.bits != 0 {
      guard let block = blocks.index(startingAt: next), blocks.usableBytes(of: block) >= itemBytes,
        let count = inspection.snapshot.load(Int32.self, at: next + countOffset), count > 0, count <= limit,
        count == expected ?? count, let following = inspection.snapshot.word(at: next + nextOffset)
      else { return [] }
      found.append(block)
      expected = count - 1
      next = Address(following)
    }
    return expected == 0 ? found : []
  }
}
