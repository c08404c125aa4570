// What the tests of this module share: a folder of their own, a small report, golden files, seeded randomness.

import Glibc
import Testing

@testable import BenchmarkReport

func text(of path: String) throws -> String { String(decoding: try File.contents(of: path), as: UTF8.self) }

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return mix(state)
  }
}

let ring = CaseIdentity(runtime: "swift", topology: "ring", backLink: "weak", nodes: 1000, payload: 0)
let tree = CaseIdentity(runtime: "swift", topology: "tree2", backLink: "strong", nodes: 20, payload: 16)

let facts = EnvironmentFacts(
  glibcVersion: "2.36", pageSize: 4096, transparentHugePages: "madvise", glibcTunables: nil, mallocVariables: [:],
  preload: nil, architecture: "x86_64", swiftVersion: "6.3.1", optimization: "release", kernelRelease: "6.1.0",
  cpuModel: "A processor", cores: 2, memoryBytes: 8_000_000_000, cgroupMemoryLimitBytes: nil,
  operatingSystem: "Debian GNU/Linux 12 (bookworm)")

let meta = ReportMeta(
  toolVersion: "0.1.0", runID: "run-20261123T063400Z-1a2b3c", suite: "quick",
  options: ["run", "--suite", "quick", "--output", "a.csv"], seed: 7, startTime: "2026-11-23T06:34:00Z",
  endTime: "2026-11-23T06:34:59Z", complete: true, environment: facts, warnings: ["a warning"])

/// The four rows of a good sample, readings made of small numbers that are told apart.
func sample(_ identity: CaseIdentity, repetition: Int = 0, leaked: Int64 = 240, live: Int64 = 0) -> [ReportRow] {
  Phase.allCases.map { phase in
    let step = Int64(phase.rawValue)
    let inUse: [Int64] = [1000, 97_000, 1000 + leaked, 1000 + leaked]
    return ReportRow(
      runID: meta.runID, envID: facts.envID, suite: "quick", identity: identity, repetition: repetition,
      orderIndex: repetition * 2, seed: 7, phase: phase,
      readings: CheckpointReadings(
        rssBytes: [4_096_000, 4_296_000, 4_286_000, 4_100_096][Int(step)], pssBytes: 3_000_000 + step,
        privateDirtyBytes: 2_000_000 + step, anonHugeBytes: 0, peakRSSBytes: 4_300_000 + step,
        heapInUseBytes: inUse[Int(step)], heapFreeBytes: 500 + step, heapArenaBytes: 135_168, heapMmapBytes: 0,
        heapTrimmableBytes: 400, usableBytes: phase == .built ? 40_000 : nil,
        liveObjects: phase == .built ? 1000 : live,
        deinits: phase.rawValue > 1 ? 1000 : 0, minorFaults: 900 + step,
        phaseNanoseconds: phase == .before ? nil : 50_000 * step))
  }
}

func failed(_ identity: CaseIdentity, _ status: SampleStatus, _ phase: Phase, repetition: Int = 0) -> ReportRow {
  ReportRow(
    runID: meta.runID, envID: facts.envID, suite: "quick", identity: identity, repetition: repetition,
    orderIndex: repetition * 2 + 1, seed: 7, phase: phase, status: status)
}

/// Two good samples and a failed one: nine rows.
let smallReport = sample(ring) + [failed(tree, .timeout, .built)] + sample(ring, repetition: 1)

func csv(_ rows: [ReportRow]) throws -> String {
  var encoder = RowEncoder()
  var bytes = RowEncoder.header
  for row in rows {
    try encoder.encode(row)
    bytes += encoder.line
  }
  return String(decoding: bytes, as: UTF8.self)
}

let allColumns = Set(ColumnName.allCases)

/// Compares with `Golden/NAME`; with WEAKSPOT_RECORD set it writes the file, and fails.
func expectGolden(_ actual: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let path = String(#filePath.dropLast("Fixtures.swift".count)) + "Golden/" + name
  if getenv("WEAKSPOT_RECORD") != nil {
    try File.makeFolder(File.folder(of: path))
    try File.replace(path, with: Array(actual.utf8))
    Issue.record("recorded \(name)", sourceLocation: sourceLocation)
  } else {
    #expect(try text(of: path) == actual, sourceLocation: sourceLocation)
  }
}
