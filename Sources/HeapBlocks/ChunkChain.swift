import ProcessImage

/// Follows the main arena's chunks by their sizes alone, to see where a stretch of them begins and ends.
struct ChunkChain {
  private var cursor: WordCursor
  private let top: UInt64
  /// Steps left, so that memory made to mislead cannot keep it busy.
  private var steps = 1 << 28

  init(memory: any MemoryReader, top: UInt64) {
    cursor = WordCursor(memory)
    self.top = top
  }

  /// The end of the stretch that begins at `start`: behind the top, or behind two fenceposts at the end of a page.
  /// `nil` if the chunks lead to neither.
  mutating func end(from start: UInt64, limit: UInt64) -> UInt64? {
    var chunk = start
    var posts = 0
    while steps > 0, let header = cursor.word(at: chunk &+ 8) {
      steps -= 1
      let size = header & ~7
      let next = chunk &+ size
      guard header & 14 == 0, size >= 16, next > chunk, next <= limit else { return nil }
      if chunk == top { return next }
      posts = size == 16 ? posts + 1 : 0
      if posts >= 2, next & 4095 == 0 { return next }
      guard posts <= 3, next < limit else { return nil }
      chunk = next
    }
    return nil
  }

  /// The first place from `start` on where a stretch begins that leads somewhere: behind memory that someone else took.
  mutating func nextStart(from start: UInt64, limit: UInt64) -> UInt64? {
    var chunk = (start &+ 15) & ~15
    while steps > 0, chunk < limit, limit &- chunk >= 32 {
      steps -= 1
      if let header = cursor.word(at: chunk &+ 8), header & 15 == 1, header >= 32, end(from: chunk, limit: limit) != nil
      {
        return chunk
      }
      chunk &+= 16
    }
    return nil
  }
}
