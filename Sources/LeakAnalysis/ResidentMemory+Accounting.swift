import HeapBlocks
package import ProcessImage
import SwiftRuntime

/// Resident pages, each byte of them given to what holds it.
extension ResidentMemory {
  package init(_ inspection: Inspection) {
    let snapshot = inspection.snapshot
    let heap = inspection.heap
    self.init(rssBytes: snapshot.residentBytes)
    // The page of zeros that all processes share is no memory of this one.
    let resident = snapshot.pages.filter { $0.state.contains(.present) && !$0.state.contains(.zeroPage) }
    let heaps = heap.arenas.flatMap(\.heaps).sorted { $0.lowerBound < $1.lowerBound }
    let stacks = snapshot.stacks

    var heapPages: [Range<Address>] = []
    for pages in resident {
      guard !pages.state.contains(.fileBacked) else {
        fileBytes += pages.size
        continue
      }
      var rest = pages.size
      Self.forEachOverlap(of: pages.start..<pages.end, with: heaps) { part in
        heapPages.append(part)
        rest -= part.size
      }
      var onStacks = 0
      Self.forEachOverlap(of: pages.start..<pages.end, with: stacks) { onStacks += $0.size }
      onStacks = min(onStacks, rest)
      stackBytes += onStacks
      otherBytes += rest - onStacks
    }
    countBlocks(of: inspection, on: heapPages)
    freeKeptBytes = heapPages.reduce(0) { $0 + $1.size } - liveSwiftBytes - liveOtherBytes
    arenas = ArenaUse.all(of: heap, resident: heapPages)
    trimmableBytes = arenas.reduce(0) { $0 + $1.trimmableBytes }
  }

  /// Bytes of live chunks on resident pages.
  private mutating func countBlocks(of inspection: Inspection, on pages: [Range<Address>]) {
    let blocks = inspection.heap.blocks
    let objects = inspection.objects
    let isSwift = objects.types.map(\.kind.isSwift)
    var first = 0
    for index in 0..<blocks.count {
      let chunk = blocks.chunk(of: index)
      while first < pages.count, pages[first].upperBound <= chunk.lowerBound { first += 1 }
      var page = first
      var bytes = 0
      while page < pages.count, pages[page].lowerBound < chunk.upperBound {
        bytes += pages[page].clamped(to: chunk).size
        page += 1
      }
      if isSwift[Int(objects.type[index])] { liveSwiftBytes += bytes } else { liveOtherBytes += bytes }
    }
  }

  /// The parts of `range` that lie in `ranges`, which are ascending and do not overlap.
  static func forEachOverlap(
    of range: Range<Address>, with ranges: [Range<Address>], _ body: (Range<Address>) -> Void
  ) {
    var index = ranges.partitioningIndex { $0.upperBound > range.lowerBound }
    while index < ranges.count, ranges[index].lowerBound < range.upperBound {
      body(ranges[index].clamped(to: range))
      index += 1
    }
  }
}

extension Range<Address> {
  var size: Int { upperBound.distance(from: lowerBound) }
}

extension BlockTable {
  /// The chunk of a block: its header and what malloc returned. A block that has a mapping of its own begins within the
  /// mapping's first page.
  func chunk(of index: Int) -> Range<Address> {
    let address = address(of: index)
    let bytes = chunkBytes(of: index)
    let start = address - 16
    guard bytes - usableBytes(of: index) > 8 else { return start..<(start + bytes) }
    let mapping = Address(start.bits & ~4095)
    return mapping..<(mapping + bytes)
  }
}

extension Snapshot {
  /// The threads' stacks: each mapping that a stack pointer lies in, and the kernel's `[stack]`. Ascending.
  package var stacks: [Range<Address>] {
    mappings.filter { $0.name == "[stack]" || !threads(in: $0).isEmpty }.map { $0.start..<$0.end }
  }
}
