import CommandLineTool
import HeapProbe
import Rendering

/// The progress line on stderr: on a terminal only, and gone when the run ends.
struct Progress {
  private let total: Int
  private let start = monotonicNanoseconds()

  init(total: Int) { self.total = total }

  func show(done: Int, fraction: Double, label: String) {
    guard let width = Console.errorWidth else { return }
    let elapsed = Double(monotonicNanoseconds() - start) / 1e9
    let line = ProgressLine.text(
      done: done, total: total, fraction: fraction, elapsed: elapsed, label: label, width: width)
    Console.error("\r\u{1B}[K" + line)
  }

  func clear() {
    if Console.errorIsTerminal { Console.error("\r\u{1B}[K") }
  }
}
