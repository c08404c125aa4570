import CProcess
import Glibc

/// Small files of `/proc` that are read whole.
enum ProcFile {
  /// The bytes that are left in an open file; `nil` with `errno` set if it cannot be read.
  static func contents(of descriptor: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var count = 0
    while true {
      let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        return nil
      }
      count += got
      if bytes.count - count < 1 << 12 { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
    }
    bytes.removeSubrange(count...)
    return bytes
  }

  /// The text of the file `path`, relative to `folder`; `nil` with `errno` set if it cannot be read.
  static func text(_ path: String, in folder: Int32 = AT_FDCWD) -> String? {
    let descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return contents(of: descriptor).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A file that holds one number.
  static func number(_ path: String) -> Int? {
    text(path).flatMap { $0.split(whereSeparator: \.isWhitespace).first }.flatMap { Int($0) }
  }

  static func threadIDs(of process: Int32) -> [Int32] {
    threadIDs(Glibc.open("/proc/\(process)/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
  }

  /// The numbers that the folder of threads `opened` has; closes it. Empty if it is -1.
  static func threadIDs(_ opened: Int32) -> [Int32] {
    guard opened >= 0, let stream = fdopendir(opened) else {
      if opened >= 0 { close(opened) }
      return []
    }
    defer { closedir(stream) }
    var ids: [Int32] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let id = Int32(name) { ids.append(id) }
    }
    return ids
  }

  static func status(of process: String) -> ProcessStatus? {
    text("/proc/\(process)/status").flatMap { ProcessStatus.parse($0) }
  }
}

/// The folder `/proc/PID`, held open: whatever process gets the number later, this stays the one that was opened.
final class ProcessFolder: Sendable {
  let pid: Int32
  private let descriptor: Int32

  init(pid: Int32) throws(ProcessError) {
    self.pid = pid
    descriptor = wsp_open_folder("/proc/\(pid)")
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ESRCH { throw .noSuchProcess(pid: pid) }
      throw .failed(pid: pid, operation: "open /proc/\(pid)", errno: errno)
    }
  }

  deinit { close(descriptor) }

  /// The error for a failed access to a file of this folder.
  func failure(_ name: String, errno: Int32) -> ProcessError {
    switch errno {
    case ESRCH, ENOENT: .exited(pid: pid)
    case EACCES, EPERM: .notPermitted(pid: pid, .current(for: text("status").flatMap { ProcessStatus.parse($0) }))
    default: .failed(pid: pid, operation: "read /proc/\(pid)/\(name)", errno: errno)
    }
  }

  func text(_ name: String) -> String? { ProcFile.text(name, in: descriptor) }

  func requiredText(_ name: String) throws(ProcessError) -> String {
    guard let text = text(name) else { throw failure(name, errno: errno) }
    return text
  }

  func status() throws(ProcessError) -> ProcessStatus {
    guard let status = ProcessStatus.parse(try requiredText("status")) else { throw .exited(pid: pid) }
    return status
  }

  /// An open file of the folder; the caller closes it.
  func open(_ name: String) throws(ProcessError) -> Int32 {
    let opened = openat(descriptor, name, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw failure(name, errno: errno) }
    return opened
  }

  /// The same, or -1 where it cannot be opened.
  func opened(_ name: String) -> Int32 { openat(descriptor, name, O_RDONLY | O_CLOEXEC) }

  /// Where a symbolic link leads, as text.
  func link(_ name: String) -> String? {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer -> String? in
      let count = readlinkat(descriptor, name, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  /// The threads' numbers, in the kernel's order; empty if the process has ended.
  func threadIDs() -> [Int32] { ProcFile.threadIDs(openat(descriptor, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
}
