import CommandLineTool
import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM while a benchmark runs: the run is cancelled, keeps what it measured, and ends with its status.
///
/// The signals' handler writes to a pipe, and whoever reads it cancels. (A dispatch source for the signals themselves
/// would lose one that comes before the source is set up.)
enum Interruption {
  private struct State {
    var cancel: (@Sendable () -> Void)?
    var signal: Int32?
  }

  private static let state = Mutex(State())

  /// The pipe's end that the handler writes to. Set once, before the handler is.
  nonisolated(unsafe) private static var writeEnd: Int32 = -1

  /// Signals that came.
  private static let count = Atomic<Int>(0)

  /// Names the task that an interruption cancels.
  static func cancelling(_ task: Task<Never, Never>) {
    state.withLock { $0.cancel = { task.cancel() } }
  }

  /// From here on the two signals cancel instead of ending the process.
  static func arm() throws(Failure) {
    // A file that may not grow is then an error of the write, which is told with its path.
    signal(SIGXFSZ, SIG_IGN)
    // The first use of a global is no matter for a signal's handler.
    count.store(0, ordering: .relaxed)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failure(.failure, "no pipe for signals: errno \(errno)") }
    let readEnd = ends[0]
    writeEnd = ends[1]
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let source = DispatchSource.makeReadSource(fileDescriptor: readEnd, queue: .global())
    source.setEventHandler {
      var number: UInt8 = 0
      guard read(readEnd, &number, 1) == 1 else { return }
      let cancel = state.withLock { state in
        state.signal = state.signal ?? Int32(number)
        return state.cancel
      }
      cancel?()
    }
    // The source lives as long as the process: its handler keeps it.
    source.setCancelHandler { withExtendedLifetime(source) {} }
    source.resume()
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        let saved = errno
        // A third signal ends the process, whatever keeps it from ending by itself.
        if Interruption.count.wrappingAdd(1, ordering: .relaxed).newValue > 2 { _exit(128 + number) }
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interruption.writeEnd, &byte, 1)
        errno = saved
      }
    }
  }

  /// The status for the signal that came.
  static var status: ExitStatus { state.withLock { $0.signal } == SIGTERM ? .terminated : .interrupted }
}
