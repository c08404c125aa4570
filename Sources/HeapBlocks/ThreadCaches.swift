import ProcessImage

/// The caches of freed chunks that threads have (`tcache`), found through the threads' local storage.
struct ThreadCaches {
  struct Cache: Equatable {
    /// The `tcache_perthread_struct`, a block of malloc's own.
    var block: UInt64
    /// Heads of the lists, by bin, 0 for empty ones.
    var heads: [UInt64]
    /// Chunks of each bin as malloc counts them.
    var counts: [Int]
  }

  private(set) var caches: [Cache] = []
  private(set) var problems: [HeapProblem] = []

  /// - Parameters:
  ///   - threadPointers: `fs_base` of every thread.
  ///   - isChunkPlace: Whether a chunk's header can be at an address.
  init(
    memory: any MemoryReader, library: CLibrary, layout: MallocLayout, slotsOfBin: Int, threadPointers: [Address],
    heapIsEmpty: Bool, isChunkPlace: @escaping (UInt64) -> Bool
  ) {
    let reader = CacheReader(
      memory: memory, library: library, layout: layout.threadCache, slotsOfBin: slotsOfBin, isChunkPlace: isChunkPlace)
    var best: (score: Int, caches: [Cache], unreadable: [Address])?
    for offset in Self.candidates(memory: memory, library: library) {
      var found: [Cache] = []
      var blocks: Set<UInt64> = []
      var unreadable: [Address] = []
      for pointer in threadPointers {
        guard let value = memory.word(at: pointer + offset) else { continue }
        switch reader.read(value) {
        case .none: continue
        case .cache(let cache) where blocks.insert(cache.block).inserted: found.append(cache)
        case .cache, .unreadable: unreadable.append(pointer)
        }
      }
      guard !found.isEmpty, unreadable.count < found.count else { continue }
      let chunks = found.reduce(0) { $0 + $1.heads.count { $0 != 0 } }
      let score = found.count * 1_000 - unreadable.count * 4_000 + chunks
      if score > best?.score ?? .min { best = (score, found, unreadable) }
    }
    if let best {
      caches = best.caches.sorted { $0.block < $1.block }
      problems = best.unreadable.map { .threadCacheUnreadable(threadPointer: $0) }
    } else if !heapIsEmpty, !layout.threadCache.numbersAreSlots {
      // Made by the first malloc of a thread; later releases make it by the first free, or never.
      problems = [.threadCachesNotFound]
    }
  }

  /// Where the variable `tcache` may be, as bytes from the thread pointer. The library reads its thread-local variables by
  /// offsets that the loader wrote into its global offset table, memory that is read-only since. An executable without a
  /// loader has them in its code: there, all the storage below the thread pointer is looked at.
  private static func candidates(memory: any MemoryReader, library: CLibrary) -> [Int] {
    guard !library.isStatic else { return Array(stride(from: -8192, to: 0, by: 8)) }
    var offsets: Set<Int> = []
    for range in library.constants {
      let isBeforeData = library.data.contains { $0.lowerBound == range.upperBound }
      guard isBeforeData else { continue }
      let run = memory.bytes(from: range.lowerBound)
      let count = min(run.count, range.upperBound.distance(from: range.lowerBound))
      for place in stride(from: 0, to: count - 7, by: 8) {
        let offset = run.loadUnaligned(fromByteOffset: place, as: Int.self)
        if offset < 0, offset > -65_536, offset & 7 == 0 { offsets.insert(offset) }
      }
    }
    return offsets.sorted(by: >)
  }
}

/// Reads one thread cache.
private struct CacheReader {
  enum Content {
    case none
    case cache(ThreadCaches.Cache)
    case unreadable
  }

  let memory: any MemoryReader
  let library: CLibrary
  let layout: MallocLayout.ThreadCache
  let slotsOfBin: Int
  let isChunkPlace: (UInt64) -> Bool

  /// What the value of a thread's `tcache` leads to.
  func read(_ value: UInt64) -> Content {
    // A thread that has none yet, or none any more: null, or one of the library's own empty ones.
    guard value != 0, !(layout.numbersAreSlots && library.isConstant(Address(value))) else { return .none }
    let chunk = value &- 16
    // A free chunk that was larger by less than a chunk is given whole, and 2.43 adds a header's size twice.
    guard value & 15 == 0, isChunkPlace(chunk), let header = memory.word(at: Address(chunk) + 8), header & 2 == 0,
      (UInt64(layout.chunkSize)...UInt64(layout.chunkSize + 32)).contains(header & ~7),
      let bytes = memory.bytes(at: Address(value), count: layout.size)
    else { return .unreadable }
    var heads: [UInt64] = []
    var counts: [Int] = []
    var mismatches = 0
    for bin in 0..<layout.bins {
      let number = Int(bytes.loadUnaligned(fromByteOffset: bin * 2, as: UInt16.self))
      let head = bytes.loadUnaligned(fromByteOffset: layout.entries + bin * 8, as: UInt64.self)
      let count = layout.numbersAreSlots ? slotsOfBin - number : number
      guard head & 15 == 0, head == 0 || isChunkPlace(head &- 16) else { return .unreadable }
      // A thread may be stopped between the list and its count.
      if count < 0 || (head == 0) != (count == 0) { mismatches += 1 }
      heads.append(head)
      counts.append(count)
    }
    guard mismatches <= 1 else { return .unreadable }
    return .cache(ThreadCaches.Cache(block: value, heads: heads, counts: counts))
  }
}
