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
  /// Blocks of the smallest size that the cache holds: 7 by default, 0 if it is off (`glibc.malloc.tcache_count`).
  public private(set) var blocksPerSize = 0
  private var held = BlockChain()

  /// Requests that reach each of the 64 size classes: 24, 40, … 1032 bytes.
  private static func size(_ index: Int) -> Int { 24 + 16 * index }

  /// Fills the heap's holes (`Allocator.fillHoles`) and takes every block that the calling thread's cache holds, and as
  /// many more as it can hold.
  public static func empty() throws(HeapProbeError) -> ThreadCache {
    var cache = ThreadCache()
    cache.blocksPerSize = try measureBlocks(of: 24, most: 127)
    guard cache.blocksPerSize < 127 else { throw .unsteadyCounters }
    // `glibc.malloc.tcache_max` may leave the larger sizes uncached: then each size is measured.
    let most = cache.blocksPerSize + 1
    let isUniform = try measureBlocks(of: 1032, most: most) == cache.blocksPerSize
    // On the stack: what is on the heap here would be freed into the cache that was just emptied.
    var counts = InlineArray<64, Int>(repeating: cache.blocksPerSize)
    if !isUniform {
      for index in counts.indices { counts[index] = try measureBlocks(of: size(index), most: most) }
    }
    // What was measured with left holes.
    try Allocator.fillHoles()
    for index in counts.indices { try cache.take(counts[index], of: size(index)) }
    return cache
  }

  /// Frees the held blocks: the calling thread's cache is full from here on.
  public mutating func fill() { held.freeAll() }

  /// Takes blocks of one size until the cache has none and `count` are held.
  private mutating func take(_ count: Int, of bytes: Int) throws(HeapProbeError) {
    var taken = try Self.blocks(of: bytes, least: count)
    // What the cache cannot hold again is kept for ever.
    for _ in 0..<count {
      if let block = taken.removeFirst() { held.append(block) }
    }
  }

  /// Allocates blocks of exactly one size until the cache has none of it, and at least so many.
  ///
  /// A block that the arena gave comes with others of its size, which go to the cache; only one that adds its own chunk
  /// to what is in use, and no more, shows that the cache and the bin behind it are empty.
  private static func blocks(of bytes: Int, least: Int) throws(HeapProbeError) -> BlockChain {
    var blocks = BlockChain()
    var count = 0
    var isEmpty = false
    // What the cache and a bin can hold is a few hundred blocks.
    var rounds = 10_000
    while !isEmpty || count < least {
      rounds -= 1
      guard rounds > 0 else { throw .unsteadyCounters }
      let before = try HeapCounters.read().inUse
      guard let block = malloc(bytes) else { return blocks }
      let usable = usableSize(ofBlockAt: block)
      isEmpty = try HeapCounters.read().inUse - before == usable + 8
      // A request may get the next larger chunk, where what remains would be too small for a chunk of its own. Freed,
      // it would be cached as one of another size; so it is kept for ever.
      if usable == bytes {
        blocks.append(block)
        count += 1
      }
    }
    return blocks
  }

  private init() {}

  /// How many freed blocks of a size stay counted as in use: frees at least `most`, one by one.
  private static func measureBlocks(of bytes: Int, most: Int) throws(HeapProbeError) -> Int {
    var blocks = try blocks(of: bytes, least: most)
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
    // As many as fill 100 MB at least.
    var rounds = 100_000
    for bytes in stride(from: 1032, through: 24, by: -16) {
      while true {
        rounds -= 1
        guard rounds > 0 else { throw .unsteadyCounters }
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

  mutating func removeFirst() -> UnsafeMutableRawPointer? {
    guard let block = first else { return nil }
    // Safety: `append` stored the next block's address there.
    first = block.load(as: UnsafeMutableRawPointer?.self)
    return block
  }

  /// Whether there was one to free.
  mutating func freeFirst() -> Bool {
    guard let block = removeFirst() else { return false }
    free(block)
    return true
  }

  mutating func freeAll() {
    while freeFirst() {}
  }
}
