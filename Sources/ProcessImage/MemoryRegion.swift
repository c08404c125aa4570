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
    /// The process's own memory, as long as it has it.
    case process(ProcessMemory)
  }

  private struct Loaded: @unchecked Sendable { var bytes: UnsafeRawBufferPointer }

  private let start: Address
  private let size: Int
  private let source: Source
  /// What is there to be read; `nil`: all. Of memory that processes share, what nobody has used becomes real by being read.
  private let parts: [Range<Address>]?
  /// Whether it is read as soon as the process runs on: what it may write or lose.
  private let isUrgent: Bool
  private let loaded = Mutex<Loaded?>(nil)

  init(start: Address, size: Int, source: Source, parts: [Range<Address>]? = nil, isUrgent: Bool = false) {
    self.start = start
    self.size = size
    self.source = source
    self.parts = parts
    self.isUrgent = isUrgent
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

  /// Reads now what changes, or will be gone, with the process.
  /// - Parameter all: What does not change, too.
  func readFromProcess(all: Bool) {
    if case .process = source, all || isUrgent { _ = bytes() }
  }

  private func load() -> UnsafeRawBufferPointer {
    switch source {
    case .file(let file, let offset):
      let whole = file.bytes
      guard offset < UInt64(whole.count) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
      return UnsafeRawBufferPointer(rebasing: whole[Int(offset)..<min(whole.count, Int(offset) + size)])
    case .process(let memory):
      if let parts, parts.isEmpty { return UnsafeRawBufferPointer(start: nil, count: 0) }
      let host = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard let host, host != MAP_FAILED else { return UnsafeRawBufferPointer(start: nil, count: 0) }
      let whole = UnsafeMutableRawBufferPointer(start: host, count: size)
      var count = 0
      for part in parts ?? [start..<(start + size)] {
        let offset = part.lowerBound.distance(from: start)
        let wanted = part.upperBound.distance(from: part.lowerBound)
        let got = memory.read(
          at: part.lowerBound, into: UnsafeMutableRawBufferPointer(rebasing: whole[offset...].prefix(wanted)))
        if got > 0 { count = offset + got }
      }
      if count == 0 {
        munmap(host, size)
        return UnsafeRawBufferPointer(start: nil, count: 0)
      }
      return UnsafeRawBufferPointer(start: host, count: count)
    }
  }
}
