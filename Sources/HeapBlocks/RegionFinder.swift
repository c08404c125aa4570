import ProcessImage

/// Finds the memory of every arena.
struct RegionFinder {
  let memory: any MemoryReader
  let layout: MallocLayout
  let arenas: [ArenaState]
  let parameters: MallocParameters?
  let writable: MemoryRuns
  /// The memory that `sbrk` gave, as the kernel names it.
  let programBreak: Range<UInt64>?

  private var present: PresentPages
  private(set) var regions: [HeapRegion] = []
  /// All memory of the regions, with what stands before their first chunk, and the arena of each.
  private(set) var extents: [(range: Range<UInt64>, arena: Int)] = []
  private(set) var problems: [HeapProblem] = []

  init(
    memory: any MemoryReader, mappings: [Mapping], pages: [PageRange]?, layout: MallocLayout, arenas: [ArenaState],
    parameters: MallocParameters?
  ) {
    present = PresentPages(pages)
    self.memory = memory
    self.layout = layout
    self.arenas = arenas
    self.parameters = parameters
    writable = MemoryRuns.writable(mappings)
    // The kernel may show it in parts.
    programBreak = MemoryRuns(mappings) { $0.name == "[heap]" }.ranges.first
    for number in arenas.indices.dropFirst() { addHeaps(of: number) }
    addMainRegions()
    regions.sort { $0.start < $1.start }
    extents.sort { $0.range.lowerBound < $1.range.lowerBound }
    dropOverlaps()
  }

  /// The heaps of an arena that threads made: from that of its top back to the one that holds the arena itself.
  ///
  /// They are aligned to their greatest size. With huge pages that is `HEAP_MAX_SIZE` or four such pages, by release, and an
  /// arena that fits into its first heap looks aligned to both: the heaps that lead to the arena tell.
  private mutating func addHeaps(of number: Int) {
    var alignments = [MallocLayout.heapMaximum]
    if let huge = parameters?.hugePageSize, huge > 0 { alignments.append(huge &* 4) }
    var failure: Address?
    for alignment in alignments {
      switch heaps(of: arenas[number], alignment: alignment) {
      case .success(let heaps):
        for heap in heaps {
          regions.append(HeapRegion(kind: .heap, arena: number, start: heap.first, end: heap.range.upperBound))
          extents.append((heap.range, number))
        }
        return
      case .failure(let lost): failure = failure ?? lost.place
      }
    }
    problems.append(.heapsUnreadable(arena: number, at: failure ?? Address(arenas[number].top)))
  }

  /// Where heaps led to none.
  private struct Lost: Error { var place: Address }

  /// The memory of an arena's heaps, and the first chunk of each, if they have this alignment.
  private func heaps(
    of state: ArenaState, alignment: UInt64
  ) -> Result<[(range: Range<UInt64>, first: UInt64)], Lost> {
    var found: [(range: Range<UInt64>, first: UInt64)] = []
    var heap = state.top & ~(alignment &- 1)
    var seen: Set<UInt64> = []
    while true {
      let head = Address(heap)
      guard seen.insert(heap).inserted, heap & (alignment &- 1) == 0, memory.word(at: head) == state.address,
        let previous = memory.word(at: head + MallocLayout.heapInfoPrevious),
        let size = memory.word(at: head + MallocLayout.heapInfoBytes),
        size & 4095 == 0, size > 0, size <= alignment,
        let run = writable.run(holding: heap), size <= run.upperBound &- heap,
        !found.isEmpty || state.top &- heap < size
      else { return .failure(Lost(place: head)) }
      let holdsArena = heap &+ UInt64(MallocLayout.heapInfoSize) == state.address
      let first =
        holdsArena
        ? (state.address &+ UInt64(layout.arena.size) &+ 15) & ~15 : heap &+ UInt64(MallocLayout.heapInfoSize)
      found.append((heap..<(heap &+ size), first))
      if holdsArena { return .success(found) }
      heap = previous
    }
  }

  private mutating func addMainRegions() {
    let main = arenas[0]
    guard !main.isEmpty(layout: layout.arena) else { return }
    let base = parameters?.sbrkBase ?? programBreak?.lowerBound ?? main.top
    let start = (base &+ 15) & ~15
    guard let run = writable.run(holding: start) else {
      problems.append(.heapsUnreadable(arena: 0, at: Address(start)))
      return
    }
    if main.isContiguous {
      var end = run.upperBound
      if run.contains(main.top), main.top >= start, let size = memory.word(at: Address(main.top) + 8),
        size & ~7 <= end &- main.top
      {
        end = main.top &+ (size & ~7)
      }
      add(start, end, extentStart: base)
      return
    }
    // `sbrk` has failed at some time: pieces of its memory, and of mappings that stood in for it.
    var follower = ChunkChain(memory: memory, top: main.top)
    var piece: UInt64? = start
    var extentStart = base
    while let begin = piece {
      guard let end = follower.end(from: begin, limit: run.upperBound) else {
        add(begin, run.upperBound, extentStart: extentStart)
        break
      }
      add(begin, end, extentStart: extentStart)
      guard let programBreak, programBreak.contains(begin) else { break }
      piece = follower.nextStart(from: end, limit: programBreak.upperBound)
      extentStart = piece ?? end
    }
    addStandIns(&follower)
  }

  /// Finds mappings that stand in for `sbrk`'s memory: whole pages whose chunks lead to the top or to a double fencepost.
  private mutating func addStandIns(_ follower: inout ChunkChain) {
    var cursor = WordCursor(memory)
    let taken = extents.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
    var next = 0
    for run in writable.ranges where run != programBreak {
      var page = present.next(from: run.lowerBound)
      while page < run.upperBound {
        while next < taken.count, taken[next].upperBound <= page { next += 1 }
        if next < taken.count, taken[next].contains(page) {
          page = present.next(from: (taken[next].upperBound &+ 4095) & ~4095)
          continue
        }
        if let header = cursor.word(at: page &+ 8), header & 7 == 1, header >= 32,
          let end = follower.end(from: page, limit: run.upperBound)
        {
          add(page, end, extentStart: page)
          page = present.next(from: (end &+ 4095) & ~4095)
        } else {
          page = present.next(from: page &+ 4096)
        }
      }
    }
  }

  private mutating func add(_ start: UInt64, _ end: UInt64, extentStart: UInt64) {
    guard start < end else { return }
    regions.append(HeapRegion(kind: .main, arena: 0, start: start, end: end))
    extents.append((min(extentStart, start)..<end, 0))
  }

  /// Damaged memory may make two arenas claim the same heap: the first keeps it.
  private mutating func dropOverlaps() {
    var kept: [HeapRegion] = []
    for region in regions {
      if let last = kept.last, region.start < last.end {
        problems.append(.heapsUnreadable(arena: region.arena, at: Address(region.start)))
      } else {
        kept.append(region)
      }
    }
    regions = kept
  }
}
