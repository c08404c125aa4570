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
