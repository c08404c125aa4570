import ArgumentParser

/// Measures the comparison itself: how often it errs, and how long it takes. `Scripts/compare-accuracy` and
/// `Scripts/compare-speed` run it.
@main
struct CompareAccuracy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare-accuracy",
    abstract: "Measure the comparison: false alarms and power on a real report, and reports to time it with.",
    subcommands: [SplitsCommand.self, GenerateCommand.self])
}
