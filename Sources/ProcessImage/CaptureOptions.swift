extension Snapshot {
  /// Steps of a capture, in their order.
  package enum Stage: String, CaseIterable, Sendable {
    /// What there is to copy was listed.
    case planned
    /// The copy has its memory.
    case populated
    /// Threads were asked to stop; some may not have yet.
    case seized
    /// All threads stand still.
    case stopped
    /// The process has made its frozen copy, and stands in the call that made it: with `forks` only.
    case forked
    /// A part was copied. Comes again and again, from several threads.
    case copying
    /// All was copied; the threads still stand.
    case copied
    /// The threads run on.
    case resumed
    /// The files were read.
    case finished
  }

  package struct Progress: Sendable {
    package var stage: Stage
    package var copiedBytes: Int
    package var totalBytes: Int
  }

  package struct Options: Sendable {
    /// Threads that copy; `nil`: two where there are processors for them, one for a frozen copy.
    package var copyThreads: Int?
    /// Whether to let the process make a frozen copy of itself by `fork`, and read that: a shorter pause. If the
    /// inspector dies in the milliseconds between injecting and restoring, the process is harmed.
    package var forks = false
    /// Called at each step, at times while the process stands still: it must return at once.
    package var progress: (@Sendable (Progress) -> Void)?

    package init(
      copyThreads: Int? = nil, forks: Bool = false, progress: (@Sendable (Progress) -> Void)? = nil
    ) {
      self.copyThreads = copyThreads
      self.forks = forks
      self.progress = progress
    }
  }
}
