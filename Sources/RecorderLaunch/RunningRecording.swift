internal import Glibc
internal import Recording

/// The recording that a running process writes.
package enum RunningRecording {
  /// A path under `/proc` by which the recording of `pid` can be opened; `nil` if it makes none, or may not be looked at.
  ///
  /// A fork child that has not allocated yet still holds its parent's recording, so that the process which the header
  /// names counts. Missed where the program has closed the descriptor, as daemons close all.
  package static func path(pid: Int32) -> String? {
    let folder = "/proc/\(pid)/fd"
    guard let entries = opendir(folder) else { return nil }
    defer { closedir(entries) }
    let ownNumber = innermostNumber(pid: pid)
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
        String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      let path = "\(folder)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      if Recording.processID(ofRecordingAt: path) == ownNumber { return path }
    }
    return nil
  }

  /// The process's number in its own pid namespace (proc_pid_status(5), NSpid), which is the one that it knows itself by.
  private static func innermostNumber(pid: Int32) -> Int32 {
    let descriptor = open("/proc/\(pid)/status", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return pid }
    defer { close(descriptor) }
    let text = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    let numbers = lines.first { $0.hasPrefix("NSpid:") }?.split(separator: "\t")
    return numbers?.last.flatMap { Int32($0) } ?? pid
  }
}
