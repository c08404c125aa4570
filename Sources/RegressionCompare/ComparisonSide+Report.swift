package import BenchmarkReport

extension ComparisonSide {
  /// The columns that a comparison needs; `anon_huge_bytes` tells of huge pages where no meta file does.
  package static let columns = SampleTable.columns.union([.anonHuge])

  /// What a report says for a comparison; leaked bytes are those that `show` shows.
  ///
  /// - Parameters:
  ///   - report: Read with `columns`.
  ///   - samples: The samples of that report.
  package init(_ report: Report, _ samples: SampleTable, order: CaseOrder) {
    let cases = samples.cases.indices
      .sorted { order.precedes(samples.cases[$0].identity, samples.cases[$1].identity) }
      .map { ComparisonCase(samples, index: $0) }
    self.init(
      label: report.path, cases: cases, environmentIDs: report.envIDs,
      hugePagesPossible: Self.hugePagesPossible(report),
      warnings: report.warnings + samples.warnings + (report.meta?.warnings ?? []))
  }

  /// Huge pages could apply where the kernel gives them to everyone or glibc asks for them, and did where a checkpoint
  /// has some.
  private static func hugePagesPossible(_ report: Report) -> Bool {
    if let facts = report.meta?.environment, facts.allowsHugePages { return true }
    return report[.anonHuge]?.contains { $0 > 0 } ?? false
  }
}

extension EnvironmentFacts {
  /// Whether malloc's memory may lie on huge pages: `always`, or the tunable `glibc.malloc.hugetlb` (glibc manual,
  /// “Memory Allocation Tunables”) above 0.
  package var allowsHugePages: Bool {
    if transparentHugePages == "always" { return true }
    return (glibcTunables ?? "").split(separator: ":").contains {
      $0.hasPrefix("glibc.malloc.hugetlb=") && $0 != "glibc.malloc.hugetlb=0"
    }
  }
}

extension ComparisonCase {
  init(_ samples: SampleTable, index: Int) {
    let entry = samples.cases[index]
    self.init(
      name: entry.identity.description, samples: entry.goodCount,
      failedSamples: entry.samples.count - entry.goodCount,
      values: Metric.compared.compactMap { metric in
        if metric.isInteger {
          let values = samples.integerValues(metric, ofCase: index)
          return values.isEmpty ? nil : MetricValues(metric, integers: values)
        }
        let values = samples.values(metric, ofCase: index)
        return values.isEmpty ? nil : MetricValues(metric, reals: values)
      })
  }
}
