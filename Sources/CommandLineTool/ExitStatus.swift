/// The exit statuses of both executables: one contract (README, “Exit status”).
package enum ExitStatus: Int32, Error {
  /// Fine: nothing regressed, no leak.
  case success = 0
  /// What the command looks for was found: a regression, a case that fails in the new report alone, a leak; or a
  /// self-test failed.
  case found = 1
  /// The work failed: a sample or an inspection failed, a file is missing or damaged, the disk is full.
  case failure = 2
  /// Not comparable: a missing case, another environment, a newer schema, too few good samples.
  case notComparable = 3
  /// The arguments are wrong.
  case usage = 64
  /// A command cannot be started, or not recorded, which was asked for.
  case cannotStart = 126
  case noSuchCommand = 127
  /// Ended by Ctrl-C; what was measured is kept, and an inspected process runs on.
  case interrupted = 130
  /// Ended by SIGTERM; what was measured is kept, and an inspected process runs on.
  case terminated = 143
}

/// A failure with its text and exit status.
package struct Failure: Error {
  package let status: ExitStatus
  package let text: String

  package init(_ status: ExitStatus, _ text: String) {
    self.status = status
    self.text = text
  }
}
