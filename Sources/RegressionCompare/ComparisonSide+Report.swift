package import BenchmarkReport

extension ComparisonSide {
  /// The columns that a comparison needs; `anon_huge_bytes` tells of huge pages where no meta file does.
  package static let columns = SampleTable.columns.union([.anonHuge, .seed])

  /// What a report says for a comparison; leaked bytes are those that `show` shows, but without the thread cache, which
  /// then keeps no rest, as they were measured.
  ///
  /// - Parameters:
  ///   - report: Read with `columns`.
  ///   - samples: The samples of that report.
  package init(_ report: Report, _ samples: SampleTable, order: CaseOrder) {
    let tidies = !(report.meta?.environment.hasNoThreadCache ?? false)
    let seeds = Self.seeds(report)
    let cases = samples.cases.indices
      .sorted { order.precedes(samples.cases[$0].identity, samples.cases[$1].identity) }
      .map { ComparisonCase(samples, index: $0, seeds: seeds[samples.cases[$0].identity] ?? [], tidies: tidies) }
    self.init(
      label: report.path, cases: cases, environmentIDs: report.envIDs, runIDs: report.runIDs,
      hugePages: Self.hugePages(report),
      warnings: report.warnings + samples.warnings + (report.meta?.warnings ?? []))
  }

  /// The meta file's facts decide; the column only where there is none.
  private static func hugePages(_ report: Report) -> HugePages {
    guard let meta = report.meta else {
      return report[.anonHuge]?.contains { $0 > 0 } == true ? .seen : .notExpected
    }
    return meta.environment.hugePagesFact.map { .stated($0) } ?? .notExpected
  }

  private static func seeds(_ report: Report) -> [CaseIdentity: Set<Int64>] {
    guard let column = report[.seed] else { return [:] }
    var seeds = [Set<Int64>](repeating: [], count: report.cases.count)
    var latest = [Int64](repeating: Report.missing, count: report.cases.count)
    for (row, seed) in column.enumerated() {
      let index = Int(report.caseIndex[row])
      if seed != latest[index], seed != Report.missing {
        seeds[index].insert(seed)
        latest[index] = seed
      }
    }
    return Dictionary(zip(report.cases, seeds)) { $0.union($1) }
  }
}

extension EnvironmentFacts {
  /// The fact by which malloc's memory may lie on huge pages: `always`, or the tunable `glibc.malloc.hugetlb` (glibc
  /// manual, “Memory Allocation Tunables”) above 0; nil: none does.
  package var hugePagesFact: String? {
    if transparentHugePages == "always" { return "transparentHugePages is always" }
    guard let value = tunable("glibc.malloc.hugetlb"), value.contains(where: { $0 != "0" }) else { return nil }
    return "GLIBC_TUNABLES has glibc.malloc.hugetlb=\(value)"
  }

  /// Whether `glibc.malloc.tcache_count` is 0, so that free gives back what it can.
  package var hasNoThreadCache: Bool { tunable("glibc.malloc.tcache_count") == "0" }

  /// Where a tunable is set twice, the last one holds.
  private func tunable(_ name: String) -> Substring? {
    let prefix = name + "="
    return (glibcTunables ?? "").split(separator: ":").last { $0.hasPrefix(prefix) }?.dropFirst(prefix.count)
  }
}

extension ComparisonCase {
  /// The topology whose graphs are drawn by the seed.
  private static let seededTopology = "random"

  init(_ samples: SampleTable, index: Int, seeds: Set<Int64>, tidies: Bool) {
    let entry = samples.cases[index]
    let tidied = tidies ? entry.samples.filter { samples.isLeakTidied[$0] } : []
    self.init(
      name: entry.identity.description, samples: entry.goodCount,
      failedSamples: entry.samples.count - entry.goodCount,
      values: Metric.compared.compactMap { metric in
        if metric.isInteger {
          let values =
            metric == .leakedBytes && !tidies
            ? samples.rawLeakedBytes[entry.samples].filter { $0 != Report.missing }
            : samples.integerValues(metric, ofCase: index)
          return values.isEmpty ? nil : MetricValues(metric, integers: values)
        }
        let values = samples.values(metric, ofCase: index)
        return values.isEmpty ? nil : MetricValues(metric, reals: values)
      }, seeds: seeds, isSeeded: entry.identity.topology == Self.seededTopology,
      tidied: tidied.map { samples.rawLeakedBytes[$0].magnitude }.max().map {
        TidiedRests(samples: tidied.count, greatest: $0)
      })
  }
}
