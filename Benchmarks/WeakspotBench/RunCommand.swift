import ArgumentParser
import BenchmarkReport
import BenchmarkRun
import GraphWorkloads
import Rendering

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measure graphs and write a CSV report.",
    discussion: """
      Each sample is a process of its own: it builds a graph, drops its root and trims the heap, and is measured before
      and after each step. LISTs are comma-separated; counts and bytes take k, M, G (nodes: 1k = 1,000; bytes: 1,024).
      A list takes the place of the suite's own.
      """)

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

  @Option(help: .init("The report. Default: reports/weakspot-<UTC time>.csv.", valueName: "file"))
  var output: String?

  func validate() throws {
    guard (1...1_000_000).contains(timeout) else {
      throw ValidationError("--timeout \(timeout): give a number of seconds from 1 to 1000000")
    }
    if let memoryLimit, memoryLimit < 1 << 20 {
      throw ValidationError("--memory-limit \(memoryLimit): give at least 1M")
    }
    _ = try plan()
  }

  func run() async throws {
    let plan = try plan()
    try await Benchmark(
      plan: plan, options: Array(CommandLine.arguments.dropFirst()), exact: exact, timeout: timeout,
      memoryLimit: memoryLimit, force: force, output: output
    ).run()
  }

  private func plan() throws -> RunPlan {
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
