import Glibc
import Synchronization

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
    /// The process's own memory, as long as it has it: whole, or what of it was present when the process stood still. To
    /// read a page that is not, makes one: in shared memory one that the process would have to pay for.
    case process(ProcessMemory, present: [PageRange]?)
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

  /// Reads now what will be gone with the process.
  func readFromProcess() {
    if case .process = source { _ = bytes() }
  }

  private func load() -> UnsafeRawBufferPointer {
    switch source {
    case .file(let file, let offset):
      let whole = file.bytes
      guard offset < UInt64(whole.count) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
      return UnsafeRawBufferPointer(rebasing: whole[Int(offset)..<min(whole.count, Int(offset) + size)])
    case .process(let memory, let present):
      let host = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard let host, host != MAP_FAILED else { return UnsafeRawBufferPointer(start: nil, count: 0) }
      var count = 0
      for part in present?.map({ max($0.start, start)..<min($0.end, start + size) }) ?? [start..<(start + size)] {
        let offset = part.lowerBound.distance(from: start)
        let read = memory.read(
          at: part.lowerBound,
          into: UnsafeMutableRawBufferPointer(
            start: host + offset, count: part.upperBound.distance(from: part.lowerBound)))
        if read > 0 { count = offset + read }
      }
      if count == 0 {
        munmap(host, size)
        return UnsafeRawBufferPointer(start: nil, count: 0)
      }
      return UnsafeRawBufferPointer(start: host, count: count)
    }
  }
}
