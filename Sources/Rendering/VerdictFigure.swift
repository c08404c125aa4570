package import BenchmarkReport

/// A figure of a case that every form of the verdict table shows, in the order of its columns.
package enum VerdictFigure: CaseIterable, Sendable {
  case bytesPerNode, leaked, kept, returned, build, release

  /// The heading of its column.
  package var title: String {
    switch self {
    case .bytesPerNode: "B/node"
    case .leaked: "leaked"
    case .kept: "kept"
    case .returned: "returned"
    case .build: "build ns"
    case .release: "release ns"
    }
  }

  /// What a page names the number it shows: the metric's name, where it is one.
  package var metricName: String {
    switch self {
    case .bytesPerNode: "bytes_per_node"
    case .leaked: Metric.leakedBytes.name
    case .kept: Metric.keptBytes.name
    case .returned: Metric.returnedBytes.name
    case .build: Metric.buildNanosecondsPerNode.name
    case .release: Metric.releaseNanosecondsPerNode.name
    }
  }

  package func spread(of summary: CaseSummary) -> CaseSummary.Spread? {
    switch self {
    case .bytesPerNode: summary.bytesPerNode
    case .leaked: summary.leakedBytes
    case .kept: summary.keptBytes
    case .returned: summary.returnedBytes
    case .build: summary.buildNanosecondsPerNode
    case .release: summary.releaseNanosecondsPerNode
    }
  }

  /// The median, a dash where there is none. Leaked bytes, which should be the same in all samples, are a range where
  /// they are not, and have a `*` where a rest is shown as 0.
  package func text(of summary: CaseSummary) -> String {
    guard let spread = spread(of: summary) else { return VerdictWords.absent }
    switch self {
    case .bytesPerNode: return Quantity.fixed(spread.median, digits: 1)
    case .leaked:
      let bytes = Self.range(spread)
      return summary.isLeakTidied ? bytes + "*" : bytes
    case .kept, .returned: return Quantity.bytes(spread.median)
    case .build, .release: return Quantity.fixed(spread.median, digits: 0)
    }
  }

  /// One figure where all samples agree, `≈` before it where they differ by less than it shows, else both ends.
  private static func range(_ spread: CaseSummary.Spread) -> String {
    let (least, greatest) = (Quantity.bytes(spread.least), Quantity.bytes(spread.greatest))
    if spread.least == spread.greatest { return least }
    return least == greatest ? "≈" + least : "\(least)…\(greatest)"
  }
}
