import Glibc
import Synchronization

/// A thread of the system, for what must not run on a shared one: `ptrace` belongs to the thread that seized.
struct SystemThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let thread: pthread_t

  /// `nil` if the system has no room for another thread.
  init?(_ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(run))
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    guard result == 0 else {
      body.release()
      return nil
    }
    self.thread = thread
  }

  func join() { pthread_join(thread, nil) }

  /// Lets a thread, this one or another process's, take no processor from those that are wanted elsewhere (setpriority(2): on Linux
  /// each thread has a nice value of its own).
  static func giveWay(_ thread: Int32 = 0) {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(thread), 10)
  }

  /// What `body` comes to on a thread of its own. At that thread's end the kernel lets go of whatever it still traces,
  /// stopped or not. No terminal stops this process meanwhile, unless `body` lets it (`StopSignals`).
  static func run<Value: Sendable>(
    pid: Int32, _ body: @escaping @Sendable () throws(ProcessError) -> Value
  ) throws(ProcessError) -> Value {
    let outcome = Outcome<Value>()
    let hasRun = StopSignals.blocked {
      let thread = SystemThread {
        do throws(ProcessError) {
          outcome.set(.success(try body()))
        } catch {
          outcome.set(.failure(error))
        }
      }
      thread?.join()
      return thread != nil
    }
    guard hasRun else { throw .failed(pid: pid, operation: "start a thread", errno: EAGAIN) }
    guard let result = outcome.get() else { throw .exited(pid: pid) }
    return try result.get()
  }

  private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, ProcessError>?>(nil)
    func set(_ result: Result<Value, ProcessError>) { value.withLock { $0 = result } }
    func get() -> Result<Value, ProcessError>? { value.withLock { $0 } }
  }
}
