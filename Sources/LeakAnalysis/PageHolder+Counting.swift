import HeapBlocks
import ProcessImage
import SwiftRuntime

extension PageHolder {
  /// The types whose blocks keep pages resident that are at least three quarters free, most pages first.
  package static func all(in inspection: Inspection) -> [PageHolder] {
    let blocks = inspection.heap.blocks
    let objects = inspection.objects
    let heaps = inspection.heap.arenas.filter { $0.kind != .mapped }.flatMap(\.heaps)
      .sorted { $0.lowerBound < $1.lowerBound }
    var pages = PageUse(PageGrid(heaps: heaps))
    pages.markResident(inspection.snapshot.pages)
    for index in 0..<blocks.count { pages.add(blocks.chunk(of: index), type: objects.type[index]) }

    var holders = [PageHolder](
      repeating: PageHolder(name: "", kind: "", pages: 0, pagesAlone: 0, liveBytes: 0), count: objects.types.count)
    // Blocks come in the order of their pages, so that a type's last page tells whether this one was counted.
    var lastPage = [Int](repeating: -1, count: objects.types.count)
    for index in 0..<blocks.count {
      let type = Int(objects.type[index])
      pages.grid.forEachPage(of: blocks.chunk(of: index)) { page, bytes in
        guard pages.isMostlyFree(page) else { return }
        holders[type].liveBytes += bytes
        guard lastPage[type] != page else { return }
        lastPage[type] = page
        holders[type].pages += 1
        if pages.hasOneType(page) { holders[type].pagesAlone += 1 }
      }
    }
    for (type, entry) in objects.types.enumerated() {
      holders[type].name = entry.name
      holders[type].kind = entry.kind.word
    }
    return holders.filter { $0.pages > 0 }.sorted {
      ($0.pages, $0.pagesAlone) != ($1.pages, $1.pagesAlone)
        ? ($0.pages, $0.pagesAlone) > ($1.pages, $1.pagesAlone) : $0.name < $1.name
    }
  }
}

/// The pages of some heaps, numbered through.
private struct PageGrid {
  private static let pageSize: UInt64 = 4096

  let heaps: [Range<Address>]
  let count: Int
  /// Number of each heap's first page.
  private let firstPages: [Int]

  init(heaps: [Range<Address>]) {
    self.heaps = heaps
    var count = 0
    firstPages = heaps.map { heap in
      defer {
        count += Int(
          (heap.upperBound.bits &+ Self.pageSize &- 1) / Self.pageSize &- heap.lowerBound.bits / Self.pageSize)
      }
      return count
    }
    self.count = count
  }

  /// Calls `body` with the number of each page that holds a part of `range`, and the bytes of that part.
  func forEachPage(of range: Range<Address>, _ body: (Int, Int) -> Void) {
    let heap = heaps.partitioningIndex { $0.upperBound > range.lowerBound }
    guard heap < heaps.count, heaps[heap].contains(range.lowerBound) else { return }
    let end = min(range.upperBound, heaps[heap].upperBound).bits
    let firstPage = firstPages[heap] - Int(heaps[heap].lowerBound.bits / Self.pageSize)
    var start = range.lowerBound.bits
    while start < end {
      let page = start / Self.pageSize
      let pageEnd = min((page + 1) * Self.pageSize, end)
      body(firstPage + Int(page), Int(pageEnd - start))
      start = pageEnd
    }
  }
}

/// What lies on the pages of some heaps.
private struct PageUse {
  /// A page of which live blocks use at most this is kept for little.
  private static let littleUse: UInt16 = 1024
  /// In `types`: blocks of different types.
  private static let several = UInt32.max

  let grid: PageGrid
  private var liveBytes: [UInt16]
  private var isResident: [Bool]
  /// The type of the page's blocks, plus one; 0 where there are none.
  private var types: [UInt32]

  init(_ grid: PageGrid) {
    self.grid = grid
    liveBytes = [UInt16](repeating: 0, count: grid.count)
    isResident = [Bool](repeating: false, count: grid.count)
    types = [UInt32](repeating: 0, count: grid.count)
  }

  mutating func markResident(_ ranges: [PageRange]) {
    let grid = grid
    for range in ranges where range.state.contains(.present) && !range.state.contains(.zeroPage) {
      ResidentMemory.forEachOverlap(of: range.start..<range.end, with: grid.heaps) { part in
        grid.forEachPage(of: part) { page, _ in isResident[page] = true }
      }
    }
  }

  mutating func add(_ chunk: Range<Address>, type: UInt32) {
    let grid = grid
    grid.forEachPage(of: chunk) { page, bytes in
      liveBytes[page] += UInt16(clamping: bytes)
      types[page] = types[page] == 0 || types[page] == type + 1 ? type + 1 : Self.several
    }
  }

  func isMostlyFree(_ page: Int) -> Bool { isResident[page] && liveBytes[page] <= Self.littleUse }
  func hasOneType(_ page: Int) -> Bool { types[page] != Self.several }
}
