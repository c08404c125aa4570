import TestSupport
import Testing

@testable import BenchmarkReport

@Suite("Samples and their metrics")
struct SampleTableTests {
  let folder = ScratchFolder()

  private func table(_ rows: [ReportRow], name: String = "a.csv", columns: Set<ColumnName> = allColumns) throws
    -> SampleTable
  {
    try SampleTable(Report.read(path: folder.write(try csv(rows), to: name), columns: columns))
  }

  @Test("the metrics are the contract's, with their classes and gates")
  func metrics() {
    #expect(
      Metric.allCases.map { "\($0.name) \($0.metricClass) \($0.isGatedByDefault)" } == [
        "leaked_bytes exact true", "leaked_objects_count exact true", "built_bytes exact true",
        "resident_built_bytes quantised true", "resident_trimmed_bytes quantised true",
        "resident_released_bytes quantised false", "peak_bytes quantised false", "build_ns_per_node noisy false",
        "release_ns_per_node noisy false", "kept_bytes quantised false", "returned_bytes quantised false",
      ])
    #expect(Metric.allCases.filter { !$0.isCompared } == [.keptBytes, .returnedBytes])
  }

  @Test("each metric is the difference that the contract says")
  func values() throws {
    let table = try table(sample(ring))
    let expected: [Metric: Double] = [
      .leakedBytes: 0, .leakedObjects: 0, .builtBytes: 96_000, .residentBuiltBytes: 200_000,
      .residentTrimmedBytes: 4096, .residentReleasedBytes: 190_000, .peakBytes: 204_003,
      .buildNanosecondsPerNode: 50, .releaseNanosecondsPerNode: 100, .keptBytes: 185_904, .returnedBytes: 195_904,
    ]
    for metric in Metric.allCases {
      #expect(table.values(metric, ofCase: 0) == [expected[metric]!], "\(metric.name)")
      #expect((table.integers(metric) != nil) == metric.isInteger)
      #expect((table.reals(metric) != nil) != metric.isInteger)
    }
  }

  @Test(
    "a rest below 4 KiB after every deinit is shown as 0, and nothing else is",
    arguments: [
      (240, 0, 0), (0, 0, 0), (4095, 0, 0), (4096, 0, 4096), (-240, 0, 0), (48_000, 1000, 48_000), (240, 1, 240),
    ] as [(Int64, Int64, Int64)])
  func tidied(raw: Int64, live: Int64, shown: Int64) throws {
    let table = try table(sample(ring, leaked: raw, live: live))
    #expect(table.integerValues(.leakedBytes, ofCase: 0) == [shown])
    #expect(table.rawLeakedBytes == [raw])
    #expect(table.isLeakTidied == [raw != shown])
  }

  @Test("failed samples are counted and have no values")
  func failures() throws {
    let rows =
      sample(ring) + [failed(tree, .oom, .built)] + [failed(ring, .crashed, .built, repetition: 1)]
      + sample(ring, repetition: 2)
    let table = try table(rows)
    #expect(table.cases.map(\.identity) == [ring, tree])
    #expect(table.cases.map(\.samples) == [0..<3, 3..<4])
    #expect(table.cases.map(\.goodCount) == [2, 0])
    #expect(table.status == [.ok, .crashed, .ok, .oom])
    #expect(table.repetition == [0, 1, 2, 0])
    #expect(table.orderIndex == [0, 3, 4, 1])
    #expect(table.integerValues(.builtBytes, ofCase: 0) == [96_000, 96_000])
    #expect(table.values(.buildNanosecondsPerNode, ofCase: 1).isEmpty)
    #expect(table.integers(.builtBytes) == [96_000, Report.missing, 96_000, Report.missing])
  }

  @Test("rows of a sample need not follow each other")
  func scattered() throws {
    let rows = sample(ring) + sample(ring, repetition: 1) + sample(tree)
    var generator = SeededGenerator(state: 5)
    let table = try table(rows.shuffled(using: &generator))
    #expect(table.sampleCount == 3)
    #expect(table.cases.allSatisfy { $0.goodCount == $0.samples.count })
    #expect(table.integers(.builtBytes) == [96_000, 96_000, 96_000])
  }

  @Test("a missing reading leaves its metrics without a value, and only those")
  func missing() throws {
    var rows = sample(ring)
    rows[2].readings?.rssBytes = nil
    rows[3].readings?.peakRSSBytes = nil
    let table = try table(rows)
    #expect(table.values(.residentReleasedBytes, ofCase: 0).isEmpty)
    #expect(table.values(.keptBytes, ofCase: 0).isEmpty)
    #expect(table.values(.peakBytes, ofCase: 0).isEmpty)
    #expect(table.values(.residentBuiltBytes, ofCase: 0) == [200_000])
    #expect(table.values(.leakedBytes, ofCase: 0) == [0])
  }

  @Test("a column that was not asked for gives no values")
  func unasked() throws {
    let table = try table(sample(ring), columns: [.rss])
    #expect(table.values(.leakedBytes, ofCase: 0).isEmpty)
    #expect(table.values(.buildNanosecondsPerNode, ofCase: 0).isEmpty)
    #expect(table.values(.residentBuiltBytes, ofCase: 0) == [200_000])
    #expect(table.orderIndex.isEmpty)
  }

  @Test("the sample that was being written when the run died is left out with a warning")
  func incomplete() throws {
    let rows = sample(ring) + sample(ring, repetition: 1).dropLast()
    let table = try table(Array(rows), name: "a.csv.partial")
    #expect(table.sampleCount == 1)
    let path = folder["a.csv.partial"]
    #expect(table.warnings == ["\(path):6: \(ring) did not reach trimmed, and this sample is left out"])
  }
}
