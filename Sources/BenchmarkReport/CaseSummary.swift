/// What the samples of one case say together: the figures of a row of `weakspot-bench show`.
package struct CaseSummary: Sendable, Equatable {
  /// The least, the median and the greatest of a case's values. Of an even number the lower of the two middle values is
  /// taken, so that a median is always a value that was measured.
  package struct Spread: Sendable, Equatable {
    package let least: Double
    package let median: Double
    package let greatest: Double

    package init?(_ values: [Double]) {
      let sorted = values.sorted()
      guard let least = sorted.first, let greatest = sorted.last else { return nil }
      self.least = least
      self.greatest = greatest
      median = sorted[(sorted.count - 1) / 2]
    }
  }

  package let identity: CaseIdentity
  package let goodSamples: Int
  /// How the failed samples ended, one entry each.
  package let failures: [SampleStatus]
  /// Heap bytes of the built graph.
  package let builtBytes: Spread?
  /// The same, divided by its nodes.
  package let bytesPerNode: Spread?
  package let leakedBytes: Spread?
  package let leakedObjects: Spread?
  package let keptBytes: Spread?
  package let returnedBytes: Spread?
  package let buildNanosecondsPerNode: Spread?
  package let releaseNanosecondsPerNode: Spread?
  /// Whether a rest below `SampleTable.tidyLimit` is shown as no leak.
  package let isLeakTidied: Bool
}

extension SampleTable {
  /// A summary of each case, in the order of `CaseOrder`.
  package func summaries(topologies: [String], backLinks: [String]) -> [CaseSummary] {
    let order = CaseOrder(topologies: topologies, backLinks: backLinks)
    return cases.indices.map(summary).sorted { order.precedes($0.identity, $1.identity) }
  }

  private func summary(ofCase index: Int) -> CaseSummary {
    let entry = cases[index]
    func spread(_ metric: Metric) -> CaseSummary.Spread? { CaseSummary.Spread(values(metric, ofCase: index)) }
    let nodes = Double(entry.identity.nodes)
    return CaseSummary(
      identity: entry.identity, goodSamples: entry.goodCount,
      failures: status[entry.samples].filter { $0 != .ok },
      builtBytes: spread(.builtBytes),
      bytesPerNode: CaseSummary.Spread(values(.builtBytes, ofCase: index).map { $0 / nodes }),
      leakedBytes: spread(.leakedBytes), leakedObjects: spread(.leakedObjects),
      keptBytes: spread(.keptBytes), returnedBytes: spread(.returnedBytes),
      buildNanosecondsPerNode: spread(.buildNanosecondsPerNode),
      releaseNanosecondsPerNode: spread(.releaseNanosecondsPerNode),
      isLeakTidied: entry.samples.contains { isLeakTidied[$0] })
  }
}
