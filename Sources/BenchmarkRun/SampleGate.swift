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
