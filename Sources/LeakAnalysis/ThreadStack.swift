import ProcessImage

/// A thread's stack, as glibc's descriptor of the thread describes it.
///
/// Neighbours of a stack may share its mapping, and a program's own memory may lie behind a guard page as a stack does: only
/// the descriptor says where a stack begins and ends.
struct ThreadStack {
  /// From above its guard pages to the end of the descriptor's page.
  let range: Range<Address>
  /// Where the frames and the thread-local variables end.
  let descriptor: Address
  let guardBytes: Int

  /// Bytes of `struct pthread` (nptl/descr.h: 2,304 in 2.36), and room for later releases.
  private static let descriptorBytes = 4096
  /// A descriptor is aligned to a cache line, and holds its own address twice (`tcbhead_t`).
  private static let alignment = 64

  /// - Parameters:
  ///   - descriptor: What the thread's pointer says.
  ///   - pointer: An address in it: a live thread's stack pointer.
  /// - Returns: `nil` for the main thread, whose stack the kernel made, and where the pointer is on another one.
  init?(descriptor: Address, holding pointer: Address, in memory: some MemoryReader) {
    let words = memory.bytes(from: descriptor)
    let count = min(words.count, Self.descriptorBytes)
    guard count >= 24 else { return nil }
    // In this order: stackblock, stackblock_size, guardsize.
    for offset in stride(from: 0, through: count - 24, by: 8) {
      let block = words.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let size = words.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
      let guarded = words.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)
      guard block != 0, block <= pointer.bits, guarded < size, size < 1 << 40, block + guarded <= pointer.bits,
        block + size > max(pointer, descriptor).bits, block + size - descriptor.bits <= UInt64(Self.descriptorBytes)
      else { continue }
      range = Address(block + guarded)..<Address(block + size)
      self.descriptor = descriptor
      guardBytes = Int(guarded)
      return
    }
    return nil
  }

  /// The stack of a thread that has ended, which glibc keeps for the next one: it fills the lower part of a mapping, with a guard
  /// page below, and no thread is in it. `nil` for anything else; a stack that a program gave to its thread has no guard.
  /// - Parameters:
  ///   - index: The mapping's, in `snapshot.mappings`.
  ///   - end: Where the mapping's lower part ends at the latest: malloc's heaps are no stacks.
  ///   - living: The threads' descriptors.
  init?(endedIn mapping: Mapping, at index: Int, upTo end: Address, of snapshot: Snapshot, living: Set<Address>) {
    guard index > 0, mapping.start < end, mapping.inode == 0, mapping.name.isEmpty,
      mapping.permissions.contains(.write), snapshot.threads(in: mapping).isEmpty
    else { return nil }
    let below = snapshot.mappings[index - 1]
    guard below.end == mapping.start, below.permissions.isDisjoint(with: [.read, .write, .execute]), below.inode == 0
    else { return nil }
    for pages in snapshot.pages(in: mapping.start..<end) {
      let run = snapshot.bytes(from: pages.start)
      for offset in stride(from: 0, through: min(run.count, pages.size) - 24, by: Self.alignment) {
        let place = pages.start + offset
        guard run.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == place.bits,
          run.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self) == place.bits, !living.contains(place),
          let stack = ThreadStack(descriptor: place, holding: mapping.start, in: snapshot), stack.guardBytes > 0,
          stack.range.lowerBound == mapping.start
        else { continue }
        self = stack
        return
      }
    }
    return nil
  }
}
