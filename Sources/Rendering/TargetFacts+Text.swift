import LeakAnalysis

extension TargetFacts {
  /// What was inspected and what that took, in a sentence or two.
  var sentence: String {
    var text = "\(executable), pid \(pid)"
    if let swiftVersion { text += ", Swift \(swiftVersion)" }
    if let libcVersion { text += ", glibc \(libcVersion)" }
    text += "; \(ending == nil ? "stopped" : "held at its exit") for \(Self.milliseconds(pauseNanoseconds))"
    text += ", \(Quantity.bytes(Double(copiedBytes))) copied, done in \(Self.milliseconds(analysisNanoseconds))."
    switch ending {
    case .exited(let status)?: text += " It exited with status \(status)."
    case .killed(let signal)?: text += " It was ended by signal \(signal)."
    case nil: break
    }
    return text
  }

  /// `9.1 ms`, `312 ms`, `4.2 s`.
  static func milliseconds(_ nanoseconds: UInt64) -> String {
    let milliseconds = Double(nanoseconds) / 1e6
    if milliseconds >= 1000 { return Quantity.fixed(milliseconds / 1000, digits: 1) + " s" }
    return Quantity.fixed(milliseconds, digits: milliseconds < 100 ? 1 : 0) + " ms"
  }
}
