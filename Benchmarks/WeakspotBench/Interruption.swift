import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM while a benchmark runs: the run is cancelled, keeps what it measured, and ends with its status.
enum Interruption {
  private struct State {
    var cancel: (@Sendable () -> Void)?
    var signal: Int32?
  }

  private static let state = Mutex(State())

  /// Names the task that an interruption cancels.
  static func cancelling(_ task: Task<Never, Never>) {
    state.withLock { $0.cancel = { task.cancel() } }
  }

  /// From here on the two signals cancel instead of ending the process.
  static func arm() {
    // A file that may not grow is then an error of the write, which is told with its path.
    signal(SIGXFSZ, SIG_IGN)
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        let cancel = state.withLock { state in
          state.signal = state.signal ?? number
          return state.cancel
        }
        cancel?()
      }
      source.resume()
      // The source lives as long as the process: its handler keeps it.
      source.setCancelHandler { withExtendedLifetime(source) {} }
    }
  }

  /// The status for the signal that came.
  static var status: ExitStatus { state.withLock { $0.signal } == SIGTERM ? .terminated : .interrupted }
}
