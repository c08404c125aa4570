package import BenchmarkReport

/// What a user should know of a comparison and what changes no verdict.
package enum ComparisonWarning: Sendable, Equatable {
  /// A warning of the reader of a report.
  case report(label: String, text: String)
  /// A fact that does not change memory differs.
  case environmentDiffers(EnvironmentDifference)
  /// Exact metrics whose samples disagree.
  case repeatsDisagree(cells: Int, firstCase: String, metric: Metric)
  /// With the runs at hand no lone change can pass the adjustment.
  case adjustmentOutOfReach(runs: Int, gatedCells: Int, runsNeeded: Int?)
  case waiverExpired(Policy.Waiver)
  /// A waiver that met no regression.
  case waiverUnused(Policy.Waiver)
  /// A measured noise floor of another environment was left out.
  case foreignNoiseFloors(count: Int, environmentID: String)

  package var description: String {
    switch self {
    case .report(let label, let text): "\(label): \(text)"
    case .environmentDiffers(let difference): difference.description
    case .repeatsDisagree(let cells, let firstCase, let metric):
      "samples of exact metrics disagree in \(NumberText.counted(cells, "cell", "cells")), first in \(firstCase), "
        + metric.rawValue
    case .adjustmentOutOfReach(let runs, let gatedCells, let runsNeeded):
      "with \(NumberText.counted(runs, "run", "runs")) a side and "
        + "\(NumberText.counted(gatedCells, "gated cell", "gated cells")) no lone change of resident memory or time can pass the adjustment; "
        + (runsNeeded.map { "it takes \($0) runs a side" } ?? "compare fewer cells")
    case .waiverExpired(let waiver):
      "the waiver of \(waiver.owner) for \(waiver.metric) in \(waiver.cases) expired on \(waiver.expires.description) "
        + "and does not apply"
    case .waiverUnused(let waiver):
      "the waiver of \(waiver.owner) for \(waiver.metric) in \(waiver.cases) met no regression; remove it"
    case .foreignNoiseFloors(let count, let environmentID):
      "\(NumberText.counted(count, "noise floor", "noise floors")) measured in environment \(environmentID) left out: "
        + "the reports are of another; calibrate here"
    }
  }
}
