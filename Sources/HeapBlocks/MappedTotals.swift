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
