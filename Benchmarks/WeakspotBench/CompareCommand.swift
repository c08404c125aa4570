import ArgumentParser
import BenchmarkReport
import CommandLineTool

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two reports: did memory get worse?",
    discussion: """
      Exit status: 0 nothing regressed; 1 a regression, or a case that fails in NEW alone; 2 a report or policy is \
      missing or damaged; 3 not comparable: a case is missing, another environment, a newer schema, too few good \
      samples, the same run twice.
      """)

  @Argument(help: "The report to compare with.")
  var base: String

  @Argument(help: "The report to judge.")
  var new: String

  @OptionGroup var comparing: ComparingOptions

  @Option(help: .init("Where to write it; an existing file is replaced. Default: stdout.", valueName: "file"))
  var output: String?

  func run() async throws {
    let inputs = ReportFiles(path: base).all + ReportFiles(path: new).all + [comparing.policy].compactMap(\.self)
    let output = try Output(path: output, keeping: inputs)
    let policy = try PolicyFile(comparing.policy)
    try await ReportPair(base: base, new: new).compare(comparing, policy: policy, to: output)
  }
}
