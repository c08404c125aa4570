/// The samples of a report: per case, in order of first appearance, how each ended and what its metrics are.
package struct SampleTable: Sendable {
  /// A case and where its samples lie in the flat arrays.
  package struct Case: Sendable {
    package let identity: CaseIdentity
    package let samples: Range<Int>
    /// Samples whose status is ok.
    package let goodCount: Int
  }

  /// What stands for a quotient that is missing; `Report.missing` does for integers.
  package static let missingReal = Double.nan

  /// The columns to ask `Report.read` for; a metric of which a column was not asked for has no values.
  package static let columns: Set<ColumnName> = [.rss, .peakRSS, .heapInUse, .liveObjects, .phaseNanoseconds]

  /// Below this a rest after every object was deinited is what tcache keeps, and is shown as 0.
  package static let tidyLimit: Int64 = 4096

  /// In order of first appearance.
  package private(set) var cases: [Case] = []
  /// Per sample, as the report has it.
  package private(set) var repetition: [Int32] = []
  /// Per sample, the position of its run in `Report.runIDs`.
  package private(set) var runIndex: [Int32] = []
  package private(set) var status: [SampleStatus] = []
  /// Per sample, its place in the order of the run; empty if the column was not asked for.
  package private(set) var orderIndex: [Int64] = []
  /// Per sample, leaked bytes as measured.
  package private(set) var rawLeakedBytes: [Int64] = []
  /// Per sample, heap in use at trimmed − at before, as measured.
  package private(set) var heapTrimmedBytes: [Int64] = []
  /// Per sample, whether `leakedBytes` is 0 and the raw value is not.
  package private(set) var isLeakTidied: [Bool] = []
  package private(set) var warnings: [String] = []

  private var integers: [Metric: [Int64]] = [:]
  private var reals: [Metric: [Double]] = [:]

  package var sampleCount: Int { status.count }

  /// A metric of every sample, `Report.missing` where it has none; nil for a metric that is a quotient.
  package func integers(_ metric: Metric) -> [Int64]? { integers[metric] }

  /// A metric of every sample, NaN where it has none; nil for a metric of whole numbers.
  package func reals(_ metric: Metric) -> [Double]? { reals[metric] }

  /// The values that the samples of a case have, without those that are missing, in order of first appearance.
  package func values(_ metric: Metric, ofCase index: Int) -> [Double] {
    let samples = cases[index].samples
    if let integers = integers[metric] {
      return integers[samples].filter { $0 != Report.missing }.map { Double($0) }
    }
    return (reals[metric]?[samples]).map { $0.filter { !$0.isNaN } } ?? []
  }

  /// The same for a metric of whole numbers; empty for a quotient.
  package func integerValues(_ metric: Metric, ofCase index: Int) -> [Int64] {
    (integers[metric]?[cases[index].samples]).map { $0.filter { $0 != Report.missing } } ?? []
  }

  /// Groups the rows of a report into samples.
  ///
  /// A sample whose rows say ok and that lacks a checkpoint is damage; in a partial file it is the sample that was being
  /// written, and is left out with a warning.
  package init(_ report: Report) throws(ReportError) {
    let found = try SampleRows.collect(report, &warnings)
    // A stable counting sort by case.
    var counts = [Int](repeating: 0, count: report.cases.count)
    for sample in found { counts[Int(sample.caseIndex)] += 1 }
    var next: [Int] = []
    var total = 0
    for count in counts {
      next.append(total)
      total += count
    }
    var good = [Int](repeating: 0, count: counts.count)
    var order = [Int](repeating: 0, count: found.count)
    for (number, sample) in found.enumerated() {
      let index = Int(sample.caseIndex)
      order[next[index]] = number
      next[index] += 1
      if sample.status == .ok { good[index] += 1 }
    }
    for (index, identity) in report.cases.enumerated() where counts[index] > 0 {
      cases.append(Case(identity: identity, samples: next[index] - counts[index]..<next[index], goodCount: good[index]))
    }
    let samples = order.map { found[$0] }
    repetition = samples.map { report.repetition[Int($0.first)] }
    runIndex = samples.map { report.runIndex[Int($0.first)] }
    status = samples.map(\.status)
    if let column = report[.orderIndex] { orderIndex = samples.map { column[Int($0.first)] } }
    let readings = Readings(report, samples)
    integers = readings.integers()
    for (metric, phase) in [(Metric.buildNanosecondsPerNode, Phase.built), (.releaseNanosecondsPerNode, .released)] {
      reals[metric] = zip(readings.values(.phaseNanoseconds, phase), samples).map { time, sample in
        let nodes = report.cases[Int(sample.caseIndex)].nodes
        return time == Report.missing ? Self.missingReal : Double(time) / Double(nodes)
      }
    }
    let raw = readings.difference(.heapInUse, .released, .before)
    isLeakTidied = zip(raw, readings.values(.liveObjects, .released)).map { bytes, live in
      live == 0 && bytes != Report.missing && bytes != 0 && abs(bytes) < Self.tidyLimit
    }
    integers[.leakedBytes] = zip(raw, isLeakTidied).map { $1 ? 0 : $0 }
    rawLeakedBytes = raw
    heapTrimmedBytes = readings.difference(.heapInUse, .trimmed, .before)
  }
}

/// Readings of samples, through the rows of a report; an array has a value per sample.
private struct Readings {
  private let report: Report
  private let samples: [SampleRows]

  init(_ report: Report, _ samples: [SampleRows]) {
    self.report = report
    self.samples = samples
  }

  func values(_ column: ColumnName, _ phase: Phase) -> [Int64] {
    guard let values = report[column] else { return samples.map { _ in Report.missing } }
    return samples.map { sample in
      let row = Int(sample.rows[Int(phase.rawValue)])
      return row < 0 ? Report.missing : values[row]
    }
  }

  func difference(_ column: ColumnName, _ later: Phase, _ earlier: Phase) -> [Int64] {
    zip(values(column, later), values(column, earlier)).map(subtract)
  }

  /// The metrics of whole numbers, without leaked bytes, which need a second look.
  func integers() -> [Metric: [Int64]] {
    [
      .leakedObjects: values(.liveObjects, .released),
      .builtBytes: difference(.heapInUse, .built, .before),
      .residentBuiltBytes: difference(.rss, .built, .before),
      .residentTrimmedBytes: difference(.rss, .trimmed, .before),
      .residentReleasedBytes: difference(.rss, .released, .before),
      .keptBytes: difference(.rss, .released, .trimmed),
      .returnedBytes: difference(.rss, .built, .trimmed),
      .peakBytes: zip(highestPeak(), values(.rss, .before)).map(subtract),
    ]
  }

  /// Readings are 0 or more, so that a difference cannot overflow.
  private func subtract(_ minuend: Int64, _ subtrahend: Int64) -> Int64 {
    minuend == Report.missing || subtrahend == Report.missing ? Report.missing : minuend - subtrahend
  }

  /// The highest peak after `before`; missing if one of them is, as that may be the highest.
  private func highestPeak() -> [Int64] {
    let (built, released, trimmed) = (
      values(.peakRSS, .built), values(.peakRSS, .released), values(.peakRSS, .trimmed)
    )
    return samples.indices.map { index in
      let least = min(built[index], released[index], trimmed[index])
      return least == Report.missing ? Report.missing : max(built[index], released[index], trimmed[index])
    }
  }
}
