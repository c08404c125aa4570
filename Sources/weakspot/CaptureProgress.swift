import CommandLineTool
import ProcessImage
import Rendering
import Synchronization

/// How far a long copy has come, on stderr: on a terminal only, and gone when it is done.
final class CaptureProgress: Sendable {
  /// What is copied before a line is worth it: less takes no time that a person sees.
  private static let leastBytes = 256 << 20

  private let width = Console.errorWidth
  private let start = ContinuousClock.now
  private let lastPercent = Atomic<Int>(-1)

  /// May be called from several threads, while the target stands still: writes at most a hundred times.
  func show(_ progress: Snapshot.Progress) {
    guard let width, progress.stage == .copying, progress.totalBytes >= Self.leastBytes else { return }
    let fraction = Double(progress.copiedBytes) / Double(progress.totalBytes)
    let percent = Int(fraction * 100)
    guard lastPercent.exchange(percent, ordering: .relaxed) != percent, Console.errorTakesText else { return }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    Console.error(
      "\r\u{1B}[K"
        + ProgressLine.text(
          done: progress.copiedBytes >> 20, total: progress.totalBytes >> 20, fraction: fraction, elapsed: elapsed,
          label: "MiB copied", width: width))
  }

  func clear() {
    if lastPercent.load(ordering: .relaxed) >= 0 { Console.error("\r\u{1B}[K") }
  }
}
