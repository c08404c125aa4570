import Glibc
import Synchronization

/// A process as it was at one moment: its memory, threads, images.
///
/// Private memory that the process had changed was copied while it stood still. Files' pages are read when they are first
/// asked for, from the very file that is mapped, or from the process where that file is gone.
package final class Snapshot: MemoryReader, @unchecked Sendable {
  // Safety: everything is `let`; late regions guard their loading by a lock; nobody writes to memory handed out.

  package let pid: Int32
  /// Path of the program, as the process sees it; ` (deleted)` if it was replaced.
  package let executable: String
  /// In rising order.
  package let mappings: [Mapping]
  package let threads: [ThreadState]
  /// In rising order of address.
  package let images: [ElfImage]
  package let status: ProcessStatus
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
  /// Keeps the copied memory alive.
  private let destination: CopyDestination

  init(_ capture: CapturedProcess) {
    pid = capture.pid
    executable = capture.executable
    mappings = capture.mappings
    threads = capture.threads
    images = capture.images
    status = capture.status
    pages = capture.pages
    pause = capture.pause
    copiedBytes = capture.copiedBytes
    warnings = capture.warnings
    regions = capture.regions
    starts = capture.regions.map(\.start.bits)
    destination = capture.destination
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

  /// Pages of the pages in memory or swap that lie in `mapping`.
  package func pages(in mapping: Mapping) -> ArraySlice<PageRange> {
    let first = pages.partitioningIndex { $0.start >= mapping.start }
    let last = pages.partitioningIndex { $0.start >= mapping.end }
    return pages[first..<max(first, last)]
  }
}

extension Array {
  /// The first index whose element meets a condition that all later ones meet too.
  func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Contiguous memory of a snapshot: copied, or read when it is first asked for.
struct MemoryRegion {
  var start: Address
  var end: Address
  /// The copy; `nil` for what comes late.
  var host: UnsafeMutableRawPointer?
  var late: LateRegion?
}

/// Memory that is read when it is first asked for, from any thread.
final class LateRegion: Sendable {
  enum Source {
    /// A part of a file that was checked to be the mapped one.
    case file(ElfFile, offset: UInt64)
    /// The process's own memory, as long as it has it.
    case process(ProcessMemory)
  }

  private struct Loaded: @unchecked Sendable { var bytes: UnsafeRawBufferPointer }

  private let start: Address
  private let size: Int
  private let source: Source
  private let loaded = Mutex<Loaded?>(nil)

  init(start: Address, size: Int, source: Source) {
    self.start = start
    self.size = size
    self.source = source
  }

  deinit {
    loaded.withLock { loaded in
      if case .process = source, let bytes = loaded?.bytes, let base = bytes.baseAddress {
        munmap(UnsafeMutableRawPointer(mutating: base), size)
      }
    }
  }

  func bytes() -> UnsafeRawBufferPointer {
    loaded.withLock { loaded in
      if let loaded { return loaded }
      let fresh = Loaded(bytes: load())
      loaded = fresh
      return fresh
    }.bytes
  }

  private func load() -> UnsafeRawBufferPointer {
    switch source {
    case .file(let file, let offset):
      let whole = file.bytes
      guard offset < UInt64(whole.count) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
      return UnsafeRawBufferPointer(rebasing: whole[Int(offset)..<min(whole.count, Int(offset) + size)])
    case .process(let memory):
      let host = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard let host, host != MAP_FAILED else { return UnsafeRawBufferPointer(start: nil, count: 0) }
      let count = memory.read(at: start, into: UnsafeMutableRawBufferPointer(start: host, count: size))
      if count == 0 {
        munmap(host, size)
        return UnsafeRawBufferPointer(start: nil, count: 0)
      }
      return UnsafeRawBufferPointer(start: host, count: count)
    }
  }
}

/// `/proc/PID/mem`, held open: the memory of that process alone, even if its number has gone to another or it has executed
/// another program.
final class ProcessMemory: Sendable {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Reads until `buffer` is full or a page cannot be read; returns the count.
  func read(at address: Address, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var count = 0
    while count < buffer.count {
      let got = pread(
        descriptor, buffer.baseAddress! + count, buffer.count - count,
        off_t(truncatingIfNeeded: address.bits &+ UInt64(count)))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { break }
      count += got
    }
    return count
  }
}
