import Glibc

/// Takes the calling thread's cache of freed blocks (glibc's tcache) out of a measurement.
///
/// glibc keeps the first few blocks of each size that a thread frees in its cache and goes on counting them as in use:
/// a clean release then looks like a leak of a few blocks, and a new graph that starts on cached blocks looks smaller
/// than it is. `empty` before the first checkpoint takes every cached block and holds it. `fill` before the release
/// frees as many as the cache holds, so that it is full, and each block that the release frees is counted as free.
/// Both numbers are then exact to the byte with the cache on, and the program under test still runs on glibc's defaults.
///
/// Costs some 240 KB of heap that are held throughout. Where the cache is off, next to nothing is held.
public struct ThreadCache: ~Copyable {
  /// Blocks of each size that the cache holds: 7 by default, 0 if it is off (`glibc.malloc.tcache_count`).
  public let blocksPerSize: Int
  private var held = BlockChain()

  /// Requests that reach each of the 64 size classes: 24, 40, … 1032 bytes.
  private static var sizes: StrideThrough<Int> { stride(from: 24, through: 1032, by: 16) }

  /// Takes every block that the calling thread's cache holds, and as many more as it can hold.
  public static func empty() throws(HeapProbeError) -> ThreadCache {
    var cache = ThreadCache(blocksPerSize: try measureBlocksPerSize())
    for bytes in sizes { try cache.take(bytes) }
    return cache
  }

  /// Frees the held blocks: the calling thread's cache is full from here on.
  public mutating func fill() { held.freeAll() }

  /// Takes blocks of one size until the cache has none and `blocksPerSize` are held. A block that the arena gave comes
  /// with others of its size, which go to the cache; only one that adds its own chunk to what is in use, and no more,
  /// shows that the cache and the bin behind it are empty.
  private mutating func take(_ bytes: Int) throws(HeapProbeError) {
    var isEmpty = false
    var taken = 0
    while !isEmpty || taken < blocksPerSize {
      let before = try HeapCounters.read().inUse
      guard let block = malloc(bytes) else { return }
      let usable = usableSize(ofBlockAt: block)
      isEmpty = try HeapCounters.read().inUse - before == usable + 8
      // A request may get the next larger chunk, where what remains would be too small for a chunk of its own. Freed,
      // it would be cached as one of another size; so it is kept for ever, as is what the cache could not hold.
      if usable == bytes, taken < blocksPerSize {
        held.append(block)
        taken += 1
      }
    }
  }

  private init(blocksPerSize: Int) { self.blocksPerSize = blocksPerSize }

  /// How many freed blocks of one size stay counted as in use: frees some, one by one. More than 127 are not looked for.
  private static func measureBlocksPerSize() throws(HeapProbeError) -> Int {
    var blocks = BlockChain()
    for _ in 0..<128 {
      if let block = malloc(24) { blocks.append(block) }
    }
    var cached = 0
    while true {
      let before = try HeapCounters.read().inUse
      guard blocks.freeFirst(), try HeapCounters.read().inUse == before else { break }
      cached += 1
    }
    blocks.freeAll()
    return cached
  }
}

extension Allocator {
  /// Fills the holes that earlier frees left in the main arena, and keeps them filled for the life of the process: what is
  /// allocated from here on lies one block after the other, in chunks of exactly its size. In a hole, a block may get
  /// 16 bytes more than it needs, and a graph's size would depend on what ran before it.
  ///
  /// A hole is free memory that is not the main arena's top. On a thread with another arena, that arena's top is taken
  /// for a hole and filled up.
  public static func fillHoles() throws(HeapProbeError) {
    var kept = BlockChain()
    for bytes in stride(from: 1032, through: 24, by: -16) {
      while true {
        let before = try HeapCounters.read()
        guard before.free - before.trimmable >= bytes + 8, let block = malloc(bytes) else { break }
        kept.append(block)
        // It came out of a top, or made the arena grow: no hole is as large as this.
        let after = try HeapCounters.read()
        if after.trimmable < before.trimmable || after.arena > before.arena { break }
      }
    }
  }
}

/// Heap blocks chained through their first words: a list that takes no memory of its own.
private struct BlockChain {
  private var first: UnsafeMutableRawPointer?

  /// Safety: the block is a live one of malloc's, of 8 bytes at least, that nobody else uses.
  mutating func append(_ block: UnsafeMutableRawPointer) {
    block.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
    first = block
  }

  /// Whether there was one to free.
  mutating func freeFirst() -> Bool {
    guard let block = first else { return false }
    // Safety: `append` stored the next block's address there.
    first = block.load(as: UnsafeMutableRawPointer?.self)
    free(block)
    return true
  }

  mutating func freeAll() {
    while freeFirst() {}
  }
}
