import ArgumentParser
import RegressionCompare

/// How two reports are judged: the options of compare and ab.
struct ComparingOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable { case table, markdown, html, csv, json, junit }

  @Option(help: .init("What counts as a regression, as JSON. Default: the built-in policy.", valueName: "file"))
  var policy: String?

  @Option(
    help: .init(
      "Compare in spite of it: missing (cases, readings), environment (another one), too-few (samples), same-run.",
      valueName: "list"),
    transform: Self.allowed)
  var allow: Set<ComparabilityProblem.Kind> = []

  @Option(
    help: .init("Fail on it as on a regression: inconclusive, improvement.", valueName: "list"),
    transform: Self.failing)
  var failOn: Set<Verdict> = []

  @Option(help: "How to write it; markdown is a pull request's comment.")
  var format: Format = .table

  @Flag(help: "List also what is the same, and what is inconclusive off the gate (table).")
  var all = false

  private static func allowed(_ text: String) throws -> Set<ComparabilityProblem.Kind> {
    let valid = ComparabilityProblem.Kind.allowable
    return Set(
      try ListArgument.elements(text).map { name in
        if name == "schema" {
          throw ValidationError("a report of a newer schema cannot be read, and so not be allowed; update Weakspot")
        }
        guard let kind = valid.first(where: { $0.rawValue == name }) else {
          throw ValidationError(
            "nothing “\(name)” can be allowed; there are: \(valid.map(\.rawValue).joined(separator: ", "))")
        }
        return kind
      })
  }

  private static func failing(_ text: String) throws -> Set<Verdict> {
    let valid = [("inconclusive", Verdict.inconclusive), ("improvement", .improved)]
    return Set(
      try ListArgument.elements(text).map { name in
        guard let verdict = valid.first(where: { $0.0 == name })?.1 else {
          throw ValidationError(
            "no “\(name)” to fail on; there are: \(valid.map(\.0).joined(separator: ", ")) (a regression always fails)")
        }
        return verdict
      })
  }
}
