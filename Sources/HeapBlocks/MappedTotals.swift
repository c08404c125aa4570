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
    search.extend(from: 0, surplus: surplus, excess: excess)
    guard search.steps > 0, search.ways.count == 1, let dropped = search.ways.first else { return nil }
    return found.indices.filter { !dropped.contains($0) }.map { found[$0] }
  }

  /// Chooses what to drop, by size.
  private struct Omission {
    let sizes: [(index: Int, size: Int)]
    var dropped: [Int] = []
    var ways: [[Int]] = []
    var steps = 1 << 20

    mutating func extend(from first: Int, surplus: Int, excess: Int) {
      steps -= 1
      if surplus == 0 {
        if excess == 0 { ways.append(dropped) }
        return
      }
      var next = first
      while sizes.count - next >= surplus, ways.count < 2, steps > 0 {
        let (index, size) = sizes[next]
        next += 1
        // The others are at least a page each.
        guard size <= excess - 4096 * (surplus - 1) else { continue }
        dropped.append(index)
        extend(from: next, surplus: surplus - 1, excess: excess - size)
        dropped.removeLast()
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
    search.extend(from: 0, end: 0, bytes: 0)
    return search.steps > 0 && search.found.count == 1 ? search.found[0] : nil
  }

  private struct Search {
    let totals: MappedTotals
    let candidates: [MappedChunk]
    var chosen: [MappedChunk] = []
    var found: [[MappedChunk]] = []
    var steps = 1 << 18

    mutating func extend(from first: Int, end: UInt64, bytes: Int) {
      steps -= 1
      guard steps > 0, found.count < 2 else { return }
      if chosen.count == totals.count {
        if totals.agree(count: chosen.count, bytes: bytes) { found.append(chosen) }
        return
      }
      guard bytes < totals.bytes else { return }
      var index = first
      // As many as are still missing must be left.
      while candidates.count - index >= totals.count - chosen.count, found.count < 2, steps > 0 {
        let candidate = candidates[index]
        index += 1
        guard candidate.base >= end else { continue }
        chosen.append(candidate)
        extend(from: index, end: candidate.end, bytes: bytes &+ Int(truncatingIfNeeded: candidate.mappedBytes))
        chosen.removeLast()
      }
    }
  }
}
