import BenchmarkReport
import FoundationEssentials
import RegressionCompare
import TestSupport
import Testing

/// What a comparison takes from a report.
@Suite("Sides made from reports")
struct ReportSideTests {
  private static let identities = ["b", "a"].map {
    CaseIdentity(runtime: "swift", topology: "ring", backLink: $0, nodes: 10, payload: 0)
  }

  private static func facts(_ hugePages: String, tunables: String? = nil) -> EnvironmentFacts {
    EnvironmentFacts(
      glibcVersion: "2.36", pageSize: 4096, transparentHugePages: hugePages, glibcTunables: tunables,
      mallocVariables: [:], preload: nil, architecture: "x86_64", swiftVersion: "6.3.1", optimization: "release",
      kernelRelease: "6.1", cpuModel: nil, cores: 2, memoryBytes: nil, cgroupMemoryLimitBytes: nil,
      operatingSystem: nil)
  }

  /// Writes two cases of two good samples and a failed one, and reads them back.
  private static func side(
    _ facts: EnvironmentFacts, anonHuge: Int64 = 0, keepsMeta: Bool = true
  ) throws -> ComparisonSide {
    let folder = ScratchFolder()
    let path = folder["r.csv"]
    let meta = ReportMeta(
      toolVersion: "0", runID: "r", suite: "s", options: [], seed: 1, startTime: "", environment: facts)
    let writer = try ReportWriter(path: path, force: false, meta: meta)
    for identity in identities {
      for repetition in 0..<2 {
        for phase in Phase.allCases {
          let heap: Int64 = phase == .before ? 100 : phase == .built ? 580 : identity.backLink == "a" ? 340 : 4_900
          try writer.append(
            ReportRow(
              runID: "r", envID: facts.envID, suite: "s", identity: identity, repetition: repetition, orderIndex: 0,
              seed: 1, phase: phase,
              readings: CheckpointReadings(
                rssBytes: 4_096, anonHugeBytes: anonHuge, heapInUseBytes: heap,
                liveObjects: phase == .built ? 10 : 0, phaseNanoseconds: phase == .before ? nil : 70)))
        }
      }
      try writer.append(
        ReportRow(
          runID: "r", envID: facts.envID, suite: "s", identity: identity, repetition: 2, orderIndex: 0, seed: 1,
          phase: .built, status: .oom))
    }
    try writer.finish(meta: meta)
    if !keepsMeta { try FileManager.default.removeItem(atPath: folder["r.meta.json"]) }
    let report = try Report.read(path: path, columns: ComparisonSide.columns)
    return ComparisonSide(
      report, try SampleTable(report), order: CaseOrder(topologies: ["ring"], backLinks: ["a", "b"]))
  }

  @Test("cases come in the order of their names' lists, with good and failed samples and the leak that show shows")
  func cases() throws {
    let side = try Self.side(Self.facts("madvise"))
    #expect(side.cases.map(\.name) == ["swift/ring/a/n=10/p=0", "swift/ring/b/n=10/p=0"])
    #expect(side.cases.map(\.samples) == [2, 2])
    #expect(side.cases.map(\.failedSamples) == [1, 1])
    #expect(side.environmentIDs == [Self.facts("madvise").envID])
    func values(_ metric: Metric, _ index: Int) -> MetricValues.Samples? {
      side.cases[index].values.first { $0.metric == metric }?.samples
    }
    // 240 bytes that the thread cache keeps are no leak, 4,800 are.
    for (index, leaked) in [Int64(0), 4_800].enumerated() {
      guard case .integers(let integers) = values(.leakedBytes, index) else {
        Issue.record("no leaked bytes")
        continue
      }
      #expect(integers == [leaked, leaked])
    }
    guard case .reals(let times) = values(.buildNanosecondsPerNode, 0) else {
      Issue.record("no times")
      return
    }
    #expect(times == [7, 7])
    #expect(values(.peakBytes, 0) == nil)
    #expect(values(.keptBytes, 0) == nil)
  }

  @Test(
    "huge pages are possible where the meta file says so; a checkpoint that has some counts only without a meta file",
    arguments: [
      ("madvise", nil, 0, true, .notExpected), ("madvise", nil, 2_097_152, true, .notExpected),
      ("never", nil, 0, true, .notExpected), ("always", nil, 0, true, .stated("transparentHugePages is always")),
      (
        "madvise", "glibc.malloc.hugetlb=1", 0, true,
        .stated("GLIBC_TUNABLES has glibc.malloc.hugetlb=1")
      ),
      ("madvise", "glibc.malloc.tcache_count=0:glibc.malloc.hugetlb=0", 0, true, .notExpected),
      ("madvise", "glibc.malloc.hugetlb=1:glibc.malloc.hugetlb=0", 0, true, .notExpected),
      ("always", nil, 0, false, .notExpected), ("always", nil, 2_097_152, false, .seen),
    ] as [(String, String?, Int64, Bool, HugePages)])
  func hugePages(mode: String, tunables: String?, anonHuge: Int64, keepsMeta: Bool, expected: HugePages) throws {
    let side = try Self.side(Self.facts(mode, tunables: tunables), anonHuge: anonHuge, keepsMeta: keepsMeta)
    #expect(side.hugePages == expected)
  }

  @Test("what the thread cache keeps counts as 0, with what it was; without the cache it is measured")
  func tidied() throws {
    let tidied = try Self.side(Self.facts("madvise", tunables: "glibc.malloc.tcache_count=7"))
    #expect(tidied.cases.map(\.tidied) == [TidiedRests(samples: 2, greatest: 240), nil])
    let exact = try Self.side(Self.facts("madvise", tunables: "glibc.malloc.tcache_count=0"))
    #expect(exact.cases.map(\.tidied) == [nil, nil])
    let leaked = exact.cases.map { item in item.values.first { $0.metric == .leakedBytes }?.samples }
    for (samples, bytes) in zip(leaked, [Int64(240), 4_800]) {
      guard case .integers(let integers) = samples else {
        Issue.record("no leaked bytes")
        continue
      }
      #expect(integers == [bytes, bytes])
    }
  }

  @Test("a side knows its run, and its cases their seed")
  func runAndSeed() throws {
    let side = try Self.side(Self.facts("madvise"))
    #expect(side.runIDs == ["r"])
    #expect(side.cases.map(\.seeds) == [[1], [1]])
    #expect(side.cases.map(\.isSeeded) == [false, false])
  }
}
