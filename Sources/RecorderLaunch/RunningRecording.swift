internal import Glibc
package import Recording
internal import Synchronization

/// The recording that a running process writes.
package enum RunningRecording {
  /// A path under `/proc` by which the recording of `pid` can be opened; `nil` if it makes none, or may not be looked at.
  ///
  /// A fork child that has not allocated yet still holds its parent's recording, so that the process which the header
  /// names counts. Missed where the program has closed the descriptor, as daemons close all.
  package static func path(pid: Int32) -> String? {
    do throws(RecorderLaunchError) {
      return try find(pid: pid)
    } catch {
      return nil
    }
  }

  /// As `path(pid:)`, with the reason where there is none.
  package static func find(pid: Int32) throws(RecorderLaunchError) -> String {
    let folder = "/proc/\(pid)/fd"
    guard let entries = opendir(folder) else {
      throw errno == ENOENT || errno == ESRCH ? .noSuchProcess(pid: pid) : .notPermitted(pid: pid)
    }
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
    throw .notRecorded(pid: pid)
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

/// The recording of a process that is about to end, held open beyond that end.
package final class HeldRecording: Sendable {
  private let descriptor = Mutex<CInt>(-1)

  package init() {}

  deinit { descriptor.withLock { if $0 >= 0 { close($0) } } }

  /// Holds the recording of `pid`, if it makes one. From any thread.
  package func hold(pid: Int32) {
    guard let path = RunningRecording.path(pid: pid) else { return }
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    descriptor.withLock { held in
      if held >= 0 { close(held) }
      held = opened
    }
  }

  /// What was held; `nil` if there was nothing.
  package func read() throws(RecordingError) -> Recording? {
    let number = descriptor.withLock { $0 }
    guard number >= 0 else { return nil }
    return try Recording(from: RecordingFile(descriptor: number, name: "the recording"))
  }
}
