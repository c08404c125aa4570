package import BenchmarkReport

/// Compares two reports, metric by metric and case by case, as MEASUREMENT.md, section 4, says. A pure function of its
/// input: the same reports, policy, day and seed give the same outcome.
package struct Comparison: Sendable {
  /// "WEAKSPOT" in ASCII.
  package static let defaultSeed: UInt64 = 0x5745_414B_5350_4F54

  package let policy: Policy
  /// The problems in spite of which the user wants a result; `nothingCompared` in it has no effect.
  package let allowed: Set<ComparabilityProblem.Kind>
  /// The day by which waivers expire.
  package let today: CalendarDay
  /// The seed of random splits.
  package let seed: UInt64

  package init(
    policy: Policy = .builtIn, allowed: Set<ComparabilityProblem.Kind> = [], today: CalendarDay,
    seed: UInt64 = Comparison.defaultSeed
  ) {
    self.policy = policy
    self.allowed = allowed
    self.today = today
    self.seed = seed
  }

  /// - Parameter environmentDifferences: the facts of the two environments that differ.
  /// - Throws: `ComparisonError` for damaged values; what is merely not comparable is in the outcome's `problems`.
  /// - Complexity: O(values), and for each cell that is not constant a few microseconds of statistics.
  package func outcome(
    base: ComparisonSide, new: ComparisonSide, environmentDifferences: [EnvironmentDifference] = []
  ) throws(ComparisonError) -> ComparisonOutcome {
    let baseCases = try CheckedCase.all(of: base, .base)
    let newCases = try CheckedCase.all(of: new, .new)
    var found = Findings(allowed: allowed)
    noteReports(base, new, environmentDifferences, &found)
    let hugePages = Self.hugePages(base, new)
    if let hugePages { found.warnings.append(.hugePagesMargin(reason: hugePages)) }

    var effective = EffectivePolicy(
      policy, today: today, environmentIDs: Set(base.environments + new.environments))
    var judge = CellJudge(hugePagesPossible: hugePages != nil, seed: seed)
    var seeds = SeedComparison()
    var rests = RestComparison()
    var newPositions: [String: Int] = [:]
    newPositions.reserveCapacity(newCases.count)
    for (position, newCase) in newCases.enumerated() { newPositions[newCase.name] = position }
    var met = [Bool](repeating: false, count: newCases.count)
    for baseCase in baseCases {
      guard let position = newPositions[baseCase.name] else {
        found.add(.missing, "NEW has no case \(baseCase.name)")
        continue
      }
      met[position] = true
      found.noteFailures(base: baseCase, new: newCases[position])
      seeds.add(base: baseCase, new: newCases[position])
      rests.add(base: baseCase, new: newCases[position])
      try judge.add(
        base: baseCase, new: newCases[position], settings: effective.settings(for: baseCase.name), &found)
    }
    for (newCase, wasMet) in zip(newCases, met) where !wasMet {
      found.add(.missing, "BASE has no case \(newCase.name)")
      found.noteFailures(base: nil, new: newCase)
    }
    seeds.note(&found)
    judge.noteReadings(&found)
    rests.note(&found)
    let adjustedCells = judge.finish()
    noteCells(&judge.cells, adjustedCells, &effective, &found)
    return ComparisonOutcome(
      baseLabel: base.label, newLabel: new.label, policyHash: policy.effectiveHash, seed: seed,
      environmentDifferences: environmentDifferences + [seeds.difference].compactMap(\.self), cells: judge.cells,
      failures: found.failures, problems: found.problems, warnings: found.warnings, adjustedCells: adjustedCells)
  }

  /// Why the margins for huge pages hold; nil: they do not. What a report's meta file states counts on either side; pages
  /// that were only seen count in BASE alone, so that NEW cannot loosen its own gate.
  private static func hugePages(_ base: ComparisonSide, _ new: ComparisonSide) -> String? {
    if case .stated(let fact) = base.hugePages { return "\(fact) in BASE" }
    if case .stated(let fact) = new.hugePages { return "\(fact) in NEW" }
    return base.hugePages == .seen ? "BASE has no meta file, and checkpoints with huge pages" : nil
  }

  /// What can be told from the reports as a whole.
  private func noteReports(
    _ base: ComparisonSide, _ new: ComparisonSide, _ differences: [EnvironmentDifference], _ found: inout Findings
  ) {
    for (side, report) in [(ReportSide.base, base), (.new, new)] {
      found.warnings += report.warnings.map { .report(label: report.label, text: $0) }
      if report.environments.count > 1 {
        let listed = report.environments.joined(separator: ", ")
        found.add(.environment, "\(side.rawValue) was measured in several environments: \(listed)")
      } else if report.environments.isEmpty, !report.cases.isEmpty {
        found.add(.environment, "\(side.rawValue) does not say in which environment it was measured (env_id)")
      }
    }
    let shared = Set(base.runIDs).intersection(new.runIDs).sorted()
    if let first = shared.first {
      let more = shared.count > 1 ? " and \(shared.count - 1) more" : ""
      found.add(.sameRun, "BASE and NEW hold the same run, \(first)\(more); a run always equals itself")
    }
    let facts = differences.filter(\.changesMemory).map(\.description)
    if !facts.isEmpty {
      found.add(.environment, "the environments differ: " + facts.joined(separator: "; "))
    } else if let baseID = base.environments.first, let newID = new.environments.first,
      base.environments != new.environments
    {
      found.add(.environment, "the environments differ: env_id is \(baseID) in BASE and \(newID) in NEW")
    }
    found.warnings += differences.filter { !$0.changesMemory }.map { .environmentDiffers($0) }
  }

  /// What follows from the verdicts: waivers, warnings, and whether anything was compared at all.
  private func noteCells(
    _ cells: inout [ComparedCell], _ adjustedCells: Int, _ effective: inout EffectivePolicy, _ found: inout Findings
  ) {
    var disagreeing = 0
    var firstDisagreeing: ComparedCell?
    var outOfReach: (cells: Int, base: Int, new: Int, smallestP: Double)?
    for index in cells.indices {
      let cell = cells[index]
      if cell.gated, cell.verdict == .regressed {
        cells[index].waiver = effective.waiver(for: cell.caseName, cell.metric)
      }
      switch cell.reason {
      case .repeatsDisagree, .rangesApart:
        disagreeing += 1
        firstDisagreeing = firstDisagreeing ?? cell
      default: break
      }
      if cell.adjustedP != nil, let base = cell.base, let new = cell.new {
        let smallestP = MannWhitneyTest.smallestP(base.count, new.count)
        if smallestP * Double(adjustedCells) > RunProjection.level {
          let cells = (outOfReach?.cells ?? 0) + 1
          if let worst = outOfReach, worst.smallestP >= smallestP {
            outOfReach = (cells, worst.base, worst.new, worst.smallestP)
          } else {
            outOfReach = (cells, base.count, new.count, smallestP)
          }
        }
      }
    }
    if let first = firstDisagreeing {
      found.warnings.append(
        .repeatsDisagree(cells: disagreeing, firstCase: first.caseName, metric: first.metric))
    }
    if let worst = outOfReach {
      found.warnings.append(
        .adjustmentOutOfReach(
          cells: worst.cells, baseRuns: worst.base, newRuns: worst.new, gatedCells: adjustedCells,
          runsNeeded: RunProjection.runsForLoneChange(gatedCells: adjustedCells)))
    }
    found.warnings += effective.expiredWaivers.map { .waiverExpired($0) }
    found.warnings += effective.unusedWaivers.map { .waiverUnused($0) }
    found.warnings += effective.foreignNoiseFloors.map {
      .foreignNoiseFloors(count: $0.count, environmentID: $0.environmentID)
    }
    if !cells.isEmpty {
      found.warnings += effective.idleRules(cells).map { .ruleIdle(index: $0.index, $0.rule) }
      let floors = effective.idleNoiseFloors(cells)
      if let first = floors.first { found.warnings.append(.noiseFloorsIdle(count: floors.count, first: first)) }
    }
    if !cells.contains(where: { $0.gated && $0.verdict != .notComparable }) {
      found.add(
        .nothingCompared,
        cells.isEmpty ? "the reports have no case with good samples in common" : "no gated metric could be compared")
    }
  }
}
