import Glibc
import HeapBlocks
import ProcessImage
import TestSupport

/// A process that does nothing meanwhile, read whole and at leisure from `/proc/PID/mem` and `/proc/PID/pagemap`: independent
/// of how a snapshot copies. Mappings and registers are a snapshot's.
final class QuietProcess: MemoryReader, @unchecked Sendable {
  // Safety: memory is written in `init` alone and freed in `deinit`.
  let mappings: [Mapping]
  let pages: [PageRange]
  let threadPointers: [Address]
  let images: [Range<Address>]
  private var runs: [(start: UInt64, bytes: UnsafeMutableRawBufferPointer)] = []

  init(_ pid: pid_t) throws {
    let snapshot = try Snapshot.capture(pid: pid)
    mappings = snapshot.mappings
    pages = Self.pages(of: pid, in: snapshot.mappings)
    threadPointers = snapshot.threads.map(\.registers.threadPointer)
    images = snapshot.images.flatMap(\.loadedPages)
    let file = open("/proc/\(pid)/mem", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var bounds: [Range<UInt64>] = []
    for mapping in mappings where mapping.permissions.contains(.read) && !mapping.name.hasPrefix("[v") {
      if let last = bounds.last, last.upperBound == mapping.start.bits {
        bounds[bounds.count - 1] = last.lowerBound..<mapping.end.bits
      } else {
        bounds.append(mapping.start.bits..<mapping.end.bits)
      }
    }
    for range in bounds {
      let memory = mmap(
        nil, range.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard let memory, memory != MAP_FAILED else { throw TestFailure("no memory") }
      runs.append((range.lowerBound, UnsafeMutableRawBufferPointer(start: memory, count: range.count)))
    }
    for page in pages { read(page.start.bits, page.size, from: file) }
    for mapping in mappings where mapping.permissions.contains(.read) && mapping.inode != 0 {
      read(mapping.start.bits, mapping.size, from: file)
    }
  }

  /// The pages in memory, by pagemap's entries (Documentation/admin-guide/mm/pagemap.rst).
  private static func pages(of pid: pid_t, in mappings: [Mapping]) -> [PageRange] {
    let file = open("/proc/\(pid)/pagemap", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var pages: [PageRange] = []
    for mapping in mappings where !mapping.name.hasPrefix("[v") {
      var entries = Array(repeating: UInt64(0), count: mapping.size / 4096)
      let got = pread(file, &entries, entries.count * 8, off_t(mapping.start.bits / 512))
      for (index, entry) in entries[..<max(0, got / 8)].enumerated() where entry >> 62 != 0 {
        let start = mapping.start + index * 4096
        let state: PageRange.State = entry >> 61 & 1 != 0 ? [.present, .fileBacked] : [.present]
        if let last = pages.last, last.end == start, last.state == state {
          pages[pages.count - 1].end = start + 4096
        } else {
          pages.append(PageRange(start: start, end: start + 4096, state: state))
        }
      }
    }
    return pages
  }

  deinit { for run in runs { munmap(run.bytes.baseAddress, run.bytes.count) } }

  private func read(_ start: UInt64, _ size: Int, from file: Int32) {
    guard let run = runs.last(where: { $0.start <= start }), start - run.start < UInt64(run.bytes.count) else { return }
    let offset = Int(start - run.start)
    _ = pread(file, run.bytes.baseAddress! + offset, min(size, run.bytes.count - offset), off_t(start))
  }

  func bytes(from address: Address) -> UnsafeRawBufferPointer {
    guard let run = runs.last(where: { $0.start <= address.bits }), address.bits - run.start < UInt64(run.bytes.count)
    else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: run.bytes[Int(address.bits - run.start)...])
  }

  /// Bytes of anonymous memory that are resident.
  var anonymousBytes: Int {
    pages.reduce(0) { sum, page in
      page.state.contains(.fileBacked) ? sum : sum + page.size
    }
  }

  /// Changes a bit, as damage would.
  func flip(bit: Int, at address: Address) {
    guard let run = runs.last(where: { $0.start <= address.bits }), address.bits - run.start < UInt64(run.bytes.count)
    else { return }
    run.bytes[Int(address.bits - run.start)] ^= 1 << UInt8(bit)
  }
}

extension Heap {
  static func walk(_ process: QuietProcess) throws(HeapError) -> Heap {
    try walk(
      memory: process, mappings: process.mappings, pages: process.pages, threadPointers: process.threadPointers,
      images: process.images)
  }
}
