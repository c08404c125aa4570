internal import Glibc

/// Blocks and bytes, as a recording tells them: exact if every block was recorded, else estimated from the samples.
///
/// A block of s bytes is a sample with probability p = 1 − e^(−(s + 1) / mean) (one byte more, so that blocks of no bytes
/// count), so that each sample stands for 1/p blocks and s/p
/// bytes (Horvitz and Thompson's estimator, without bias at any size). The variance is estimated by the sum of
/// (1 − p)/p² of the samples, for bytes times s².
package struct RecordedTotals: Equatable, Sendable {
  /// How many blocks were seen, unweighted.
  package private(set) var samples = 0
  package private(set) var blocks = 0.0
  package private(set) var bytes = 0.0
  private var blocksVariance = 0.0
  private var bytesVariance = 0.0

  package init() {}

  /// One standard error; 0 if every block was recorded.
  package var blocksError: Double { blocksVariance.squareRoot() }
  package var bytesError: Double { bytesVariance.squareRoot() }

  /// - Parameter mean: Bytes between two samples on average; `nil`: every block was recorded.
  package mutating func add(size: Int, mean: Double?) {
    samples += 1
    guard let mean else {
      blocks += 1
      bytes += Double(size)
      return
    }
    let probability = -expm1(-(Double(size) + 1) / mean)
    let size = Double(size)
    blocks += 1 / probability
    bytes += size / probability
    let variance = (1 - probability) / (probability * probability)
    blocksVariance += variance
    bytesVariance += variance * size * size
  }

  package mutating func add(_ other: RecordedTotals) {
    samples += other.samples
    blocks += other.blocks
    bytes += other.bytes
    blocksVariance += other.blocksVariance
    bytesVariance += other.bytesVariance
  }
}
