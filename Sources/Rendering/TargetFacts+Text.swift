package import LeakAnalysis

extension TargetFacts {
  /// What was inspected and what that took, in a sentence or two.
  var sentence: String {
    var text = "\(executable), pid \(pid)"
    if let swiftVersion { text += ", Swift \(swiftVersion)" }
    if let libcVersion { text += ", glibc \(libcVersion)" }
    text += "; \(ending == nil ? "stopped" : "held at its exit") for \(Self.milliseconds(pauseNanoseconds))"
    text += ", \(Quantity.bytes(Double(copiedBytes))) copied, done in \(Self.milliseconds(analysisNanoseconds))."
    if let ending { text += " " + ending.sentence }
    return text
  }

  /// `9.1 ms`, `312 ms`, `4.2 s`.
  static func milliseconds(_ nanoseconds: UInt64) -> String {
    let milliseconds = Double(nanoseconds) / 1e6
    if milliseconds >= 1000 { return Quantity.fixed(milliseconds / 1000, digits: 1) + " s" }
    return Quantity.fixed(milliseconds, digits: milliseconds < 100 ? 1 : 0) + " ms"
  }
}

extension TargetFacts.Ending {
  package var sentence: String {
    switch self {
    case .exited(let status): "It exited with status \(status)."
    case .killed(let signal): "It was ended by signal \(signal)."
    }
  }
}
