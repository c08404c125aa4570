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
    let baseGood = base?.samples ?? 0
    let kind: CaseFailure.Kind =
      if baseFailed == 0 {
        .newOnly
      } else if new.failedSamples == 0 {
        .baseOnly
      } else {
        new.samples == 0 && baseGood > 0 ? .newAll : .both
      }
    failures.append(
      CaseFailure(caseName: new.name, kind: kind, baseFailed: baseFailed, newFailed: new.failedSamples))
    guard kind == .both else { return }
    let (baseTotal, newTotal) = (baseGood + baseFailed, new.samples + new.failedSamples)
    if Double(new.failedSamples) / Double(newTotal) > Double(baseFailed) / Double(baseTotal) {
      warnings.append(
        .moreFailures(
          caseName: new.name, baseFailed: baseFailed, baseTotal: baseTotal, newFailed: new.failedSamples,
          newTotal: newTotal))
    }
  }
}
