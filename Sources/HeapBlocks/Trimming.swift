package import ProcessImage

/// What `malloc_trim` needs besides the free chunks (`mtrim`, `systrim` in malloc/malloc.c).
struct Trimming: Sendable {
  /// Whether the main arena's top ends where the program break is: only then it can be given back.
  var topEndsAtBreak: Bool
  /// Size of a transparent huge page if malloc was told to use them; 0 if not.
  var granularity: UInt64
}

extension Heap {
  /// The memory that `malloc_trim(0)` would give back: whole pages inside of free chunks, and the main arena's top.
  ///
  /// What is in fastbins is merged with its free neighbours first; thread caches and the tops of other arenas stay.
  /// Ascending and apart; whether the pages hold anything is not asked.
  package var trimmableRanges: [Range<Address>] {
    var ranges: [Range<Address>] = []
    var pending: (start: UInt64, end: UInt64, arena: Int)?
    func give(_ start: UInt64, _ end: UInt64) {
      if start < end { ranges.append(Address(start)..<Address(end)) }
    }
    func finish() {
      guard let chunk = pending else { return }
      // Behind the header and the links of a large chunk.
      give((chunk.start &+ 48 &+ 4095) & ~4095, chunk.end & ~4095)
      pending = nil
    }
    for index in 0..<free.count {
      let start = free.chunk(of: index).bits
      let end = start &+ UInt64(free.bytes(of: index))
      let arena = free.arena(of: index)
      switch free.kind(of: index) {
      case .threadCache: finish()
      case .fastbin, .unsorted, .smallBin, .largeBin, .unlisted:
        if let chunk = pending, chunk.end == start, chunk.arena == arena {
          pending = (chunk.start, end, arena)
        } else {
          finish()
          pending = (start, end, arena)
        }
      case .top:
        var top = start
        if let chunk = pending, chunk.end == start, chunk.arena == arena {
          top = chunk.start
          pending = nil
        }
        finish()
        if arena == 0, trimming.topEndsAtBreak { give(end &- releasedTop(size: end &- top), end) }
      }
    }
    finish()
    return ranges
  }

  /// Bytes that `systrim` gives back of a top: at least 33 stay, in units of pages.
  private func releasedTop(size: UInt64) -> UInt64 {
    guard size > 33 else { return 0 }
    let unit = trimming.granularity > 0 ? trimming.granularity : 4096
    return (size &- 33) & ~(unit &- 1)
  }

  /// Bytes of `trimmableRanges` that are in memory.
  ///
  /// - Parameter presentBytes: Bytes of a range that are in memory.
  package func trimmableBytes(presentBytes: (Range<Address>) -> Int) -> Int {
    trimmableRanges.reduce(0) { $0 &+ presentBytes($1) }
  }

  /// Bytes of `trimmableRanges` that are in memory.
  ///
  /// - Parameter pages: The process's pages, ascending, as a snapshot has them.
  package func trimmableBytes(pages: [PageRange]) -> Int {
    var total = 0
    var first = 0
    for range in trimmableRanges {
      while first < pages.count, pages[first].end <= range.lowerBound { first += 1 }
      var index = first
      while index < pages.count, pages[index].start < range.upperBound {
        let page = pages[index]
        index += 1
        guard page.state.contains(.present), !page.state.contains(.zeroPage) else { continue }
        total &+= min(page.end, range.upperBound).distance(from: max(page.start, range.lowerBound))
      }
    }
    return total
  }
}
