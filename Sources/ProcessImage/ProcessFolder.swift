import CProcess
import Glibc

/// The folder `/proc/PID`, held open: whatever process gets the number later, this stays the one that was opened.
final class ProcessFolder: Sendable {
  let pid: Int32
  /// A thread that has the process's memory: the first, or another where that one has ended and others run on.
  let memoryThread: Int32
  private let descriptor: Int32
  /// The folder of `memoryThread`.
  private let memoryDescriptor: Int32

  init(pid: Int32) throws(ProcessError) {
    self.pid = pid
    descriptor = try Self.open(pid, pid)
    let thread = Self.threadWithMemory(of: pid)
    memoryThread = thread
    do throws(ProcessError) {
      memoryDescriptor = try Self.open(thread, pid)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit {
    close(descriptor)
    close(memoryDescriptor)
  }

  private static func open(_ thread: Int32, _ pid: Int32) throws(ProcessError) -> Int32 {
    let opened = wsp_open_folder("/proc/\(thread)")
    guard opened >= 0 else {
      if errno == ENOENT || errno == ESRCH { throw .noSuchProcess(pid: pid) }
      throw .failed(pid: pid, operation: "open /proc/\(thread)", errno: errno)
    }
    return opened
  }

  private static func threadWithMemory(of pid: Int32) -> Int32 {
    guard ProcFile.status(of: String(pid))?.state == "Z" else { return pid }
    return ProcFile.threadIDs(of: pid).first { thread in
      guard let state = ProcFile.status(of: String(thread))?.state else { return false }
      return state != "Z" && state != "X"
    } ?? pid
  }

  /// The error for a failed access to a file of this folder.
  func failure(_ name: String, errno: Int32) -> ProcessError {
    switch errno {
    case ESRCH, ENOENT: .exited(pid: pid)
    case EACCES, EPERM: .notPermitted(pid: pid, .current(for: text("status").flatMap { ProcessStatus.parse($0) }))
    default: .failed(pid: pid, operation: "read /proc/\(pid)/\(name)", errno: errno)
    }
  }

  func text(_ name: String) -> String? { ProcFile.text(name, in: memoryDescriptor) }

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
    let opened = opened(name)
    guard opened >= 0 else { throw failure(name, errno: errno) }
    return opened
  }

  /// The same, or -1 where it cannot be opened.
  func opened(_ name: String) -> Int32 { openat(memoryDescriptor, name, O_RDONLY | O_CLOEXEC) }

  /// Where a symbolic link leads, as text.
  func link(_ name: String) -> String? {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer -> String? in
      let count = readlinkat(
        memoryDescriptor, name, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  /// Whether its paths lead where ours lead: it has our mount namespace and our root.
  var seesOurFiles: Bool {
    let own = wsp_open_folder("/")
    let (root, namespace) = (opened("root"), opened("ns/mnt"))
    let ownNamespace = Glibc.open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC)
    defer { for opened in [own, root, namespace, ownNamespace] where opened >= 0 { close(opened) } }
    func isSame(_ one: Int32, _ other: Int32) -> Bool {
      var (first, second) = (wsp_file_identity(), wsp_file_identity())
      return one >= 0 && other >= 0 && wsp_identify(one, &first) == 0 && wsp_identify(other, &second) == 0
        && first.inode == second.inode && first.device == second.device
    }
    return isSame(own, root) && isSame(namespace, ownNamespace)
  }

  /// The threads' numbers, in the kernel's order; empty if the process has ended.
  func threadIDs() -> [Int32] { ProcFile.threadIDs(openat(descriptor, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
}
