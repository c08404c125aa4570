import HeapBlocks
import ProcessImage

extension ArenaUse {
  /// A row per arena, and one for blocks that have a mapping each, if there are any.
  ///
  /// - Parameter pages: Resident pages of the heap, ascending.
  static func all(of heap: Heap, resident pages: [Range<Address>]) -> [ArenaUse] {
    let trimmable = trimmableBytes(of: heap, resident: pages)
    return zip(heap.arenas, trimmable).filter { $0.0.systemBytes > 0 || $0.0.liveCount > 0 }.map { arena, trimmable in
      ArenaUse(
        name: arena.kind.name(number: arena.number), systemBytes: arena.systemBytes, liveBytes: arena.liveBytes,
        liveBlocks: arena.liveCount, tcacheBytes: arena.threadCacheBytes, fastbinBytes: arena.fastbinBytes,
        binBytes: arena.binBytes, topBytes: arena.topBytes, trimmableBytes: trimmable)
    }
  }

  /// Of each arena, what `malloc_trim` would give back of its resident pages.
  private static func trimmableBytes(of heap: Heap, resident pages: [Range<Address>]) -> [Int] {
    let heaps = heap.arenas.indices.flatMap { arena in heap.arenas[arena].heaps.map { (range: $0, arena: arena) } }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    var bytes = [Int](repeating: 0, count: heap.arenas.count)
    for range in heap.trimmableRanges {
      let place = heaps.partitioningIndex { $0.range.upperBound > range.lowerBound }
      guard place < heaps.count else { continue }
      ResidentMemory.forEachOverlap(of: range, with: pages) { bytes[heaps[place].arena] += $0.size }
    }
    return bytes
  }
}

extension ArenaSummary.Kind {
  fileprivate func name(number: Int) -> String {
    switch self {
    case .main: "main"
    case .other: String(number)
    case .mapped: "mmap"
    }
  }
}
