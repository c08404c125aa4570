import ProcessImage

/// Walks the chunks of a region from the first to the last, and sorts them into live and free.
struct RegionWalk {
  /// How the chunks of a region ended.
  enum End: Equatable {
    /// With the arena's top.
    case top
    /// With the marks that malloc puts where an arena's memory goes on elsewhere.
    case fenceposts(UInt64)
    case damaged(chunk: UInt64, header: UInt64?)
  }

  let region: HeapRegion
  /// Number of the region's span in the index.
  let span: Int
  let top: UInt64
  let marks: ListMarks

  private(set) var summary: ArenaSummary
  private(set) var markedSeen = 0
  private(set) var marksThatDiffer = 0
  private(set) var unlistedCount = 0
  private(set) var firstUnlisted: UInt64 = 0
  private(set) var problems: [HeapProblem] = []
  private var cursor: WordCursor

  init(
    _ region: HeapRegion, span: Int, top: UInt64, marks: ListMarks, summary: ArenaSummary, memory: any MemoryReader
  ) {
    self.region = region
    self.span = span
    self.top = top
    self.marks = marks
    self.summary = summary
    cursor = WordCursor(memory)
  }

  /// Walks from `start` to the end of the stretch, and adds what it meets.
  mutating func walk(
    from start: UInt64, addresses: RawColumn<UInt64>, granules: RawColumn<UInt32>, odd: inout [BlockTable.OddBlock],
    index: BlockIndex, free: inout FreeTable
  ) -> End {
    let end = region.end
    let arenaFlag: UInt64 = region.kind == .heap ? 4 : 0
    var cursor = self.cursor
    var chunk = start
    var liveCount = 0
    var liveBytes: UInt64 = 0
    defer {
      self.cursor = cursor
      summary.liveCount &+= liveCount
      summary.liveBytes &+= Int(truncatingIfNeeded: liveBytes)
    }
    guard var header = cursor.word(at: chunk &+ 8) else { return .damaged(chunk: chunk, header: nil) }
    while true {
      let size = header & ~7
      let next = chunk &+ size
      if chunk == top {
        guard size >= 16, next > chunk, next <= end, header & 10 == 0 else {
          return .damaged(chunk: chunk, header: header)
        }
        free.append(chunk: chunk, size: size, kind: .top, arena: region.arena)
        summary.topBytes &+= Int(truncatingIfNeeded: size)
        return .top
      }
      // Sizes are multiples of 16, no chunk here is mapped, and the next one's header lies within the region.
      guard size >= 16, header & 10 == 0, next > chunk, next <= end else {
        return .damaged(chunk: chunk, header: header)
      }
      if size == 16, region.kind == .main { return mainFenceposts(from: chunk, &cursor) }
      guard end &- next >= 16, let nextHeader = cursor.word(at: next &+ 8) else {
        return .damaged(chunk: chunk, header: header)
      }
      if nextHeader & ~7 == 0, region.kind == .heap {
        // The heap's last 16 bytes say size 0; the chunk before them is an artificial one, too.
        guard end &- next == 16, size <= 32 else { return .damaged(chunk: next, header: nextHeader) }
        summary.ownBytes &+= Int(truncatingIfNeeded: end &- chunk)
        return .fenceposts(end)
      }
      guard size >= 32 else { return .damaged(chunk: chunk, header: header) }
      let mark = marks.mark(of: chunk)
      if nextHeader & 1 != 0 {
        if mark == 0 {
          guard header & 4 == arenaFlag else { return .damaged(chunk: chunk, header: header) }
          let units = size >> 4
          if units >> 32 != 0 {
            odd.append(.init(index: addresses.count, chunkBytes: Int(size), usableBytes: Int(size) - 8))
          }
          addresses.append(chunk &+ 16)
          granules.append(UInt32(exactly: units) ?? 0)
          index.setBit(at: chunk &+ 16, span: span)
          liveCount &+= 1
          liveBytes &+= size
        } else {
          addListed(chunk: chunk, size: size, mark: mark, free: &free)
        }
      } else {
        addFree(chunk: chunk, size: size, mark: mark, copy: cursor.word(at: next), free: &free)
      }
      chunk = next
      header = nextHeader
    }
  }

  /// Whether the first chunk of a stretch is followed from another place: notes what lies between.
  mutating func addForeignBytes(_ bytes: UInt64) { summary.foreignBytes &+= Int(truncatingIfNeeded: bytes) }

  /// A chunk that looks used, and is in a list.
  private mutating func addListed(chunk: UInt64, size: UInt64, mark: UInt8, free: inout FreeTable) {
    markedSeen &+= 1
    let bytes = Int(truncatingIfNeeded: size)
    switch ListMarks.Mark(rawValue: mark) {
    case .own:
      summary.ownBytes &+= bytes
      return
    case .threadCache:
      summary.threadCacheBytes &+= bytes
      summary.threadCacheCount &+= 1
    case .fastbin: summary.fastbinBytes &+= bytes
    case .unsorted, .smallBin, .largeBin, nil:
      summary.binBytes &+= bytes
      marksThatDiffer &+= 1
    }
    free.append(chunk: chunk, size: size, kind: FreeTable.Kind(rawValue: mark) ?? .unlisted, arena: region.arena)
  }

  /// A chunk that is free by its flag.
  private mutating func addFree(chunk: UInt64, size: UInt64, mark: UInt8, copy: UInt64?, free: inout FreeTable) {
    if copy != size, problems.count < 16 {
      problems.append(.previousSizeDiffers(arena: region.arena, chunk: Address(chunk)))
    }
    var kind = FreeTable.Kind.unlisted
    switch ListMarks.Mark(rawValue: mark) {
    case .unsorted: kind = .unsorted
    case .smallBin: kind = .smallBin
    case .largeBin: kind = .largeBin
    case .threadCache, .fastbin, .own: marksThatDiffer &+= 1
    case nil: break
    }
    if mark != 0 {
      markedSeen &+= 1
    } else {
      if unlistedCount == 0 { firstUnlisted = chunk }
      unlistedCount &+= 1
    }
    summary.binBytes &+= Int(truncatingIfNeeded: size)
    free.append(chunk: chunk, size: size, kind: kind, arena: region.arena)
  }

  /// Two or three chunks of 16 bytes, up to the end of a page.
  private mutating func mainFenceposts(from first: UInt64, _ cursor: inout WordCursor) -> End {
    var post = first
    while post < region.end, let header = cursor.word(at: post &+ 8), header & ~7 == 16, header & 2 == 0,
      post &- first < 48
    {
      post &+= 16
      if post & 4095 == 0, post &- first >= 32 {
        summary.ownBytes &+= Int(truncatingIfNeeded: post &- first)
        return .fenceposts(post)
      }
    }
    return .damaged(chunk: post, header: cursor.word(at: post &+ 8))
  }
}
