import ArgumentParser
import BenchmarkReport
import BenchmarkRun
import CommandLineTool
import Glibc
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

  @Flag(
    help: """
      Stop each sample at its checkpoints, and have the weakspot beside this executable count its objects, leaks and side \
      tables.
      """)
  var inspect = false

  @Option(help: .init("The report. Default: reports/weakspot-<UTC time>.csv.", valueName: "file"))
  var output: String?

  /// The name with `.csv`, or a numbered one where a run that began in the same second has taken it.
  private static func freeName(_ name: String) -> String {
    var number = 1
    while true {
      let path = name + (number == 1 ? "" : "-\(number)") + ".csv"
      let files = ReportFiles(path: path)
      if access(files.report, F_OK) != 0, access(files.partial, F_OK) != 0 { return path }
      number += 1
    }
  }

  func run() async throws {
    let benchmark = try Benchmark(measuring, inspector: inspect ? Inspector.besideThisExecutable() : nil)
    let path = ReportFiles(path: output ?? Self.freeName("reports/weakspot-\(benchmark.start.compact)")).report
    let ending = try await benchmark.measure(benchmark.thisExecutable(report: path))
    Console.out(try VerdictTable.ofReport(path).text(width: Console.outWidth))
    Console.out("\nReport: \(path)\n")
    if ending.wasInterrupted { throw Interruption.status }
    if ending.failures > 0 { throw Failure(.failure, Benchmark.failureText(ending.failures)) }
    if ending.disagreements > 0 { throw Failure(.failure, Benchmark.disagreementText(ending.disagreements)) }
  }
}
