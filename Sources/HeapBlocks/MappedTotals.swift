/// malloc's own count of mapped blocks, and which of the places that look like one it can mean.
struct MappedTotals: Equatable {
  var count: Int
  var bytes: Int
  /// Whether `bytes` may be too large by a multiple of 16 (`MallocLayout.mappedChunkTail`).
  var bytesDrift: Bool

  func agree(count: Int, bytes: Int) -> Bool {
    guard count == self.count else { return false }
    return bytesDrift ? bytes <= self.bytes && (self.bytes - bytes) % 16 == 0 : bytes == self.bytes
  }

  func agree(with chunks: [MappedChunk]) -> Bool {
    agree(count: chunks.count, bytes: chunks.reduce(0) { $0 &+ Int(truncatingIfNeeded: $1.mappedBytes) })
  }

  /// What is left of `found` when the few that malloc cannot mean are dropped; `nil` if there is not exactly one way, or too
  /// many to try: one that is false and has the size of a true one cannot be told. It takes a drift of less than a page.
  ///
  /// - Parameter found: Chunks that lie apart.
  func rest(of found: [MappedChunk]) -> [MappedChunk]? {
    let surplus = found.count - count
    var excess = found.reduce(0) { $0 &+ Int(truncatingIfNeeded: $1.mappedBytes) } &- bytes
    if bytesDrift { excess = (excess &+ 4095) & ~4095 }
    guard surplus > 0, excess >= surplus else { return nil }
    var search = Omission(
      sizes: found.indices.compactMap { index in
        let size = Int(truncatingIfNeeded: found[index].mappedBytes)
        return size <= excess ? (index, size) : nil
      })
    search.run(surplus: surplus, excess: excess)
    guard search.steps > 0, search.ways.count == 1, let way = search.ways.first else { return nil }
    let dropped = Set(way)
    return found.indices.filter { !dropped.contains($0) }.map { found[$0] }
  }

  /// Chooses what to drop, by size.
  private struct Omission {
    let sizes: [(index: Int, size: Int)]
    var ways: [[Int]] = []
    /// Steps left, so that memory made to mislead cannot keep it busy; with 0 it has given up.
    var steps = 1 << 21

    /// Depth first. Without recursion, since thousands may have to be dropped.
    mutating func run(surplus: Int, excess: Int) {
      var (surplus, excess) = (surplus, excess)
      var dropped: [Int] = []
      var next = 0
      while steps > 0, ways.count < 2 {
        steps -= 1
        if surplus == 0, excess == 0 { ways.append(dropped.map { sizes[$0].index }) }
        if surplus == 0 || sizes.count - next < surplus {
          guard let last = dropped.popLast() else { return }
          surplus += 1
          excess += sizes[last].size
          next = last + 1
          continue
        }
        let size = sizes[next].size
        // The others are at least a page each.
        if size <= excess - 4096 * (surplus - 1) {
          dropped.append(next)
          surplus -= 1
          excess -= size
        }
        next += 1
      }
    }
  }

  /// The one choice of chunks that lie apart and have these totals; `nil` if there is none, more than one, or too many to
  /// try. Memory that looks like a mapped block and is none is told by it.
  ///
  /// - Parameter candidates: By rising base.
  func choice(of candidates: [MappedChunk]) -> [MappedChunk]? {
    guard candidates.count <= 4096, count <= candidates.count else { return nil }
    var search = Search(totals: self, candidates: candidates)
    search.run()
    return search.steps > 0 && search.found.count == 1 ? search.found[0] : nil
  }

  private struct Search {
    let totals: MappedTotals
    let candidates: [MappedChunk]
    var found: [[MappedChunk]] = []
    var steps = 1 << 21

    /// Depth first. Without recursion, since thousands may have to be chosen.
    mutating func run() {
      var chosen: [Int] = []
      var bytes = 0
      var next = 0
      while steps > 0, found.count < 2 {
        steps -= 1
        let missing = totals.count - chosen.count
        if missing == 0, totals.agree(count: chosen.count, bytes: bytes) { found.append(chosen.map { candidates[$0] }) }
        // As many as are still missing must be left.
        if missing == 0 || bytes >= totals.bytes || candidates.count - next < missing {
          guard let last = chosen.popLast() else { return }
          bytes = bytes &- Int(truncatingIfNeeded: candidates[last].mappedBytes)
          next = last + 1
          continue
        }
        if candidates[next].base >= chosen.last.map({ candidates[$0].end }) ?? 0 {
          chosen.append(next)
          bytes = bytes &+ Int(truncatingIfNeeded: candidates[next].mappedBytes)
        }
        next += 1
      }
    }
  }
}
