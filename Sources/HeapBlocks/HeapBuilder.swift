import ProcessImage

/// Walks all regions and mapped chunks in the order of their addresses, and builds the tables.
struct HeapBuilder {
  private let memory: any MemoryReader
  private let arenas: [ArenaState]
  private let regions: [HeapRegion]
  private let mapped: [MappedChunk]
  private let lists: FreeLists
  private let index: BlockIndex
  private let addresses: RawColumn<UInt64>
  private let granules: RawColumn<UInt32>
  private var odd: [BlockTable.OddBlock] = []
  private var stretches: [BlockTable.Stretch] = []
  private var tops: Set<Int> = []
  private var markedSeen: [Int]
  private var marksThatDiffer: [Int]
  private var unlisted: [(count: Int, first: UInt64)]

  private(set) var free = FreeTable()
  private(set) var summaries: [ArenaSummary]
  private(set) var problems: [HeapProblem] = []
  private(set) var mainTopEnd: UInt64?

  /// What comes next in the order of addresses.
  private enum Part {
    case region(Int)
    case mapped(Int)
  }
  private let parts: [Part]

  init(
    memory: any MemoryReader, arenas: [ArenaState], regions: [HeapRegion],
    extents: [(range: Range<UInt64>, arena: Int)],
    mapped: [MappedChunk], lists: FreeLists
  ) {
    self.memory = memory
    self.arenas = arenas
    self.regions = regions
    self.mapped = mapped
    self.lists = lists
    var parts: [Part] = []
    var next = 0
    for number in regions.indices {
      while next < mapped.count, mapped[next].chunk < regions[number].start {
        parts.append(.mapped(next))
        next += 1
      }
      parts.append(.region(number))
    }
    parts += (next..<mapped.count).map { .mapped($0) }
    self.parts = parts
    index = BlockIndex(
      parts: parts.map { part in
        switch part {
        case .region(let number): (regions[number].start, regions[number].size, false)
        case .mapped(let number): (mapped[number].chunk &+ 16, mapped[number].usable, true)
        }
      })
    // One block in 64 bytes to begin with; the columns double from there.
    let bytes = regions.reduce(0) { $0 &+ Int(truncatingIfNeeded: $1.size) }
    addresses = RawColumn(capacity: min(bytes / 64, 1 << 24))
    granules = RawColumn(capacity: min(bytes / 64, 1 << 24))
    markedSeen = Array(repeating: 0, count: arenas.count)
    marksThatDiffer = markedSeen
    unlisted = Array(repeating: (0, 0), count: arenas.count)
    summaries = arenas.indices.map { number in
      ArenaSummary(
        number: number, kind: number == 0 ? .main : .other, address: Address(arenas[number].address),
        systemBytes: Int(truncatingIfNeeded: arenas[number].systemMemory), isBusy: arenas[number].isLocked)
    }
    summaries.append(ArenaSummary(number: arenas.count, kind: .mapped))
    for extent in extents {
      summaries[extent.arena].heaps.append(Address(extent.range.lowerBound)..<Address(extent.range.upperBound))
    }
    // What stands before the first chunk of each extent.
    for extent in extents {
      if let region = regions.first(where: { $0.start >= extent.range.lowerBound && $0.start < extent.range.upperBound }
      ) {
        summaries[extent.arena].ownBytes &+= Int(truncatingIfNeeded: region.start &- extent.range.lowerBound)
      }
    }
  }

  var blocks: BlockTable {
    BlockTable(addresses: addresses, granules: granules, lookup: index, odd: odd, stretches: stretches)
  }

  mutating func walkAll() {
    for (span, part) in parts.enumerated() {
      switch part {
      case .region(let number): walk(number, span: span)
      case .mapped(let number): add(mapped[number], span: span)
      }
    }
    for number in arenas.indices { check(number) }
    summaries[arenas.count].systemBytes = mapped.reduce(0) { $0 &+ Int(truncatingIfNeeded: $1.mappedBytes) }
    summaries[arenas.count].heaps = mapped.map { Address($0.base)..<Address($0.end) }
  }

  private mutating func add(_ chunk: MappedChunk, span: Int) {
    let number = arenas.count
    let bytes = Int(truncatingIfNeeded: chunk.mappedBytes)
    if lists.cachedMappedChunks.contains(chunk.chunk) {
      summaries[number].threadCacheBytes &+= bytes
      summaries[number].threadCacheCount &+= 1
      free.append(chunk: chunk.chunk, size: chunk.end &- chunk.chunk, kind: .threadCache, arena: number)
      return
    }
    startStretch(number)
    odd.append(.init(index: addresses.count, chunkBytes: bytes, usableBytes: Int(truncatingIfNeeded: chunk.usable)))
    index.setBlock(addresses.count, span: span)
    addresses.append(chunk.chunk &+ 16)
    granules.append(0)
    summaries[number].liveCount &+= 1
    summaries[number].liveBytes &+= bytes
  }

  private mutating func startStretch(_ arena: Int) {
    if stretches.last?.arena != arena { stretches.append(.init(firstIndex: addresses.count, arena: arena)) }
  }

  private mutating func walk(_ number: Int, span: Int) {
    let region = regions[number]
    let state = arenas[region.arena]
    startStretch(region.arena)
    let first = addresses.count
    var walk = RegionWalk(
      region, span: span, top: state.top, marks: lists.marks[number], summary: summaries[region.arena], memory: memory)
    var start: UInt64? = region.start
    while let from = start {
      start = nil
      switch walk.walk(
        from: from, addresses: addresses, granules: granules, odd: &odd, index: index, free: &free)
      {
      case .top:
        tops.insert(region.arena)
        if region.arena == 0, let size = memory.word(at: Address(state.top) + 8) {
          mainTopEnd = state.top &+ (size & ~7)
        }
      case .fenceposts(let end):
        // Someone else moved the program break: the arena goes on behind.
        if region.kind == .main, state.isContiguous, end < region.end {
          var chain = ChunkChain(memory: memory, top: state.top)
          start = chain.nextStart(from: end, limit: region.end)
          if let start { walk.addForeignBytes(start &- end) }
        }
      case .damaged(let chunk, let header):
        problems.append(.damagedChunk(arena: region.arena, chunk: Address(chunk), header: header))
      }
    }
    index.finish(span: span, first: first)
    summaries[region.arena] = walk.summary
    problems += walk.problems
    markedSeen[region.arena] += walk.markedSeen
    marksThatDiffer[region.arena] += walk.marksThatDiffer
    if walk.unlistedCount > 0 {
      if unlisted[region.arena].count == 0 { unlisted[region.arena].first = walk.firstUnlisted }
      unlisted[region.arena].count += walk.unlistedCount
    }
  }

  /// Compares what was met with the arena's lists and its own sum.
  private mutating func check(_ number: Int) {
    let state = arenas[number]
    guard number > 0 || summaries[0].systemBytes > 0 || !summaries[0].heaps.isEmpty else { return }
    if unlisted[number].count > 0 {
      problems.append(
        .freeChunksUnlisted(arena: number, count: unlisted[number].count, first: Address(unlisted[number].first)))
    }
    let strays = lists.markedCounts[number] - markedSeen[number] + marksThatDiffer[number]
    if strays != 0 { problems.append(.listedChunksNotFree(arena: number, count: strays)) }
    if !tops.contains(number) { problems.append(.topNotFound(arena: number, top: Address(state.top))) }
    let found = summaries[number].accountedBytes
    if found != summaries[number].systemBytes {
      problems.append(.sizesDoNotAddUp(arena: number, found: found, said: summaries[number].systemBytes))
    }
  }
}
