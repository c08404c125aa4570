import ArgumentParser
import BenchmarkRun
import GraphWorkloads

/// What is measured and how: the options of run, ab and calibrate.
struct MeasuringOptions: ParsableArguments {
  @Option(help: "quick, standard or scale.", transform: Self.suite)
  var suite: Suite = .quick

  @Option(help: .init("Topologies to build.", valueName: "list"), transform: ListArgument.topologies)
  var topology: [Topology]?

  @Option(help: .init("Kinds of back link.", valueName: "list"), transform: ListArgument.backLinks)
  var backLink: [BackLink]?

  @Option(help: .init("Numbers of nodes.", valueName: "list"), transform: ListArgument.counts)
  var nodes: [Int]?

  @Option(help: .init("Bytes of an [UInt8] in each node.", valueName: "list"), transform: ListArgument.byteCounts)
  var payload: [Int]?

  @Option(help: "Samples of each case.")
  var runs: Int?

  @Option(help: "Seed of the random links and of the order of the samples.", transform: Self.seed)
  var seed: UInt64 = 1

  @Flag(help: "Turn glibc's thread cache off in the samples.")
  var exact = false

  @Option(help: .init("End a sample that takes longer.", valueName: "seconds"))
  var timeout = 300

  @Option(
    help: .init("End a sample that takes more memory. Default: what is available.", valueName: "bytes"),
    transform: { try Count.parse($0, unit: .binary) })
  var memoryLimit: Int?

  @Flag(help: "Measure what may not fit into memory, and overwrite an existing report.")
  var force = false

  func validate() throws {
    guard (1...1_000_000).contains(timeout) else {
      throw ValidationError("--timeout \(timeout): give a number of seconds from 1 to 1000000")
    }
    if let memoryLimit, memoryLimit < 1 << 20 {
      throw ValidationError("--memory-limit \(memoryLimit): give at least 1M")
    }
    _ = try plan()
  }

  func plan() throws -> RunPlan {
    do {
      return try RunPlan(
        RunRequest(
          suite: suite, topologies: topology, backLinks: backLink, nodes: nodes, payloads: payload, runs: runs,
          seed: seed))
    } catch {
      throw ValidationError(error.description)
    }
  }

  private static func suite(_ name: String) throws -> Suite {
    guard let suite = Suite(name: name) else {
      throw ValidationError("no suite “\(name)”; there are: \(Suite.all.map(\.name).joined(separator: ", "))")
    }
    return suite
  }

  private static func seed(_ text: String) throws -> UInt64 {
    guard let seed = Int64(text), seed >= 0 else {
      throw ValidationError("“\(text)” is no seed; give a whole number from 0 to \(Int64.max)")
    }
    return UInt64(seed)
  }
}
