/// Where a version of glibc's malloc keeps its state, on x86-64: offsets into `struct malloc_state`, `struct malloc_par` and
/// `tcache_perthread_struct` (malloc/malloc.c), and `heap_info` (malloc/arena.c).
///
/// All numbers are bytes unless their name says otherwise.
package struct MallocLayout: Equatable, Sendable {
  /// `struct malloc_state`: an arena.
  struct Arena: Equatable, Sendable {
    var flags = 4
    /// `nil` from 2.43 on, which has none.
    var fastbins: Int?
    var top: Int
    var bins: Int
    var next: Int
    var systemMemory: Int
    var size: Int
  }

  /// `struct malloc_par`: `mp_`, the parameters and the totals of mapped chunks.
  struct Parameters: Equatable, Sendable {
    var hugePageSize: Int
    var transparentHugePageSize: Int
    var mappedCount: Int
    var mappedBytes: Int
    var sbrkBase: Int
    /// Small bins of the thread caches; the next two words are the largest cached size and the count of a bin.
    var cacheBins: Int
    var size: Int
  }

  /// `tcache_perthread_struct`: 16-bit numbers, a bin each, then the heads of the lists.
  struct ThreadCache: Equatable, Sendable {
    var bins: Int
    /// Bins of one size each; those behind them hold a range of sizes.
    var smallBins: Int
    /// Whether the numbers say how many chunks may still be added (`num_slots`) rather than how many there are (`counts`).
    var numbersAreSlots: Bool
    /// Where the heads begin.
    var entries: Int { (bins * 2 + 7) & ~7 }
    var size: Int { entries + bins * 8 }
    /// The chunk that malloc takes for it.
    var chunkSize: Int { (size + 8 + 15) & ~15 }
  }

  /// The releases, `2.x`, that are known to have it.
  package var minorVersions: ClosedRange<Int>
  /// The releases among them that the tests run against.
  package var testedMinorVersions: [Int]
  var arena: Arena
  var parameters: Parameters
  var threadCache: ThreadCache
  /// What a mapped chunk's size leaves out of the mapping's end: 16 from 2.43 on. Where it does, `mremap_chunk` forgets it,
  /// so that each `realloc` which moves a mapped block adds 16 to malloc's total of mapped bytes.
  var mappedChunkTail: Int

  /// Bytes of `heap_info`, and its words.
  static let heapInfoSize = 48
  static let heapInfoPrevious = 8
  static let heapInfoBytes = 16
  /// `HEAP_MAX_SIZE`: the alignment of the heaps of all arenas but the main one.
  static let heapMaximum: UInt64 = 64 << 20

  static let binCount = 127
  static let fastbinCount = 10

  /// malloc of 2.35 to 2.41: one thread cache of 64 bins with counts, fastbins.
  static let counts = MallocLayout(
    minorVersions: 35...41, testedMinorVersions: [36, 41],
    arena: Arena(fastbins: 16, top: 96, bins: 112, next: 2160, systemMemory: 2184, size: 2200),
    parameters: Parameters(
      hugePageSize: 48, transparentHugePageSize: 40, mappedCount: 60, mappedBytes: 80, sbrkBase: 96, cacheBins: 104,
      size: 136),
    threadCache: ThreadCache(bins: 64, smallBins: 64, numbersAreSlots: false),
    mappedChunkTail: 0)

  /// malloc of 2.43: 64 small and 12 large bins with free slots, no fastbins, mapped chunks with a tail.
  static let slots = MallocLayout(
    minorVersions: 43...43, testedMinorVersions: [43],
    arena: Arena(fastbins: nil, top: 8, bins: 24, next: 2072, systemMemory: 2096, size: 2112),
    parameters: Parameters(
      hugePageSize: 56, transparentHugePageSize: 48, mappedCount: 68, mappedBytes: 88, sbrkBase: 104, cacheBins: 112,
      size: 144),
    threadCache: ThreadCache(bins: 76, smallBins: 64, numbersAreSlots: true),
    mappedChunkTail: 16)

  /// The table. A release that is not in it is read with the layout whose self-check holds, if one does.
  static let all = [counts, slots]

  /// The layouts to try for a release, likeliest first.
  static func candidates(minorVersion: Int?) -> [MallocLayout] {
    guard let minor = minorVersion else { return all }
    func distance(_ layout: MallocLayout) -> Int {
      max(layout.minorVersions.lowerBound - minor, minor - layout.minorVersions.upperBound, 0)
    }
    return all.sorted { distance($0) < distance($1) }
  }
}
