import ArgumentParser
import Rendering

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measure graphs and write a CSV report.",
    discussion: """
      Each sample is a process of its own: it builds a graph, drops its root and trims the heap, and is measured before \
      and after each step. LISTs are comma-separated; counts and bytes take k, M, G (nodes: 1k = 1,000; bytes: 1,024). \
      A list takes the place of the suite's own.
      """)

  @OptionGroup var measuring: MeasuringOptions

  @Option(help: .init("The report. Default: reports/weakspot-<UTC time>.csv.", valueName: "file"))
  var output: String?

  func run() async throws {
    let benchmark = try Benchmark(measuring)
    let path = output ?? "reports/weakspot-\(benchmark.start.compact).csv"
    let ending = try await benchmark.measure(benchmark.thisExecutable(report: path))
    Console.out(try VerdictTable.ofReport(path).text(width: Console.outWidth))
    Console.out("\nReport: \(path)\n")
    if ending.wasInterrupted { throw Interruption.status }
    if ending.failures > 0 { throw Failure(.failure, Benchmark.failureText(ending.failures)) }
  }
}
