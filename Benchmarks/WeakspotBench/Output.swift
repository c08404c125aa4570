import Glibc

/// Where a command's result goes: a file, which is overwritten, or stdout.
struct Output {
  private let path: String?

  /// - Parameters:
  ///   - path: `nil` for stdout.
  ///   - keeping: What the command reads, and must not write over.
  init(path: String?, keeping: [String]) throws(Failure) {
    self.path = path
    guard let path, let file = Self.identity(path) else { return }
    if let other = keeping.first(where: { Self.identity($0) == file }) {
      throw Failure(.failure, "\(path): is the report's own \(other); give another --output")
    }
  }

  /// Characters of a line, where someone reads it on a terminal.
  var width: Int? { path == nil ? Console.outWidth : nil }

  /// Writes all of it; a disk that is full is an error, also behind stdout.
  func write(_ text: String) throws(Failure) {
    guard let path else { return try Self.write(text, to: STDOUT_FILENO, name: "stdout") }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path) }
    do {
      try Self.write(text, to: descriptor, name: path)
    } catch {
      close(descriptor)
      throw error
    }
    // Some file systems tell only here that there is no room.
    guard close(descriptor) == 0 else { throw Self.failure(path) }
  }

  private static func write(_ text: String, to descriptor: Int32, name: String) throws(Failure) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw failure(name)
      }
    }
  }

  private static func failure(_ name: String) -> Failure {
    Failure(.failure, "\(name): cannot be written: \(String(cString: strerror(errno))); give another --output")
  }

  /// Which file a path leads to; `nil` if there is none.
  private static func identity(_ path: String) -> [UInt64]? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return [UInt64(status.st_dev), UInt64(status.st_ino)]
  }
}
