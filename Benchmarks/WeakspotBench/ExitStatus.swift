/// The exit statuses of weakspot-bench (README, “Exit status”).
enum ExitStatus: Int32, Error {
  /// Fine; nothing regressed.
  case success = 0
  /// A regression, a case that fails in the new report alone, or a self-test that failed.
  case regression = 1
  /// The work failed: a sample failed, a report or policy is missing or damaged, the disk is full.
  case failure = 2
  /// Not comparable: a missing case, another environment, a newer schema, too few good samples.
  case notComparable = 3
  /// The arguments are wrong.
  case usage = 64
  /// Ended by Ctrl-C; what was measured is kept.
  case interrupted = 130
  /// Ended by SIGTERM; what was measured is kept.
  case terminated = 143
}
