import ProcessImage

/// Finds blocks with mappings of their own. Neighbouring mappings are one to the kernel, so every page may begin one.
struct MappedChunks {
  private let layout: MallocLayout
  /// The bit of the word before a chunk's size that says "huge page"; 0 if it cannot be set.
  private let hugePageBit: UInt64
  private let runs: MemoryRuns
  /// Memory that a mapped block may span, its pages' permissions changed or not.
  private let anonymous: MemoryRuns
  private var cursor: WordCursor
  private var present: PresentPages
  /// The first chunk of a block with an alignment of a page or more, by its mapping's base; `nil` until it is looked for.
  private var aligned: [UInt64: MappedChunk]?

  /// - Parameters:
  ///   - pages: Pages that hold something, ascending; `nil` if that is not known.
  ///   - hugePages: Whether malloc asks for huge pages, or may.
  init(memory: any MemoryReader, mappings: [Mapping], pages: [PageRange]?, layout: MallocLayout, hugePages: Bool) {
    self.layout = layout
    hugePageBit = layout.mappedChunkTail > 0 && hugePages ? 1 : 0
    runs = MemoryRuns.writable(mappings.filter { $0.name != "[heap]" })
    anonymous = MemoryRuns(mappings) { $0.inode == 0 || $0.name.hasPrefix("/anon_hugepage") }
    cursor = WordCursor(memory)
    present = PresentPages(pages)
  }

  /// The mapped blocks outside of `taken`, ascending and apart. What a block's mapping holds is not looked at.
  ///
  /// - Parameter taken: Memory that arenas or images have, by rising start.
  mutating func find(outside taken: [Range<UInt64>]) -> [MappedChunk] {
    var found: [MappedChunk] = []
    findAligned(outside: taken)
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
    findAligned(outside: taken)
    forEachPage(outside: taken) { finder, page in
      if found.count < limit { found += finder.chunks(startingIn: page) }
      return page &+ 4096
    }
    return found
  }

  /// Blocks with an alignment of a page or more have their headers at the ends of pages, and those say where their mappings
  /// begin: one pass finds them all, however many places look like the beginning of one.
  private mutating func findAligned(outside taken: [Range<UInt64>]) {
    guard aligned == nil else { return }
    var found: [UInt64: MappedChunk] = [:]
    forEachPage(outside: taken) { finder, page in
      let address = page &+ 0xff0
      if let before = finder.cursor.word(at: address), before >= 0xff0, before <= address {
        let base = address &- (before & ~15)
        if base & 4095 == 0, found[base] == nil, let chunk = finder.chunk(at: address, base: base) {
          found[base] = chunk
        }
      }
      return page &+ 4096
    }
    aligned = found
  }

  private mutating func forEachPage(
    outside taken: [Range<UInt64>], _ body: (inout MappedChunks, UInt64) -> UInt64
  ) {
    var index = 0
    for run in runs.ranges {
      var page = present.next(from: (run.lowerBound &+ 4095) & ~4095)
      while page < run.upperBound {
        while index < taken.count, taken[index].upperBound <= page { index += 1 }
        if index < taken.count, taken[index].lowerBound <= page {
          page = (taken[index].upperBound &+ 4095) & ~4095
        } else {
          page = max(body(&self, page), page &+ 4096)
        }
        page = present.next(from: page)
      }
    }
  }

  /// What may begin at a page. A block with an alignment lies further in, and at the page still stands the header of the
  /// chunk from which it was made, with the size of then; the inner one comes first.
  private mutating func chunks(startingIn page: UInt64) -> [MappedChunk] {
    let tail = UInt64(layout.mappedChunkTail)
    guard let header = cursor.word(at: page &+ 8), header & 15 == 2, header >> 47 == 0,
      (header &- 2 &+ tail) & 4095 == 0, let before = cursor.word(at: page), before & ~hugePageBit == 0
    else { return [] }
    var found: [MappedChunk] = []
    if let inner = innerChunk(of: page, size: header &- 2 &+ tail) { found.append(inner) }
    if let outer = chunk(at: page, base: page) { found.append(outer) }
    return found
  }

  /// The chunk of a block with an alignment in a mapping that began with `size` bytes. A mapping that `realloc` moved keeps
  /// the distance and loses the alignment, if it was more than a page.
  private mutating func innerChunk(of base: UInt64, size: UInt64) -> MappedChunk? {
    for distance: UInt64 in [0x10, 0x30, 0x70, 0xf0, 0x1f0, 0x3f0, 0x7f0] {
      if let inner = chunk(at: base &+ distance, base: base) { return inner }
    }
    guard let inner = aligned?[base], inner.chunk &- base < size else { return nil }
    return inner
  }

  /// The mapped chunk whose header is at `address`, if it says so and its mapping begins at `base`.
  private mutating func chunk(at address: UInt64, base: UInt64) -> MappedChunk? {
    let tail = UInt64(layout.mappedChunkTail)
    let offset = address &- base
    guard let before = cursor.word(at: address), before & ~hugePageBit == offset,
      let header = cursor.word(at: address &+ 8), header & 15 == 2, header >= 32, header >> 47 == 0,
      let run = anonymous.run(holding: base)
    else { return nil }
    let size = header & ~7
    let total = offset &+ size &+ tail
    guard total & 4095 == 0, total <= run.upperBound &- base else { return nil }
    return MappedChunk(
      base: base, chunk: address, mappedBytes: total, usable: tail > 0 ? size &- 8 : size &- 16)
  }
}
