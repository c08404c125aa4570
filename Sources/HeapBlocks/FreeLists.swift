import ProcessImage

/// Follows every list of freed chunks, and marks what is in them.
struct FreeLists {
  private let memory: any MemoryReader
  private let layout: MallocLayout
  private let regions: [HeapRegion]
  private let mapped: Set<UInt64>
  private var lastRegion = 0
  private var cursor: WordCursor

  /// A map for each region.
  let marks: [ListMarks]
  /// How many chunks of each arena have a mark.
  private(set) var markedCounts: [Int]
  /// Mapped chunks in a thread's cache; from 2.42 on that may be.
  private(set) var cachedMappedChunks: Set<UInt64> = []
  private(set) var problems: [HeapProblem] = []

  /// - Parameter regions: Ascending and apart.
  init(
    memory: any MemoryReader, layout: MallocLayout, arenas: [ArenaState], regions: [HeapRegion], mapped: [MappedChunk],
    caches: [ThreadCaches.Cache]
  ) {
    self.memory = memory
    self.layout = layout
    self.regions = regions
    self.mapped = Set(mapped.lazy.map(\.chunk))
    cursor = WordCursor(memory)
    marks = regions.map { ListMarks(start: $0.start & ~15, size: $0.end &- ($0.start & ~15)) }
    markedCounts = Array(repeating: 0, count: arenas.count)
    for cache in caches { _ = mark(.own, cache.block &- 16) }
    for cache in caches { follow(cache) }
    for number in arenas.indices {
      followFastbins(of: arenas[number], number: number)
      followBins(of: arenas[number], number: number)
    }
  }

  private mutating func follow(_ cache: ThreadCaches.Cache) {
    for (bin, head) in cache.heads.enumerated() where head != 0 {
      var block = head
      var count = 0
      while block != 0 {
        guard block & 15 == 0, mark(.threadCache, block &- 16), let next = cursor.word(at: block) else {
          problems.append(.brokenList(arena: arena(of: block), list: .threadCache, at: Address(block)))
          break
        }
        count += 1
        block = next ^ (block >> 12)
      }
      if abs(count - cache.counts[bin]) > 1, block == 0 {
        problems.append(
          .threadCacheCountDiffers(cache: Address(cache.block), bin: bin, counted: count, said: cache.counts[bin]))
      }
    }
  }

  private mutating func followFastbins(of arena: ArenaState, number: Int) {
    guard let offset = layout.arena.fastbins else { return }
    for bin in 0..<MallocLayout.fastbinCount {
      var chunk = cursor.word(at: arena.address &+ UInt64(offset + bin * 8)) ?? 0
      while chunk != 0 {
        guard chunk & 15 == 0, mark(.fastbin, chunk), let next = cursor.word(at: chunk &+ 16) else {
          problems.append(.brokenList(arena: number, list: .fastbin, at: Address(chunk)))
          break
        }
        chunk = next ^ ((chunk &+ 16) >> 12)
      }
    }
  }

  private mutating func followBins(of arena: ArenaState, number: Int) {
    for bin in 1...MallocLayout.binCount {
      let head = ArenaState.bin(bin, of: arena.address, layout: layout.arena)
      let kind: ListMarks.Mark = bin == 1 ? .unsorted : bin < 64 ? .smallBin : .largeBin
      var previous = head
      var chunk = cursor.word(at: head &+ 16) ?? head
      while chunk != head {
        guard mark(kind, chunk), cursor.word(at: chunk &+ 24) == previous, let next = cursor.word(at: chunk &+ 16)
        else {
          let list = FreeTable.Kind(rawValue: kind.rawValue) ?? .unlisted
          problems.append(.brokenList(arena: number, list: list, at: Address(chunk)))
          break
        }
        previous = chunk
        chunk = next
      }
    }
  }

  private mutating func mark(_ mark: ListMarks.Mark, _ chunk: UInt64) -> Bool {
    guard let region = region(of: chunk) else {
      guard mark == .threadCache, mapped.contains(chunk) else { return false }
      return cachedMappedChunks.insert(chunk).inserted
    }
    guard marks[region].set(mark, for: chunk) else { return false }
    markedCounts[regions[region].arena] += 1
    return true
  }

  private mutating func arena(of address: UInt64) -> Int { region(of: address).map { regions[$0].arena } ?? 0 }

  private mutating func region(of address: UInt64) -> Int? {
    guard !regions.isEmpty else { return nil }
    if address >= regions[lastRegion].start, address < regions[lastRegion].end { return lastRegion }
    var low = 0
    var high = regions.count
    while low < high {
      let middle = (low + high) / 2
      if regions[middle].start <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0, address < regions[low - 1].end else { return nil }
    lastRegion = low - 1
    return lastRegion
  }
}
