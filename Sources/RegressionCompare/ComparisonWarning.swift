package import BenchmarkReport

/// What a user should know of a comparison and what changes no verdict.
package enum ComparisonWarning: Sendable, Equatable {
  /// A warning of the reader of a report.
  case report(label: String, text: String)
  /// A fact that does not change memory differs.
  case environmentDiffers(EnvironmentDifference)
  /// The margins for huge pages hold, 2 MiB for resident memory.
  case hugePagesMargin(reason: String)
  /// A greater share of a case's samples failed in NEW than in BASE.
  case moreFailures(caseName: String, baseFailed: Int, baseTotal: Int, newFailed: Int, newTotal: Int)
  /// Metrics off the gate of which good samples lack a reading.
  case readingsMissing(cells: Int, first: String)
  /// Leaked bytes that count as 0; nil: none on that side.
  case restsCountAsZero(base: TidiedRests?, new: TidiedRests?)
  /// The greatest such rest of a case is not the same on both sides.
  case restsDiffer(cases: Int, widest: String, base: UInt64, new: UInt64)
  /// Exact metrics whose samples disagree.
  case repeatsDisagree(cells: Int, firstCase: String, metric: Metric)
  /// So many cells have so few runs that no lone change in them can pass the adjustment; the runs are those of the cell
  /// that is farthest from it.
  case adjustmentOutOfReach(cells: Int, baseRuns: Int, newRuns: Int, gatedCells: Int, runsNeeded: Int?)
  case waiverExpired(Policy.Waiver)
  /// A waiver that met no regression.
  case waiverUnused(Policy.Waiver)
  /// A rule that matches no cell: a slip in its patterns, or a case that was not measured.
  case ruleIdle(index: Int, Policy.Rule)
  /// Noise floors of this environment that match no cell.
  case noiseFloorsIdle(count: Int, first: Policy.NoiseFloor)
  /// A measured noise floor of another environment was left out.
  case foreignNoiseFloors(count: Int, environmentID: String)

  package var description: String {
    switch self {
    case .report(let label, let text): "\(label): \(text)"
    case .environmentDiffers(let difference): difference.description
    case .hugePagesMargin(let reason):
      "huge pages could apply (\(reason)), so the margin of resident memory is 2 MiB, or the policy's hugePagesAbsolute"
    case .moreFailures(let caseName, let baseFailed, let baseTotal, let newFailed, let newTotal):
      "\(caseName): more samples fail in NEW, \(newFailed) of \(newTotal), than in BASE, \(baseFailed) of \(baseTotal)"
    case .readingsMissing(let cells, let first):
      "good samples lack a reading in \(NumberText.counted(cells, "cell", "cells")) off the gate: \(first)"
    case .restsCountAsZero(let base, let new):
      "leaked bytes below \(NumberText.grouped(SampleTable.tidyLimit)) count as 0 where every object was deinited, as the "
        + "thread cache keeps such rests: in "
        + [(ReportSide.base, base), (.new, new)].compactMap { side, rests in
          rests.map {
            "\(NumberText.counted($0.samples, "sample", "samples")) of \(side.rawValue), raw up to "
              + NumberText.bytes($0.greatest)
          }
        }.joined(separator: ", and in ") + " (run --exact measures without it)"
    case .restsDiffer(let cases, let widest, let base, let new):
      "the greatest rest that counts as 0 differs in \(NumberText.counted(cases, "case", "cases")), most in \(widest): "
        + "\(NumberText.bytes(base)) in BASE, \(NumberText.bytes(new)) in NEW"
    case .repeatsDisagree(let cells, let firstCase, let metric):
      "samples of exact metrics disagree in \(NumberText.counted(cells, "cell", "cells")), first in \(firstCase), "
        + metric.rawValue
    case .adjustmentOutOfReach(let cells, let baseRuns, let newRuns, let gatedCells, let runsNeeded):
      "in \(NumberText.grouped(Int64(cells))) of \(NumberText.counted(gatedCells, "gated cell", "gated cells")) no lone "
        + "change of resident memory or time can pass the adjustment, "
        + (baseRuns == newRuns
          ? "with \(NumberText.counted(baseRuns, "run", "runs")) a side; "
          : "with \(NumberText.counted(baseRuns, "run", "runs")) in BASE and \(newRuns) in NEW; ")
        + (runsNeeded.map { "it takes \($0) runs a side" } ?? "compare fewer cells")
    case .waiverExpired(let waiver):
      "the waiver of \(waiver.owner) for \(waiver.metric) in \(waiver.cases) expired on \(waiver.expires.description) "
        + "and does not apply"
    case .waiverUnused(let waiver):
      "the waiver of \(waiver.owner) for \(waiver.metric) in \(waiver.cases) met no regression; remove it"
    case .ruleIdle(let index, let rule):
      "rules[\(index)] of the policy (\(rule.metrics.joined(separator: ", ")) in \(rule.cases)) matches no cell and has "
        + "no effect"
    case .noiseFloorsIdle(let count, let first):
      "\(NumberText.counted(count, "noise floor", "noise floors")) of the policy \(count == 1 ? "matches" : "match") no "
        + "cell, first \(first.metric) in \(first.cases)"
    case .foreignNoiseFloors(let count, let environmentID):
      "\(NumberText.counted(count, "noise floor", "noise floors")) measured in environment \(environmentID) left out: "
        + "the reports are of another; calibrate here"
    }
  }
}
