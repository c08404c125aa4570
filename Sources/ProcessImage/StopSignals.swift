import Glibc

/// The signals by which a terminal stops a program: SIGTSTP (Ctrl-Z), SIGTTIN, SIGTTOU. If one stopped the inspector while
/// the inspected process stands still, that would stand as long. So threads block them around it, and take them
/// afterwards. SIGSTOP cannot be blocked (signal(7)).
enum StopSignals {
  private static var set: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGTSTP, SIGTTIN, SIGTTOU] { sigaddset(&set, signal) }
    return set
  }

  /// What `body` comes to, with these signals blocked in the calling thread and in those that it starts.
  static func blocked<Value, Failure>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    var stops = set
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &stops, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
  }

  /// Lets the calling thread take them.
  static func unblock() {
    var stops = set
    pthread_sigmask(SIG_UNBLOCK, &stops, nil)
  }
}
