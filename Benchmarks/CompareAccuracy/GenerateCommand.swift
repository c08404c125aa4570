import ArgumentParser
import BenchmarkReport
import RegressionCompare
import SeededRandom

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Write a report of invented samples: bytes that repeat, pages and times that stray.")

  @Argument(help: "The report; an existing one is overwritten.")
  var report: String

  @Option(help: "Cases.")
  var cases = 12_500

  @Option(help: "Samples of each case.")
  var runs = 20

  @Option(help: "Seed of what strays.")
  var seed: UInt64 = 1

  func validate() throws {
    guard (1...1_000_000).contains(cases), (1...1_000_000).contains(runs) else {
      throw ValidationError("--cases and --runs: give 1 to 1000000")
    }
  }

  func run() throws {
    // One environment for all of them, so that they can be compared.
    let meta = ReportMeta(
      toolVersion: "generated", runID: "run-generated-\(seed)", suite: "generated", options: [], seed: seed,
      startTime: "2026-01-01T00:00:00Z", endTime: "2026-01-01T00:00:00Z", complete: true, environment: .current())
    let writer = try ReportWriter(path: report, force: true, meta: meta)
    var generator = SplitMix64(seed: seed)
    for position in 0..<cases {
      let identity = CaseIdentity(
        runtime: "swift", topology: "ring", backLink: position.isMultiple(of: 2) ? "strong" : "weak",
        nodes: 1_000 + position, payload: 0)
      for repetition in 0..<runs {
        for phase in Phase.allCases {
          let readings = Self.readings(identity, phase, &generator)
          try writer.append(
            ReportRow(
              runID: meta.runID, envID: meta.environment.envID, suite: meta.suite, identity: identity,
              repetition: repetition, orderIndex: position * runs + repetition, seed: 1, phase: phase,
              readings: readings))
        }
      }
    }
    try writer.finish(meta: meta)
  }

  /// A ring whose bytes follow from its nodes; resident memory strays by up to 28 KiB, times by a third.
  private static func readings(
    _ identity: CaseIdentity, _ phase: Phase, _ generator: inout SplitMix64
  ) -> CheckpointReadings {
    let nodes = Int64(identity.nodes)
    let isStrong = identity.backLink == "strong"
    let built = nodes * (isStrong ? 48 : 96)
    let isAlive = phase == .built || phase != .before && isStrong
    let page: Int64 = 4_096
    let stray = Int64(generator.next(below: 8)) * page
    let heap = 170_000 + (isAlive ? built : 0)
    let resident = 6_000_000 / page * page + (phase == .before ? 0 : stray) + (isAlive ? built / page * page : 0)
    let live = phase == .before || phase != .built && !isStrong ? 0 : nodes
    return CheckpointReadings(
      rssBytes: resident, pssBytes: resident, privateDirtyBytes: resident, anonHugeBytes: 0,
      peakRSSBytes: resident + stray, heapInUseBytes: heap, heapFreeBytes: 1_000, heapArenaBytes: heap + 1_000,
      heapMmapBytes: 0, heapTrimmableBytes: 1_000, usableBytes: phase == .built ? nodes * 40 : 0, liveObjects: live,
      deinits: phase == .before ? 0 : nodes - live, minorFaults: 1_000,
      phaseNanoseconds: phase == .before ? nil : nodes * 60 + Int64(generator.next(below: Int(nodes) * 20)))
  }
}
