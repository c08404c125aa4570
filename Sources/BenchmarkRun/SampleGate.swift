import Glibc
import SystemPackage

/// The pipe behind a sample's stdin: each byte lets it go on from one checkpoint.
///
/// Both ends stay open here, so that opening the gate of a sample that died is no broken pipe, whose signal would end
/// this process. If this process ends, the sample reads the pipe's end and ends as well.
final class SampleGate: Sendable {
  /// The sample's stdin.
  let entry: FileDescriptor
  private let exit: FileDescriptor

  init() throws {
    (entry, exit) = try FileDescriptor.pipe()
    // No other process has the end that would keep the sample waiting.
    for end in [entry, exit] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
  }

  deinit {
    for end in [entry.rawValue, exit.rawValue] { close(end) }
  }

  /// Lets the sample go on, once.
  func open() throws {
    try exit.writeAll([1])
  }
}

/// One stop of a sample at a checkpoint: what it wrote, and what the inspector saw meanwhile.
struct SampleVisit: Sendable {
  /// The bytes of a `SampleRecord`.
  let record: [UInt8]
  /// What mallinfo2(3) says is in use while the sample waits.
  let inUseBytes: Int
  var look = InspectorLook.failed("not looked at")

  /// Of the record and of the word behind it.
  static let byteCount = SampleRecord.byteCount + 8

  /// Reads the stop of this number, from 0 on; `nil` if it is not all there yet.
  init?(number: Int, in output: [UInt8]) {
    let start = number * Self.byteCount
    guard output.count >= start + Self.byteCount else { return nil }
    record = Array(output[start..<start + SampleRecord.byteCount])
    inUseBytes = output.withUnsafeBytes {
      Int($0.loadUnaligned(fromByteOffset: start + SampleRecord.byteCount, as: Int64.self))
    }
  }
}
