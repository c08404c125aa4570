import TestSupport
import Testing

@testable import BenchmarkReport

@Suite("What a page draws of a report")
struct ReportSeriesTests {
  private func series(_ rows: [ReportRow], backLinks: [String] = ["strong", "weak"]) throws -> ReportSeries {
    let folder = ScratchFolder()
    let path = try folder.write(csv(rows), to: "a.csv")
    let report = try Report.read(path: path, columns: SampleTable.columns)
    return ReportSeries(try SampleTable(report), topologies: ["ring", "tree2"], backLinks: backLinks)
  }

  @Test func `has the medians of each step and the times of each good sample`() throws {
    let series = try series(
      (0..<3).flatMap { sample(ring, repetition: $0, leaked: 240 + Int64($0)) } + [
        failed(ring, .oom, .built, repetition: 3)
      ])
    let entry = try #require(series.cases.first)
    #expect(Phase.allCases.map { entry.heap[$0] } == [0, 96_000, 241, 241])
    #expect(Phase.allCases.map { entry.resident[$0] } == [0, 200_000, 190_000, 4096])
    #expect(entry.buildNanosecondsPerNode == [50, 50, 50])
    #expect(entry.releaseNanosecondsPerNode == [100, 100, 100])
    #expect(entry.summary.isLeakTidied)
  }

  @Test func `has no steps for a case of failed samples alone`() throws {
    let entry = try #require(series([failed(ring, .timeout, .built)]).cases.first)
    #expect(Phase.allCases.map { entry.heap[$0] } == [nil, nil, nil, nil])
    #expect(entry.buildNanosecondsPerNode.isEmpty)
  }

  @Test func `joins the sizes of a series, and fits those of two or more`() throws {
    var large = ring
    large.nodes = 2000
    var other = ring
    other.payload = 8
    var series = try series(sample(large) + sample(ring) + sample(other) + [failed(tree, .oom, .built)])
    var asked: [[Double]] = []
    series.fitGrowth { points in
      asked.append(points.map(\.x))
      return ReportSeries.Fit(bytesPerNode: 1, lower: 0, upper: 2)
    }
    #expect(asked == [[1000, 2000]])
    #expect(series.growth.map { $0.points.map(\.identity.nodes) } == [[1000, 2000], [1000], []])
    #expect(series.growth.map(\.payload) == [0, 8, 16])
    #expect(series.growth.map { $0.fit == nil } == [false, true, true])
    #expect(series.growth[0].points.map(\.bytesPerNode) == [96, 48])
  }

  @Test func `keeps the place of back links that it knows`() throws {
    #expect(try series(sample(ring), backLinks: ["strong"]).backLinks == ["strong", "weak"])
    #expect(try series(sample(ring), backLinks: ["strong", "weak", "x"]).backLinks == ["strong", "weak", "x"])
  }
}
