import ProcessImage

/// Finds blocks with mappings of their own. Neighbouring mappings are one to the kernel, so every page may begin one.
struct MappedChunks {
  let memory: any MemoryReader
  let layout: MallocLayout
  private let runs: MemoryRuns
  /// Memory that a mapped block may span, its pages' permissions changed or not.
  private let anonymous: MemoryRuns
  private var cursor: WordCursor

  init(memory: any MemoryReader, mappings: [Mapping], layout: MallocLayout) {
    self.memory = memory
    self.layout = layout
    runs = MemoryRuns.writable(mappings.filter { $0.name != "[heap]" })
    anonymous = MemoryRuns(mappings) { $0.inode == 0 || $0.name.hasPrefix("/anon_hugepage") }
    cursor = WordCursor(memory)
  }

  /// The mapped blocks outside of `taken`, ascending and apart. What a block's mapping holds is not looked at.
  ///
  /// - Parameter taken: Memory of arenas, ascending and apart.
  mutating func find(outside taken: [Range<UInt64>]) -> [MappedChunk] {
    var found: [MappedChunk] = []
    forEachPage(outside: taken) { finder, page in
      guard let chunk = finder.chunks(startingIn: page).first else { return page &+ 4096 }
      found.append(chunk)
      return chunk.end
    }
    return found
  }

  /// Every page that looks as if a mapped block began there, also inside of others.
  mutating func candidates(outside taken: [Range<UInt64>], limit: Int) -> [MappedChunk] {
    var found: [MappedChunk] = []
    forEachPage(outside: taken) { finder, page in
      if found.count < limit { found += finder.chunks(startingIn: page) }
      return page &+ 4096
    }
    return found
  }

  private mutating func forEachPage(
    outside taken: [Range<UInt64>], _ body: (inout MappedChunks, UInt64) -> UInt64
  ) {
    var index = 0
    for run in runs.ranges {
      var page = (run.lowerBound &+ 4095) & ~4095
      while page < run.upperBound {
        while index < taken.count, taken[index].upperBound <= page { index += 1 }
        if index < taken.count, taken[index].lowerBound <= page {
          page = (taken[index].upperBound &+ 4095) & ~4095
        } else {
          page = max(body(&self, page), page &+ 4096)
        }
      }
    }
  }

  /// What may begin at a page. A block with an alignment lies further in, and before it still stands the header of the chunk
  /// from which it was made; it comes first.
  private mutating func chunks(startingIn page: UInt64) -> [MappedChunk] {
    guard let outer = chunk(at: page, base: page) else { return [] }
    var found: [MappedChunk] = []
    var alignment: UInt64 = 32
    while alignment <= outer.mappedBytes {
      let block = (page &+ 16 &+ alignment &- 1) & ~(alignment &- 1)
      // A place with less than 32 bytes before it is passed over until 2.41.
      for chunk in [block &- 16, block &- 16 &+ alignment] where found.isEmpty {
        if let inner = self.chunk(at: chunk, base: page) { found.append(inner) }
      }
      alignment &*= 2
    }
    return found + [outer]
  }

  /// The mapped chunk whose header is at `address`, if it says so and its mapping begins at `base`.
  private mutating func chunk(at address: UInt64, base: UInt64) -> MappedChunk? {
    guard let header = cursor.word(at: address &+ 8), header & 15 == 2, let before = cursor.word(at: address) else {
      return nil
    }
    let tail = UInt64(layout.mappedChunkTail)
    let size = header & ~7
    let offset = address &- base
    // Bit 0 says "huge page" where there is a tail.
    guard (tail > 0 ? before & ~1 : before) == offset, size >= 32, size >> 47 == 0, let run = anonymous.run(holding: base)
    else { return nil }
    let total = offset &+ size &+ tail
    guard total & 4095 == 0, total <= run.upperBound &- base else { return nil }
    return MappedChunk(
      base: base, chunk: address, mappedBytes: total, usable: tail > 0 ? size &- 8 : size &- 16)
  }
}
