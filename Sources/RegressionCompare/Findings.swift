/// What a comparison collects beside its cells.
struct Findings {
  let allowed: Set<ComparabilityProblem.Kind>
  var problems: [ComparabilityProblem] = []
  var failures: [CaseFailure] = []
  var warnings: [ComparisonWarning] = []

  init(allowed: Set<ComparabilityProblem.Kind>) { self.allowed = allowed }

  mutating func add(_ kind: ComparabilityProblem.Kind, _ text: String) {
    let spared = kind != .nothingCompared && allowed.contains(kind)
    problems.append(ComparabilityProblem(kind: kind, text: text, allowed: spared))
  }

  /// `base` is nil for a case that BASE does not have; a failure in NEW is a regression then, too.
  mutating func noteFailures(base: CheckedCase?, new: CheckedCase) {
    let baseFailed = base?.failedSamples ?? 0
    guard baseFailed > 0 || new.failedSamples > 0 else { return }
    let kind: CaseFailure.Kind = baseFailed == 0 ? .newOnly : new.failedSamples == 0 ? .baseOnly : .both
    failures.append(
      CaseFailure(caseName: new.name, kind: kind, baseFailed: baseFailed, newFailed: new.failedSamples))
  }
}
