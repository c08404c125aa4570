/// What was inspected, and how.
package struct TargetFacts: Equatable, Sendable {
  /// How a command that was run for its inspection ended.
  package enum Ending: Equatable, Sendable {
    case exited(status: Int32)
    case killed(signal: Int32)
  }

  package var pid: Int32
  package var executable: String
  /// As far as it can be told: `6.3.1`.
  package var swiftVersion: String?
  /// `2.36`.
  package var libcVersion: String?
  /// `nil` for a process that was running already.
  package var ending: Ending?
  /// For how long its threads stood still.
  package var pauseNanoseconds: UInt64
  /// From the first look at it to the finished report, pause included.
  package var analysisNanoseconds: UInt64
  /// Bytes of its memory that were copied.
  package var copiedBytes: Int

  package init(
    pid: Int32, executable: String, swiftVersion: String? = nil, libcVersion: String? = nil, ending: Ending? = nil,
    pauseNanoseconds: UInt64, analysisNanoseconds: UInt64 = 0, copiedBytes: Int
  ) {
    self.pid = pid
    self.executable = executable
    self.swiftVersion = swiftVersion
    self.libcVersion = libcVersion
    self.ending = ending
    self.pauseNanoseconds = pauseNanoseconds
    self.analysisNanoseconds = analysisNanoseconds
    self.copiedBytes = copiedBytes
  }
}
