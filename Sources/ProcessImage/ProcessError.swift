import Glibc

/// Why a process cannot be inspected, each case with the fact, the cause and the remedy as text.
package enum ProcessError: Error, Sendable, Equatable, CustomStringConvertible {
  case noSuchProcess(pid: Int32)
  /// `/proc` numbers processes otherwise than system calls do here.
  case foreignNumbers(pid: Int32)
  /// The number is a thread's that is not its process's first.
  case threadOfAnother(thread: Int32, process: Int32, name: String)
  /// The inspector was told to inspect itself.
  case itself(pid: Int32)
  case zombie(pid: Int32, name: String, parent: Int32?)
  case kernelThread(pid: Int32, name: String)
  case alreadyTraced(pid: Int32, tracer: Int32, tracerName: String?)
  case notPermitted(pid: Int32, Permission)
  /// It ended while it was looked at.
  case exited(pid: Int32)
  /// It executed another program while it was looked at.
  case executed(pid: Int32)
  /// A copy would take more memory than there is. `available` is `nil` where the limit is not known.
  case wouldNotFit(pid: Int32, needed: Int, available: Int?, limit: String)
  /// There is no address space for one of its files, so that what it has could not be named.
  case cannotMap(pid: Int32, path: String)
  case thirtyTwoBit(pid: Int32, path: String)
  /// The inspector was built for a machine on which it was never tried.
  case unsupportedMachine(String)
  /// A thread does not stop: it waits in the kernel for what cannot be interrupted.
  case cannotStop(pid: Int32, thread: Int32, milliseconds: Int)
  /// `--fork` is not possible; the process was not changed.
  case cannotFork(pid: Int32, reason: String)
  /// The command is not there, or cannot be executed.
  case cannotStart(command: String, errno: Int32)
  /// A system call failed that should not.
  case failed(pid: Int32, operation: String, errno: Int32)

  package var description: String {
    switch self {
    case .noSuchProcess(let pid):
      return "\(pid): no such process; it has ended, or it lives in another PID namespace (a container), where it has "
        + "another number"
    case .foreignNumbers(let pid):
      return "\(pid): /proc is another PID namespace's, where another process may have this number, or is not there; "
        + "mount this one's (mount -t proc proc /proc), or run the inspector outside"
    case .threadOfAnother(let thread, let process, let name):
      return "\(thread): a thread of process \(process) (\(name)), not a process; give \(process)"
    case .itself(let pid):
      return "\(pid): this is the inspector itself, which cannot stop itself; give another process"
    case .zombie(let pid, let name, let parent):
      let cause = parent.map { "its parent, \($0), has not asked how" } ?? "its parent has not asked how"
      return "\(pid): \(name) has ended and left no memory (a zombie): \(cause); use `-- COMMAND` to inspect a program "
        + "at its end"
    case .kernelThread(let pid, let name):
      return "\(pid): \(name) is a thread of the kernel and has no memory of its own; give a program's process"
    case .alreadyTraced(let pid, let tracer, let tracerName):
      let by = tracerName.map { "\(tracer) (\($0))" } ?? "\(tracer)"
      return "\(pid): already traced by process \(by), and a process has one tracer; detach or end that one first"
    case .notPermitted(let pid, let permission):
      return "\(pid): not permitted to inspect it: \(permission)"
    case .exited(let pid):
      return "\(pid): ended while it was inspected; use `-- COMMAND` to inspect a program at its end"
    case .executed(let pid):
      return "\(pid): executed another program while it was inspected; look again"
    case .wouldNotFit(let pid, let needed, let available, let limit):
      return
        "\(pid): a copy needs \(needed >> 20) MiB, and \(limit) \(available.map { "leaves \($0 >> 20) MiB" } ?? "has no room"); free memory, or raise "
        + "the limit"
    case .cannotMap(let pid, let path):
      return
        "\(pid): \(path) cannot be mapped: our address space (ulimit -v), or the number of mappings (vm.max_map_count), is "
        + "used up; raise the limit"
    case .thirtyTwoBit(let pid, let path):
      return "\(pid): \(path) is a 32-bit program; only 64-bit programs can be inspected"
    case .unsupportedMachine(let machine):
      return "\(machine): inspecting was built and tried for x86-64 alone; run it on an x86-64 machine"
    case .cannotStop(let pid, let thread, let milliseconds):
      return
        "\(pid): thread \(thread) did not stop within \(milliseconds) ms: it waits in the kernel for what cannot be "
        + "interrupted (a disk, a file server, a vfork child); the process runs on; try again later"
    case .cannotFork(let pid, let reason):
      return "\(pid): no frozen copy could be made: \(reason); leave out --fork"
    case .cannotStart(let command, let errno):
      return "\(command): cannot be started: \(String(cString: strerror(errno)))"
    case .failed(let pid, let operation, let errno):
      let isShort = errno == EAGAIN || errno == ENOMEM
      let remedy = isShort ? "; free memory, or raise the limits (ulimit -v, ulimit -u)" : ""
      return "\(pid): \(operation): \(String(cString: strerror(errno))); the process runs on\(remedy)"
    }
  }
}
