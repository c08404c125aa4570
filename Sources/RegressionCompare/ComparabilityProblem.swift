/// A reason why the two reports, or a part of them, cannot be compared: exit status 3 unless allowed.
package struct ComparabilityProblem: Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable {
    /// A case, or a gated metric of a case, is in one report only, or good samples lack a reading of it.
    case missing
    /// The reports are of different environments, or one report of several, or of graphs drawn by different seeds.
    case environment
    /// Fewer good samples than a gated metric needs.
    case tooFewSamples = "too-few"
    /// Both reports hold the same run: that it equals itself proves nothing.
    case sameRun = "same-run"
    /// Not one gated cell could be compared. Cannot be allowed: a gate that looked at nothing has not passed.
    case nothingCompared = "nothing-compared"

    /// What a user may allow.
    package static let allowable: [Kind] = allCases.filter { $0 != .nothingCompared }

    /// Whether no difference between the reports is a finding, so that the problem outranks a regression.
    var outranksRegression: Bool {
      switch self {
      case .environment, .sameRun: true
      case .missing, .tooFewSamples, .nothingCompared: false
      }
    }

    /// Whether the problem is with the reports as a whole, so that no verdict in them can be believed.
    var concernsAll: Bool {
      switch self {
      case .environment, .sameRun, .nothingCompared: true
      case .missing, .tooFewSamples: false
      }
    }
  }

  package let kind: Kind
  /// What is wrong and where, a sentence without a full stop.
  package let text: String
  /// The user asked to compare in spite of it.
  package let allowed: Bool
}
