import Glibc

/// The files of one report, from the path that the user gave.
package struct ReportFiles: Sendable, Equatable {
  /// `NAME.csv`
  package let report: String
  /// `NAME.csv.partial`: the report while the run goes on.
  package let partial: String
  /// `NAME.meta.json`
  package let meta: String
  /// `NAME.meta.json.partial`: the meta file while the run goes on.
  package let partialMeta: String
  /// `NAME.schema.json`
  package let schema: String

  /// Takes `NAME.csv` or `NAME.csv.partial`; a path without `.csv` is its own NAME.
  package init(path: String) {
    report = path.hasSuffix(".partial") ? String(path.dropLast(8)) : path
    partial = report + ".partial"
    let name = report.hasSuffix(".csv") ? String(report.dropLast(4)) : report
    meta = name + ".meta.json"
    partialMeta = meta + ".partial"
    schema = name + ".schema.json"
  }

  /// Every file that belongs to the report.
  package var all: [String] { [report, partial, meta, partialMeta, schema] }
}

/// A file descriptor that is closed with its owner; the one place that opens and writes files.
struct File: ~Copyable {
  let path: String
  let descriptor: Int32

  init(path: String, flags: Int32) throws(SystemError) {
    self.path = path
    descriptor = open(path, flags | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw SystemError.last }
  }

  deinit { close(descriptor) }

  /// Reads what fits; 0 at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw SystemError.last }
    }
  }

  /// Writes every byte.
  func write(_ bytes: [UInt8]) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw SystemError.last
      }
    }
  }

  func synchronize() throws(SystemError) {
    // EINVAL: a pipe or a device, which has nothing to synchronize.
    if fsync(descriptor) != 0, errno != EINVAL { throw SystemError.last }
  }

  /// The size of a regular file, nil for anything else.
  var size: Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The whole of a small file; EFBIG if it has more than `limit` bytes.
  static func contents(of path: String, limit: Int = .max) throws(SystemError) -> [UInt8] {
    let file = try File(path: path, flags: O_RDONLY)
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      if bytes.count > limit { throw SystemError(errno: EFBIG) }
    }
  }

  /// Replaces the file at `path` in one step: whoever reads it sees the old content or the new, never a half.
  static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    let temporary = path + ".tmp"
    do {
      let file = try File(path: temporary, flags: O_WRONLY | O_CREAT | O_TRUNC)
      try file.write(bytes)
      try file.synchronize()
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  static func rename(_ from: String, to: String) throws(SystemError) {
    if Glibc.rename(from, to) != 0 { throw SystemError.last }
  }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Whether something is there that is no regular file: a folder, a device, a pipe, a link.
  static func isOther(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
  }

  /// Takes the file for this process (flock(2)) as long as it is open; EWOULDBLOCK if another has it.
  func lock() throws(SystemError) {
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 { throw SystemError.last }
  }

  func truncate() throws(SystemError) {
    if ftruncate(descriptor, 0) != 0 { throw SystemError.last }
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The folder that holds `path`.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes a folder and those above it that are missing.
  static func makeFolder(_ path: String) throws(SystemError) {
    if isFolder(path) { return }
    let parent = folder(of: path)
    if parent != path, parent != "." { try makeFolder(parent) }
    if mkdir(path, 0o777) != 0, errno != EEXIST { throw SystemError.last }
    if !isFolder(path) { throw SystemError(errno: ENOTDIR) }
  }
}

/// `errno` of a call that failed.
struct SystemError: Error, Equatable {
  let errno: Int32

  static var last: SystemError { SystemError(errno: Glibc.errno) }
}
