// What the tests of this module share: small reports, as a file on disk gives them, and golden files.

import Glibc
import TestSupport
import Testing

@testable import BenchmarkReport
@testable import Rendering

let facts = EnvironmentFacts(
  glibcVersion: "2.36", pageSize: 4096, transparentHugePages: "madvise", glibcTunables: nil,
  mallocVariables: ["MALLOC_ARENA_MAX": "1"], preload: nil, architecture: "x86_64", swiftVersion: "6.3.1",
  optimization: "release", kernelRelease: "6.1.0", cpuModel: "A processor", cores: 2, memoryBytes: 8_000_000_000,
  cgroupMemoryLimitBytes: nil, operatingSystem: "Debian GNU/Linux 12 (bookworm)")

let meta = ReportMeta(
  toolVersion: "0.1.0", runID: "run-1", suite: "quick",
  options: ["run", "--suite", "quick", "--output", "it's here.csv"], seed: 7, startTime: "2026-11-23T06:34:00Z",
  endTime: "2026-11-23T06:34:59Z", complete: true, environment: facts, warnings: ["a warning of the run"])

/// Bytes and nanoseconds of one sample, relative to `before`.
struct Shape {
  var built: Int64
  var released: Int64
  var trimmed: Int64
  var residentReleased: Int64
  var residentTrimmed: Int64
  var live: Int64
  var buildTime: Int64
  var releaseTime: Int64
}

func identity(
  _ backLink: String, nodes: Int, topology: String = "ring", runtime: String = "swift", payload: Int = 0
) -> CaseIdentity {
  CaseIdentity(runtime: runtime, topology: topology, backLink: backLink, nodes: nodes, payload: payload)
}

func sample(_ identity: CaseIdentity, _ shape: Shape, repetition: Int = 0) -> [ReportRow] {
  let heap: [Int64] = [0, shape.built, shape.released, shape.trimmed]
  let resident: [Int64] = [0, shape.built, shape.residentReleased, shape.residentTrimmed]
  let times: [Int64?] = [nil, shape.buildTime, shape.releaseTime, 5]
  return Phase.allCases.map { phase in
    let step = Int(phase.rawValue)
    return ReportRow(
      runID: "run-1", envID: facts.envID, suite: "quick", identity: identity, repetition: repetition,
      orderIndex: repetition, seed: 7, phase: phase,
      readings: CheckpointReadings(
        rssBytes: 9_000_000 + resident[step], peakRSSBytes: 9_000_000 + shape.built, heapInUseBytes: 1000 + heap[step],
        liveObjects: phase == .built ? Int64(identity.nodes) : phase == .before ? 0 : shape.live,
        phaseNanoseconds: times[step]))
  }
}

/// A graph that is not freed.
func leak(_ identity: CaseIdentity, bytesPerNode: Int64 = 48, repetition: Int = 0) -> [ReportRow] {
  let nodes = Int64(identity.nodes)
  let bytes = bytesPerNode * nodes
  return sample(
    identity,
    Shape(
      built: bytes, released: bytes, trimmed: bytes, residentReleased: bytes, residentTrimmed: bytes, live: nodes,
      buildTime: nodes * 60 + Int64(repetition), releaseTime: 100 + Int64(repetition)), repetition: repetition)
}

/// A graph that is freed, and whose pages stay resident until the heap is trimmed.
func clean(_ identity: CaseIdentity, bytesPerNode: Int64 = 96, repetition: Int = 0) -> [ReportRow] {
  let nodes = Int64(identity.nodes)
  let bytes = bytesPerNode * nodes
  return sample(
    identity,
    Shape(
      built: bytes, released: 240, trimmed: 240, residentReleased: bytes - 4096, residentTrimmed: 4096, live: 0,
      buildTime: nodes * 150 + Int64(repetition) * 7, releaseTime: nodes * 90 + Int64(repetition)),
    repetition: repetition)
}

func failed(_ identity: CaseIdentity, _ status: SampleStatus, repetition: Int = 0) -> ReportRow {
  ReportRow(
    runID: "run-1", envID: facts.envID, suite: "quick", identity: identity, repetition: repetition,
    orderIndex: repetition, seed: 7, phase: .built, status: status)
}

/// Strong and weak rings of two sizes with three samples each, one of which ran out of memory.
let smallReport: [ReportRow] =
  [1000, 20_000].flatMap { nodes in
    (0..<3).flatMap {
      leak(identity("strong", nodes: nodes), repetition: $0) + clean(identity("weak", nodes: nodes), repetition: $0)
    }
  } + [failed(identity("weak", nodes: 20_000), .oom, repetition: 3)]

/// What the file of a run with these rows reads as, or of a run that was killed.
func samples(_ rows: [ReportRow], isPartial: Bool = false) throws -> SampleTable {
  let folder = ScratchFolder()
  var encoder = RowEncoder()
  var bytes = RowEncoder.header
  for row in rows {
    try encoder.encode(row)
    bytes += encoder.line
  }
  let path = try folder.write(bytes, to: isPartial ? "report.csv.partial" : "report.csv")
  return try SampleTable(Report.read(path: path, columns: SampleTable.columns))
}

func series(_ rows: [ReportRow], isPartial: Bool = false) throws -> ReportSeries {
  var series = ReportSeries(
    try samples(rows, isPartial: isPartial), topologies: ["ring", "tree2"], backLinks: ["strong", "weak", "unowned"])
  series.fitGrowth { points in
    // Two sizes have one slope.
    let slope = (points[1].y - points[0].y) / (points[1].x - points[0].x)
    return ReportSeries.Fit(bytesPerNode: slope, lower: slope, upper: slope)
  }
  return series
}

func page(
  _ rows: [ReportRow], isPartial: Bool = false, meta: ReportMeta? = meta, warnings: [String] = []
) throws -> String {
  ReportPage(
    try series(rows, isPartial: isPartial),
    source: ReportPage.Source(
      name: "small.csv", suites: ["quick"], runIDs: ["run-1"], envIDs: [facts.envID], meta: meta, warnings: warnings),
    notes: ReportPage.Notes(
      topologies: [("ring", "each node owns the next")], backLinks: [("strong", "an owning reference")],
      caveats: ["swift": "counts atomically", "cpp": "does <not>"])
  ).html
}

func summaries(_ rows: [ReportRow]) throws -> [CaseSummary] { try series(rows).cases.map(\.summary) }

/// Compares with `Golden/NAME`; with WEAKSPOT_RECORD set it writes the file, and fails.
func expectGolden(_ actual: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let path = String(#filePath.dropLast("Fixtures.swift".count)) + "Golden/" + name
  if getenv("WEAKSPOT_RECORD") != nil {
    try File.makeFolder(File.folder(of: path))
    try File.replace(path, with: Array(actual.utf8))
    Issue.record("recorded \(name)", sourceLocation: sourceLocation)
  } else {
    #expect(try String(decoding: File.contents(of: path), as: UTF8.self) == actual, sourceLocation: sourceLocation)
  }
}

extension String {
  /// The parts between `start` and the next `end`, in order.
  func parts(between start: String, and end: String) -> [Substring] {
    var parts: [Substring] = []
    var rest = self[...]
    while let from = rest.firstRange(of: start) {
      rest = rest[from.upperBound...]
      guard let to = rest.firstRange(of: end) else { break }
      parts.append(rest[..<to.lowerBound])
      rest = rest[to.upperBound...]
    }
    return parts
  }
}

extension Substring {
  func firstRange(of text: String) -> Range<Index>? {
    var start = startIndex
    while start != endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      formIndex(after: &start)
    }
    return nil
  }
}
