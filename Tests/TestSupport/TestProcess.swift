import Glibc

/// A program that a test has started, with its stdin and stdout at hand. Ended with the object at the latest.
package final class TestProcess: @unchecked Sendable {
  // Safety: used by one test, one call after the other.

  package let pid: Int32
  private var input: Int32
  private let output: Int32
  private var pending: [UInt8] = []
  private var ending: Int32?

  /// The path of what is called `name` beside the executable that runs the tests: a built program, as a rule.
  package static func path(_ name: String) -> String {
    var folder = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false)
    folder[folder.count - 1] = Substring(name)
    return folder.joined(separator: "/")
  }

  /// - Parameters:
  ///   - path: A file, or a name on the PATH.
  ///   - environment: `NAME=VALUE` each; `nil` for this process's own.
  ///   - ownGroup: Whether it leads a process group of its own. In a group without a parent of the same session outside, a
  ///     terminal's stop signals do nothing.
  package init(_ path: String, _ arguments: [String] = [], environment: [String]? = nil, ownGroup: Bool = false) throws
  {
    // Sockets, since they close on exec from the beginning: other tests start programs at the same time.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    var ends: [Int32] = [-1, -1, -1, -1]
    let hasPairs = ends.withUnsafeMutableBufferPointer {
      socketpair(AF_UNIX, kind, 0, $0.baseAddress) == 0 && socketpair(AF_UNIX, kind, 0, $0.baseAddress! + 2) == 0
    }
    guard hasPairs else { throw TestFailure("no sockets: \(errno)") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[3], 1)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The thread of a pool, which runs a test, blocks most signals.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | (ownGroup ? Int16(POSIX_SPAWN_SETPGROUP) : 0))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: Int32 = 0
    let result: Int32
    if let environment {
      var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
      defer { for variable in variables { free(variable) } }
      result = posix_spawnp(&pid, path, &actions, &attributes, &words, &variables)
    } else {
      result = posix_spawnp(&pid, path, &actions, &attributes, &words, environ)
    }
    close(ends[0])
    close(ends[3])
    self.pid = pid
    input = ends[1]
    output = ends[2]
    guard result == 0 else {
      ending = 0
      throw TestFailure("\(path): \(String(cString: strerror(result)))")
    }
  }

  /// Runs a command to its end, which must be a success.
  package static func run(_ command: [String]) throws {
    let process = try TestProcess(command[0], Array(command.dropFirst()))
    let ending = process.wait()
    guard ending == 0 else { throw TestFailure("\(command.joined(separator: " ")): \(ending)") }
  }

  deinit {
    if ending == nil {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    if input >= 0 { close(input) }
    close(output)
  }

  package func write(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    // To one that has ended, too: `line()` tells.
    _ = send(input, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  package func closeInput() {
    close(input)
    input = -1
  }

  /// The next line of output; `nil` at its end, or when there is none for a minute.
  package func line() -> String? {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        defer { pending.removeSubrange(...end) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 60_000) != 0 else { return nil }
      let count = read(output, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return nil }
      pending += buffer[..<count]
    }
  }

  /// The lines before the one that is `last`.
  package func lines(before last: String) throws -> [String] {
    var lines: [String] = []
    while let line = line() {
      if line == last { return lines }
      lines.append(line)
    }
    var ended = siginfo_t()
    waitid(P_PID, id_t(pid), &ended, WEXITED | WNOHANG | WNOWAIT)
    let state = ended.si_signo == SIGCHLD ? "has ended, by status or signal \(ended._sifields._sigchld.si_status)," : ""
    throw TestFailure("process \(pid) \(state) has not said \(last), but \(lines)")
  }

  /// Whether nobody has its stdout any more, at once or within ten seconds.
  package func hasClosedOutput() -> Bool {
    var byte: UInt8 = 0
    var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 10_000) == 1 && read(output, &byte, 1) == 0
  }

  /// Waits until it stops: the signal; `nil` if it ends instead.
  package func waitForStop() -> Int32? {
    var status: Int32 = 0
    while waitpid(pid, &status, WUNTRACED) == -1 && errno == EINTR {}
    if status & 0xff == 0x7f { return (status >> 8) & 0xff }
    ending = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    return nil
  }

  /// Waits for the end: the exit status, or minus the signal.
  package func wait() -> Int32 {
    if let ending { return ending }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1 && errno == EINTR {}
    let result = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    ending = result
    return result
  }
}
