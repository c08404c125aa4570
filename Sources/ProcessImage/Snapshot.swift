/// A process as it was at one moment: its memory, threads, images.
///
/// Private memory that the process had changed was copied while it stood still. Files' pages are read when they are first
/// asked for, from the very file that is mapped, or from the process where that file is gone.
package final class Snapshot: MemoryReader, @unchecked Sendable {
  // Safety: everything is `let`; late regions guard their loading by a lock; nobody writes to memory handed out.

  package let pid: Int32
  /// Path of the program, as the process sees it; ` (deleted)` if it was replaced.
  package let executable: String
  /// Whether a path means the same file to it as to us.
  package let seesOurFiles: Bool
  /// In rising order.
  package let mappings: [Mapping]
  package let threads: [ThreadState]
  /// In rising order of address.
  package let images: [ElfImage]
  package let status: ProcessStatus
  /// Resident bytes as the kernel counts them during the pause: as `status` says, or page by page (`smaps_rollup`) of a
  /// process that is held at its exit.
  package let residentBytes: Int?
  /// Pages in memory or in swap, in rising order.
  package let pages: [PageRange]
  /// For how long the process stood still, in nanoseconds.
  package let pause: Int
  /// Bytes that were copied in that time.
  package let copiedBytes: Int
  /// What could not be done and does not keep the rest from being right.
  package let warnings: [String]

  private let regions: [MemoryRegion]
  /// Start of each region, apart, so that a search stays in few cache lines.
  private let starts: [UInt64]
  /// The threads' numbers, by rising stack pointer.
  private let threadsByStack: [Int]
  /// Keeps the copied memory alive.
  private let destination: CopyDestination

  init(
    pid: Int32, executable: String, seesOurFiles: Bool, mappings: [Mapping], threads: [ThreadState], images: [ElfImage],
    status: ProcessStatus, residentBytes: Int?, pages: [PageRange], pause: Int, copiedBytes: Int, warnings: [String],
    regions: [MemoryRegion], destination: CopyDestination
  ) {
    self.pid = pid
    self.executable = executable
    self.seesOurFiles = seesOurFiles
    self.mappings = mappings
    self.threads = threads
    self.images = images
    self.status = status
    self.residentBytes = residentBytes
    self.pages = pages
    self.pause = pause
    self.copiedBytes = copiedBytes
    self.warnings = warnings
    self.regions = regions
    self.destination = destination
    starts = regions.map(\.start.bits)
    threadsByStack = threads.indices.sorted {
      threads[$0].registers.stackPointer < threads[$1].registers.stackPointer
    }
  }

  package func bytes(from address: Address) -> UnsafeRawBufferPointer {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low &+ high) / 2
      if starts[middle] <= address.bits { low = middle &+ 1 } else { high = middle }
    }
    guard low > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let region = regions[low &- 1]
    guard address < region.end else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let offset = address.distance(from: region.start)
    if let host = region.host {
      return UnsafeRawBufferPointer(start: host + offset, count: region.end.distance(from: address))
    }
    let bytes = region.late?.bytes() ?? UnsafeRawBufferPointer(start: nil, count: 0)
    guard offset < bytes.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: bytes[offset...])
  }

  /// The mapping that holds `address`.
  package func mapping(containing address: Address) -> Mapping? {
    var low = 0
    var high = mappings.count
    while low < high {
      let middle = (low &+ high) / 2
      if mappings[middle].start <= address { low = middle &+ 1 } else { high = middle }
    }
    guard low > 0, mappings[low - 1].contains(address) else { return nil }
    return mappings[low - 1]
  }

  /// The image that holds `address`.
  package func image(containing address: Address) -> ElfImage? {
    var low = 0
    var high = images.count
    while low < high {
      let middle = (low &+ high) / 2
      if images[middle].start <= address { low = middle &+ 1 } else { high = middle }
    }
    guard low > 0, address < images[low - 1].end else { return nil }
    return images[low - 1]
  }

  /// The symbol that holds `address`: a function or variable of an image.
  package func symbol(at address: Address) -> ElfImage.Symbol? { image(containing: address)?.symbol(at: address) }

  /// The numbers of the threads whose stack pointers lie in `mapping`, the lowest pointer first.
  package func threads(in mapping: Mapping) -> ArraySlice<Int> {
    let first = threadsByStack.partitioningIndex { threads[$0].registers.stackPointer >= mapping.start }
    return threadsByStack[first...].prefix { mapping.contains(threads[$0].registers.stackPointer) }
  }

  /// The parts of `range` that are in memory or in swap, in rising order.
  package func pages(in range: Range<Address>) -> [PageRange] {
    let first = pages.partitioningIndex { $0.end > range.lowerBound }
    return pages[first...].prefix { $0.start < range.upperBound }.map { pages in
      let part = (pages.start..<pages.end).clamped(to: range)
      return PageRange(start: part.lowerBound, end: part.upperBound, state: pages.state)
    }
  }
}

extension Array {
  /// The first index whose element meets a condition that all later ones meet too.
  package func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
