/// One line that says how far a run has come, for a terminal: a bar, counts, and the time left.
package enum ProgressLine {
  /// - Parameters:
  ///   - fraction: Share of the work that is done, 0 to 1.
  ///   - elapsed: Seconds since the start.
  ///   - width: Characters of the terminal's line; the text is one shorter at least, so that the line does not wrap.
  package static func text(
    done: Int, total: Int, fraction: Double, elapsed: Double, label: String, width: Int
  ) -> String {
    var left = ""
    // Before there is something to go by, say nothing.
    if fraction > 0.01, fraction < 1 {
      left = ", " + Quantity.duration(seconds: elapsed / fraction * (1 - fraction)) + " left"
    }
    let counts = "\(Quantity.count(done))/\(Quantity.count(total))\(left)"
    let barWidth = 20
    let filled = Int((fraction * Double(barWidth)).rounded(.down))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
    let forms = ["\(bar) \(counts)  \(label)", "\(bar) \(counts)", counts]
    return forms.first { $0.count < width } ?? String(counts.prefix(max(0, width - 1)))
  }
}
