import ArgumentParser
import BenchmarkReport
import Glibc
import RegressionCompare

struct SplitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "splits",
    abstract: "Split one report at random into two halves, and compare them with and without planted changes.",
    discussion: """
      Both halves are of one program: whatever regresses between them is a false alarm. Then +1 % is planted in \
      built_bytes of one case, and +256 KiB in resident_built_bytes of one case, each split in another. Prints a table \
      in Markdown; exit status 1 where more than 1 % of the splits alarm, or less than 99 % of the planted changes are \
      found.
      """)

  @Argument(help: "A report with an even number of good samples of each case.")
  var report: String

  @Option(help: "Random splits.")
  var splits = 200

  @Option(help: "Seed of the splits.")
  var seed: UInt64 = 1

  @Option(
    help: .init(
      "Let resident memory stray by whole pages up to this, one value in twenty by up to eight times as much: a quiet "
        + "machine's report made one of a loaded machine.", valueName: "bytes"))
  var stray = 0

  func validate() throws {
    guard (0...(1 << 30)).contains(stray) else { throw ValidationError("--stray \(stray): give 0 to 1073741824") }
    guard (1...1_000_000).contains(splits) else { throw ValidationError("--splits \(splits): give 1 to 1000000") }
  }

  func run() throws {
    let report = try Report.read(path: report, columns: ComparisonSide.columns)
    let samples = try SampleTable(report)
    var side = ComparisonSide(report, samples, order: CaseOrder(topologies: [], backLinks: []))
    if stray > 0 { side.stray(by: stray, seed: seed) }
    let experiment = try SplitExperiment(side, splits: splits, seed: seed)
    let result = try experiment.run()
    print("| measured on | |\n| :--- | :--- |")
    for (name, value) in Self.machine(report.meta?.environment) { print("| \(name) | \(value) |") }
    print("| report | \(side.cases.count) cases, \(experiment.runs) runs, split \(splits) times, seed \(seed) |")
    let added = stray == 0 ? "none" : "up to \(stray) bytes, 1 in 20 up to \(8 * stray)"
    print("| pages added to resident memory | \(added) |\n")
    print("| experiment | wanted | result |\n| :--- | :--- | :--- |")
    for row in result.rows { print("| \(row.name) | \(row.wanted) | \(row.found) of \(row.total) |") }
    guard result.rows.allSatisfy(\.isReached) else { throw ExitCode(1) }
  }

  private static func machine(_ facts: EnvironmentFacts?) -> [(String, String)] {
    guard let facts else { return [("machine", "not known: the report has no meta file")] }
    return [
      ("system", "\(facts.operatingSystem ?? "unknown"), kernel \(facts.kernelRelease), \(facts.architecture)"),
      ("processor", "\(facts.cpuModel ?? "unknown"), \(facts.cores) cores"),
      ("glibc", facts.glibcVersion ?? "unknown"),
      ("Swift", "\(facts.swiftVersion), \(facts.optimization)"),
      ("transparent huge pages", facts.transparentHugePages ?? "unknown"),
    ]
  }
}
