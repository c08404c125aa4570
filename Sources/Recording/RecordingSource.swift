internal import Glibc

/// Where a recording's bytes come from: a file, the memfd of a running program, or an array.
///
/// A recording is sparse: half a terabyte of which some megabytes were ever written. Only what `data(from:)` names is
/// read, since to read a hole of a memfd through a mapping would make the kernel fill it.
package protocol RecordingSource {
  /// For messages.
  var name: String { get }

  /// Bytes up to the end, holes included.
  func size() throws(RecordingError) -> Int

  /// Fills `buffer` from `offset` on. Returns how many bytes there were; fewer only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(RecordingError) -> Int

  /// The next stretch that is not a hole, at or after `offset`; `nil` if there is none.
  func data(from offset: Int) throws(RecordingError) -> Range<Int>?
}

/// A recording in a file or a memfd.
package struct RecordingFile: RecordingSource {
  package let name: String
  private let descriptor: CInt

  /// SEEK_DATA and SEEK_HOLE of <unistd.h>, which hides them behind _GNU_SOURCE.
  private static let seekData: CInt = 3
  private static let seekHole: CInt = 4

  /// - Parameter descriptor: Open for reading as long as this value is used; it is not closed.
  package init(descriptor: CInt, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  package func size() throws(RecordingError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure() }
    return Int(status.st_size)
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(RecordingError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let got = pread(
        descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(offset + filled))
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw failure()
      }
      filled += got
    }
    return filled
  }

  package func data(from offset: Int) throws(RecordingError) -> Range<Int>? {
    let start = lseek(descriptor, off_t(offset), Self.seekData)
    guard start >= 0 else {
      if errno == ENXIO { return nil }
      throw failure()
    }
    let end = lseek(descriptor, start, Self.seekHole)
    guard end > start else { throw failure() }
    return Int(start)..<Int(end)
  }

  private func failure() -> RecordingError { .unreadable(name: name, error: String(cString: strerror(errno))) }
}

/// A recording in memory.
package struct RecordingBytes: RecordingSource {
  package let name: String
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8], name: String = "the recording") {
    self.bytes = bytes
    self.name = name
  }

  package func size() -> Int { bytes.count }

  package func read(into buffer: UnsafeMutableRawBufferPointer, from offset: Int) -> Int {
    let count = max(0, min(buffer.count, bytes.count - offset))
    bytes.withUnsafeBytes { all in
      if count > 0 { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[offset..<offset + count])) }
    }
    return count
  }

  package func data(from offset: Int) -> Range<Int>? { offset < bytes.count ? offset..<bytes.count : nil }
}
