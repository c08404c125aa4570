import BenchmarkReport
import RegressionCompare

extension ComparisonView {
  /// One row per cell (RFC 4180); `Documentation/Comparison.md` has the columns.
  package var csv: String {
    var text = Self.columns.map(\.name).joined(separator: ",") + "\n"
    for cell in outcome.cells {
      for (index, column) in Self.columns.enumerated() {
        if index > 0 { text += "," }
        text += column.field(cell, outcome).csv
      }
      text += "\n"
    }
    return text
  }

  private struct Column {
    let name: String
    let field: @Sendable (ComparedCell, ComparisonOutcome) -> CSVField
  }

  private static let columns: [Column] = [
    Column(name: "case_id") { cell, _ in .text(cell.caseName) },
    Column(name: "metric") { cell, _ in .text(cell.metric.name) },
    Column(name: "unit") { cell, _ in .text(cell.metric.unit.rawValue) },
    Column(name: "class") { cell, _ in .text(cell.metricClass.rawValue) },
    Column(name: "gated") { cell, _ in .text(cell.gated ? "true" : "false") },
    Column(name: "verdict") { cell, _ in .text(cell.verdict.rawValue) },
    Column(name: "reason") { cell, _ in .text(cell.reason.code) },
    Column(name: "base_count") { cell, _ in .integer(cell.base?.count ?? 0) },
    Column(name: "base_median") { cell, _ in .real(cell.base?.median) },
    Column(name: "base_least") { cell, _ in .real(cell.base?.least) },
    Column(name: "base_greatest") { cell, _ in .real(cell.base?.greatest) },
    Column(name: "new_count") { cell, _ in .integer(cell.new?.count ?? 0) },
    Column(name: "new_median") { cell, _ in .real(cell.new?.median) },
    Column(name: "new_least") { cell, _ in .real(cell.new?.least) },
    Column(name: "new_greatest") { cell, _ in .real(cell.new?.greatest) },
    Column(name: "shift") { cell, _ in .real(cell.shift) },
    Column(name: "shift_lower") { cell, _ in .real(cell.interval?.lower) },
    Column(name: "shift_upper") { cell, _ in .real(cell.interval?.upper) },
    Column(name: "ratio") { cell, _ in .real(cell.ratio) },
    Column(name: "margin") { cell, _ in .real(cell.margin.value) },
    Column(name: "p") { cell, _ in .real(cell.test?.p) },
    Column(name: "p_adjusted") { cell, _ in .real(cell.adjustedP) },
    Column(name: "test") { cell, _ in .text(cell.test?.method.rawValue ?? "") },
    Column(name: "runs_to_settle") { cell, _ in .real(cell.reason.runsToSettle.map(Double.init)) },
    Column(name: "waived_until") { cell, _ in .text(cell.waiver?.expires.description ?? "") },
    Column(name: "explanation") { cell, _ in .text(cell.explanation) },
    Column(name: "policy_hash") { _, outcome in .text(outcome.policyHash) },
  ]
}
