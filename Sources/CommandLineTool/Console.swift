import Glibc
import Synchronization

/// The process's three streams, and the terminal behind them.
package enum Console {
  /// The executable that speaks, as its users know it. Set once, by `main`, before anything is said.
  nonisolated(unsafe) package static var tool = "weakspot"

  package static func out(_ text: String) {
    if let code = write(text, to: STDOUT_FILENO) { outFailure.store(code, ordering: .relaxed) }
  }

  /// What stderr does not take is lost: there is nobody left to tell.
  package static func error(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// `errno` of a write to stdout that failed, 0 if none did: what a command could not say is a failure of its own.
  private static let outFailure = Atomic<Int32>(0)

  /// The command's status, or that of a stdout that could not be written.
  package static func settled(_ status: ExitStatus) -> ExitStatus {
    let code = outFailure.load(ordering: .relaxed)
    guard code != 0 else { return status }
    complain("stdout: cannot be written: \(String(cString: strerror(code)))")
    return status == .success ? .failure : status
  }

  package static func complain(_ text: String) { error("\(tool): \(text)\n") }
  package static func warn(_ text: String) { error("\(tool): warning: \(text)\n") }

  /// Whether a write to stderr returns at once: a terminal can be told to wait (Ctrl-S).
  package static var errorTakesText: Bool {
    var stream = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    return poll(&stream, 1, 0) == 1 && stream.revents & Int16(POLLOUT) != 0
  }

  package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Characters of the terminal's line; `nil` where stdout is no terminal.
  package static var outWidth: Int? { width(of: STDOUT_FILENO) }
  package static var errorWidth: Int? { width(of: STDERR_FILENO) }

  private static func width(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes all of it. A reader that went away ends this process by SIGPIPE, as any filter.
  ///
  /// - Returns: `errno` if it fails.
  package static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return errno }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      return nil
    }
  }
}
