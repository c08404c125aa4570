import ProcessImage

/// The steps from an arena that was found to a heap that was read and checked.
struct HeapWalk {
  let memory: any MemoryReader
  let mappings: [Mapping]
  let pages: [PageRange]?
  let threadPointers: [Address]
  let images: [Range<Address>]
  let library: CLibrary
  let layout: MallocLayout
  let main: ArenaState

  func run() -> Heap {
    var problems: [HeapProblem] = []
    if library.minorVersion.map({ !layout.minorVersions.contains($0) }) ?? true {
      problems.append(.untriedRelease(minorVersion: library.minorVersion))
    }
    let (arenas, broken) = main.ring(layout: layout.arena, memory: memory)
    if let broken { problems.append(.arenaRingBroken(at: Address(broken))) }
    let isEmpty = main.isEmpty(layout: layout.arena)
    let parameters = MallocParameters.find(
      in: library, layout: layout, isEmpty: isEmpty, memory: memory)
    if parameters == nil { problems.append(.parametersNotFound) }

    let finder = RegionFinder(
      memory: memory, mappings: mappings, pages: pages, layout: layout, arenas: arenas,
      parameters: parameters)
    problems += finder.problems
    let taken = finder.extents.map(\.range)
    let totals = parameters.map {
      MappedTotals(count: $0.mappedCount, bytes: $0.mappedBytes, bytesDrift: layout.mappedChunkTail > 0)
    }
    let mapped = mappedChunks(
      outside: taken, totals: totals, hugePages: parameters.map { $0.hugePageSize > 0 } ?? true)

    let mappedPlaces = Set(mapped.lazy.map(\.chunk))
    let caches = ThreadCaches(
      memory: memory, library: library, layout: layout, slotsOfBin: Int(parameters?.cacheCount ?? 0),
      threadPointers: threadPointers, heapIsEmpty: isEmpty,
      isChunkPlace: { place in taken.contains { $0.contains(place) } || mappedPlaces.contains(place) })
    problems += caches.problems
    let lists = FreeLists(
      memory: memory, layout: layout, arenas: arenas, regions: finder.regions, mapped: mapped, caches: caches.caches)
    problems += lists.problems

    var builder = HeapBuilder(
      memory: memory, arenas: arenas, regions: finder.regions, extents: finder.extents, mapped: mapped, lists: lists)
    builder.walkAll()
    problems += builder.problems
    if let totals, !totals.agree(with: mapped) {
      let bytes = mapped.reduce(0) { $0 &+ Int(truncatingIfNeeded: $1.mappedBytes) }
      problems.append(
        .mappedBlocksDiffer(
          foundCount: mapped.count, foundBytes: bytes, saidCount: totals.count, saidBytes: totals.bytes))
    }
    return Heap(
      library: library, layout: layout, blocks: builder.blocks, free: builder.free, arenas: builder.summaries,
      problems: problems, mallocStates: mallocStates(arenas, finder, caches, parameters),
      trimming: Trimming(
        topEndsAtBreak: finder.programBreak.map { $0.upperBound } == builder.mainTopEnd,
        granularity: parameters?.transparentHugePageSize ?? 0))
  }

  /// The mapped blocks, as malloc's totals allow them.
  private func mappedChunks(
    outside extents: [Range<UInt64>], totals: MappedTotals?, hugePages: Bool
  ) -> [MappedChunk] {
    if let totals, totals.count == 0 { return [] }
    let taken = (extents + images.map { $0.lowerBound.bits..<$0.upperBound.bits }).sorted {
      $0.lowerBound < $1.lowerBound
    }
    var finder = MappedChunks(
      memory: memory, mappings: mappings, pages: pages, layout: layout, hugePages: hugePages)
    let found = finder.find(outside: taken)
    guard let totals, !totals.agree(with: found) else { return found }
    return totals.rest(of: found) ?? totals.choice(of: finder.candidates(outside: taken, limit: 4096)) ?? found
  }

  private func mallocStates(
    _ arenas: [ArenaState], _ finder: RegionFinder, _ caches: ThreadCaches, _ parameters: MallocParameters?
  ) -> [Range<Address>] {
    var ranges: [Range<Address>] = []
    func add(_ start: UInt64, _ size: Int) { ranges.append(Address(start)..<(Address(start) + size)) }
    for arena in arenas { add(arena.address, layout.arena.size) }
    for region in finder.regions where region.kind == .heap {
      add(region.start & ~4095, MallocLayout.heapInfoSize)
    }
    for cache in caches.caches { add(cache.block, layout.threadCache.size) }
    if let parameters { add(parameters.address, layout.parameters.size) }
    return ranges.filter { $0.lowerBound < $0.upperBound }.sorted { $0.lowerBound < $1.lowerBound }
  }
}
