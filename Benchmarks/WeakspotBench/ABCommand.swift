import ArgumentParser
import BenchmarkReport
import CommandLineTool
import Glibc
import RegressionCompare

struct ABCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ab",
    abstract: "Measure two builds of weakspot-bench in turn, and compare them.",
    discussion: """
      Two samples of each make a block, base head head base, so that what drifts meanwhile hits both alike. Each build \
      has a report of its own, NAME-base.csv and NAME-head.csv. Exit status: as compare.
      """)

  @Option(help: .init("The weakspot-bench to compare with.", valueName: "executable"))
  var base: String

  @Option(help: .init("The weakspot-bench to judge.", valueName: "executable"))
  var head: String

  @OptionGroup var measuring: MeasuringOptions
  @OptionGroup var comparing: ComparingOptions

  @Option(help: .init("The reports' NAME, or their folder. Default: reports/ab-<UTC time>.", valueName: "name"))
  var output: String?

  func run() async throws {
    let policy = try PolicyFile(comparing.policy)
    let benchmark = try Benchmark(measuring)
    let reports = PairedReports(output: output, defaultName: "ab-\(benchmark.start.compact)")
    let baseSubject = try await benchmark.subject(executable: try Self.resolved(base), report: reports.base)
    let headSubject = try await benchmark.subject(executable: try Self.resolved(head), report: reports.head)
    try refuse(headSubject.facts.differences(from: baseSubject.facts).filter(\.changesMemory))
    let ending = try await benchmark.measure(base: baseSubject, head: headSubject)
    // The reports' names are no part of what a program reads from stdout.
    let announce = comparing.format == .table ? Console.out : Console.error
    if ending.wasInterrupted {
      announce(reports.announcement)
      throw Interruption.status
    }
    defer { announce(reports.announcement) }
    try await ReportPair(base: reports.base, new: reports.head)
      .compare(comparing, policy: policy, to: Output(path: nil, keeping: []))
  }

  /// Says before anything is measured what would make it useless.
  private func refuse(_ differences: [EnvironmentDifference]) throws(Failure) {
    guard !differences.isEmpty, !comparing.allow.contains(.environment) else { return }
    throw Failure(
      .notComparable,
      "the two executables' environments differ: \(differences.map(\.description).joined(separator: "; ")); "
        + "to measure and compare all the same: --allow environment")
  }

  /// The path without links, so that the report says which file it was.
  private static func resolved(_ path: String) throws(Failure) -> String {
    guard let resolved = realpath(path, nil) else {
      throw Failure(.failure, "\(path): cannot be started: \(String(cString: strerror(errno)))")
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
