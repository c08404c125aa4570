import Glibc

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
