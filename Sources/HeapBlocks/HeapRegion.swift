/// A stretch of memory that one arena cuts into chunks.
struct HeapRegion: Equatable {
  enum Kind: Equatable {
    /// The main arena's, from `sbrk` or, where that failed, from `mmap`.
    case main
    /// A `heap_info` of another arena.
    case heap
  }

  var kind: Kind
  /// Number of the arena.
  var arena: Int
  /// The first chunk.
  var start: UInt64
  /// The end of its last chunk, or, of a region of the main arena that does not hold the top, the furthest place where it may be.
  var end: UInt64

  var size: UInt64 { end &- start }
}

/// A chunk with a mapping of its own.
struct MappedChunk: Equatable {
  /// Where the mapping begins.
  var base: UInt64
  /// The chunk's header; behind `base` if the block was allocated with an alignment.
  var chunk: UInt64
  /// The mapping's size.
  var mappedBytes: UInt64
  /// `malloc_usable_size` of the block.
  var usable: UInt64

  var end: UInt64 { base &+ mappedBytes }
}
