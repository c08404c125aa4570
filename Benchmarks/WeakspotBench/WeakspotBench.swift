import ArgumentParser
import BenchmarkRun
import CommandLineTool

/// The root command.
struct WeakspotBench: Tool {
  static let version = "0.1.0-dev"

  static let configuration = CommandConfiguration(
    commandName: "weakspot-bench",
    abstract: "Measure what back links cost: build cyclic object graphs, drop the root, see what memory does.",
    discussion: """
      Exit status: 0 fine; 1 a regression, or the self-test failed; 2 the work failed (a sample failed or does not \
      agree with the inspector, a report or policy is missing or damaged, the disk is full); 3 not comparable; 64 wrong arguments; 130 interrupted, and what \
      was measured is kept.
      """,
    version: version,
    subcommands: [
      RunCommand.self, ListCommand.self, ShowCommand.self, CompareCommand.self, ABCommand.self, CalibrateCommand.self,
      PatternsCommand.self, SelfTestCommand.self,
    ])

  /// Tells another weakspot-bench, which is to measure this one, what this one is.
  static func describe() -> ExitStatus {
    do {
      Console.out(try BenchmarkDescription(toolVersion: version).json + "\n")
      return .success
    } catch {
      Console.complain("\(error)")
      return .failure
    }
  }
}
