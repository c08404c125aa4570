import Glibc

/// `/proc/PID/mem`, held open: the memory of that process alone, even if its number has gone to another or it has executed
/// another program.
final class ProcessMemory: Sendable {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Whether the process has it no more, by places that it had: it has ended, or executed another program. One that is still
  /// running may have unmapped some of them.
  func isGone(_ places: [Address]) -> Bool {
    let step = max(1, places.count / 64)
    return withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { byte in
      stride(from: 0, to: places.count, by: step).allSatisfy { read(at: places[$0], into: byte) == 0 }
    }
  }

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
