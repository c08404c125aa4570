import Glibc

/// What this process does at a signal: by handlers, since what it ignored would stay ignored in the commands that it starts
/// or becomes (execve(2)).
enum Signals {
  /// What was ignored when we were started (nohup(1), a script's background) stays so, for us and for the command.
  ///
  /// - Parameter handler: Sendable, since any thread may be the one that takes the signal: a closure of the main actor would trap
  ///   on the others.
  static func handle(_ number: Int32, _ handler: @escaping @convention(c) @Sendable (Int32) -> Void) {
    var before = sigaction()
    sigaction(number, nil, &before)
    guard !isIgnored(before) else { return }
    signal(number, handler)
  }

  static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
