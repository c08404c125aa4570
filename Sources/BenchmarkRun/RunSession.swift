package import BenchmarkReport
package import GraphWorkloads

/// Measures every sample of a plan, one after the other, and hands over each one's rows as soon as it is measured.
package struct RunSession: Sendable {
  /// An executable that is measured, and what its rows are called.
  package struct Side: Sendable {
    package let runner: SampleRunner
    package let runID: String
    package let envID: String

    package init(runner: SampleRunner, runID: String, envID: String) {
      self.runner = runner
      self.runID = runID
      self.envID = envID
    }
  }

  private let plan: RunPlan
  private let sides: [Side]
  private let turns: [RunPlan.Turn]

  package init(plan: RunPlan, _ side: Side) {
    self.plan = plan
    sides = [side]
    turns = plan.samples.map { RunPlan.Turn(side: 0, sample: $0) }
  }

  /// Two executables measured in turn (`RunPlan.balancedTurns`).
  package init(plan: RunPlan, base: Side, head: Side) {
    self.plan = plan
    sides = [base, head]
    turns = plan.balancedTurns
  }

  /// How many samples will be measured.
  package var sampleCount: Int { turns.count }

  /// One measured sample, and how far the run has come.
  package struct Step: Sendable {
    /// 0, or 1 for the head of two executables.
    package let side: Int
    package let identity: CaseIdentity
    package let repetition: Int
    package let outcome: SampleOutcome
    /// Four rows, or the one of a sample that failed.
    package let rows: [ReportRow]
    package let done: Int
    /// How much of the run's work is done, by the nodes still to come: 0 to 1.
    package let fraction: Double
  }

  /// Calls `body` after each sample. Throws what `body` throws, `RunError` where no sample can be started, and
  /// `CancellationError` when the task is cancelled: the sample under way is killed and not reported.
  package func run(_ body: (Step) throws -> Void) async throws {
    let work = turns.map { Self.work($0.sample.specification) }
    let total = work.reduce(0, +)
    var done = 0.0
    for (index, turn) in turns.enumerated() {
      let sample = turn.sample
      try Task.checkCancellation()
      let outcome: SampleOutcome
      do {
        outcome = try await sides[turn.side].runner.measure(sample.specification)
      } catch {
        try Task.checkCancellation()
        throw RunError.cannotStart("\(error)")
      }
      done += work[index]
      try body(
        Step(
          side: turn.side, identity: Self.identity(sample.specification), repetition: sample.repetition,
          outcome: outcome, rows: rows(of: turn, order: index, outcome: outcome), done: index + 1,
          fraction: done / total))
    }
  }

  /// A sample's expected share of the time: starting a process costs about as much as 30,000 nodes.
  private static func work(_ specification: GraphSpecification) -> Double { 30_000 + Double(specification.nodes) }

  package static func identity(_ specification: GraphSpecification) -> CaseIdentity {
    CaseIdentity(
      runtime: "swift", topology: specification.topology.name, backLink: specification.backLink.name,
      nodes: specification.nodes, payload: specification.payload)
  }

  private func rows(of turn: RunPlan.Turn, order: Int, outcome: SampleOutcome) -> [ReportRow] {
    let (sample, side) = (turn.sample, sides[turn.side])
    func row(_ phase: Phase, _ readings: CheckpointReadings?) -> ReportRow {
      let inspected = outcome.inspection?.counts[Int(phase.rawValue)]
      return ReportRow(
        runID: side.runID, envID: side.envID, suite: plan.suite, identity: Self.identity(sample.specification),
        repetition: sample.repetition, orderIndex: order, seed: plan.seed, phase: phase, readings: readings,
        status: outcome.status, inspectedObjects: inspected?.objects, inspectedLeaked: inspected?.leaked,
        inspectedSideTables: inspected?.sideTables)
    }
    if outcome.status == .ok { return zip(Phase.allCases, outcome.readings).map { row($0, $1) } }
    // The phase that the sample did not reach; one that failed after its last checkpoint did not end the last phase.
    let phase = Phase.allCases[min(outcome.readings.count, Phase.allCases.count - 1)]
    return [row(phase, nil)]
  }
}
