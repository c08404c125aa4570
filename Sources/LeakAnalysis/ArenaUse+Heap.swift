import HeapBlocks
import ProcessImage

extension ArenaUse {
  /// A row per arena, and one for blocks that have a mapping each, if there are any.
  static func all(of heap: Heap, resident pages: [Range<Address>]) -> [ArenaUse] {
    heap.arenas.filter { $0.systemBytes > 0 || $0.liveCount > 0 }.map { arena in
      ArenaUse(
        name: arena.kind.name(number: arena.number), systemBytes: arena.systemBytes, liveBytes: arena.liveBytes,
        liveBlocks: arena.liveCount, tcacheBytes: arena.threadCacheBytes, fastbinBytes: arena.fastbinBytes,
        binBytes: arena.binBytes, topBytes: arena.topBytes, trimmableBytes: 0)
    }
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
