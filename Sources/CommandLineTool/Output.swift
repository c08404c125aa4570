import Glibc

/// Where a command's result goes: a standard stream, or a file, which is replaced in one step.
package struct Output {
  private let path: String?
  /// Where it goes without a path.
  private let stream: Stream

  package enum Stream: Sendable {
    case out, error
  }

  /// - Parameters:
  ///   - path: `nil` for the stream.
  ///   - stream: stdout, unless that is another's.
  ///   - keeping: What the command reads, and must not write over.
  package init(path: String?, stream: Stream = .out, keeping: [String] = []) throws(Failure) {
    self.path = path
    self.stream = stream
    guard let path, let file = Self.identity(path) else { return }
    if let other = keeping.first(where: { Self.identity($0) == file }) {
      throw Failure(.failure, "\(path): is \(other), which is read; give another --output")
    }
  }

  /// Whether it goes to a file and not to a stream.
  package var isFile: Bool { path != nil }

  /// Characters of a line, where someone reads it on a terminal.
  package var width: Int? { path != nil ? nil : stream == .out ? Console.outWidth : Console.errorWidth }

  package func refuseExisting() throws(Failure) {
    guard let path, Self.identity(path) != nil else { return }
    throw Failure(.failure, "\(path): exists; give another --output, or --force to overwrite it")
  }

  /// Writes all of it; a disk that is full is an error, also behind stdout. Who reads a file meanwhile sees the old one
  /// or the new one, never a half.
  package func write(_ text: String) throws(Failure) {
    guard let path else {
      let (descriptor, name) = stream == .out ? (STDOUT_FILENO, "stdout") : (STDERR_FILENO, "stderr")
      return try Self.write(text, to: descriptor, name: name)
    }
    var status = stat()
    let isThere = stat(path, &status) == 0
    // A device or a pipe is written to as it is.
    if isThere, status.st_mode & S_IFMT != S_IFREG {
      return try Self.write(text, path: path, flags: O_WRONLY, name: path)
    }
    // A link stays a link: what it leads to is replaced.
    let target = isThere ? Self.resolved(path) : path
    let temporary = "\(target).\(getpid()).tmp"
    do throws(Failure) {
      try Self.write(text, path: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, name: path)
      guard rename(temporary, target) == 0 else { throw Self.failure(path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func write(_ text: String, path: String, flags: Int32, name: String) throws(Failure) {
    let descriptor = open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(name) }
    do throws(Failure) {
      try write(text, to: descriptor, name: name)
    } catch {
      close(descriptor)
      throw error
    }
    // Some file systems tell only here that there is no room.
    guard close(descriptor) == 0 else { throw failure(name) }
  }

  private static func write(_ text: String, to descriptor: Int32, name: String) throws(Failure) {
    if let code = Console.write(text, to: descriptor) { throw failure(name, code) }
  }

  private static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func failure(_ name: String, _ code: Int32 = errno) -> Failure {
    Failure(.failure, "\(name): cannot be written: \(String(cString: strerror(code)))")
  }

  /// Which file a path leads to; `nil` if there is none.
  private static func identity(_ path: String) -> [UInt64]? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return [UInt64(status.st_dev), UInt64(status.st_ino)]
  }
}
