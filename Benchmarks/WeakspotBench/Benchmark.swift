import BenchmarkReport
import BenchmarkRun
import CommandLineTool

/// A measuring session of run, ab or calibrate: checks that it fits, measures, and keeps every row.
struct Benchmark {
  /// An executable to measure, and the report of its samples.
  struct Subject {
    /// `nil` for this executable.
    let executable: String?
    let toolVersion: String
    let facts: EnvironmentFacts
    /// The report's path.
    let report: String
  }

  /// How a session ended that kept what it measured.
  struct Ending {
    let wasInterrupted: Bool
    /// Samples that failed, in all reports.
    let failures: Int
    /// Samples that were measured, and of which the inspector says something else.
    let disagreements: Int
  }

  let start = UTCTime.now()
  private let options: MeasuringOptions
  private let plan: RunPlan
  private let tunables: String?
  private let inspector: Inspector?

  /// - Parameter inspector: Who looks at the samples of this executable.
  init(_ options: MeasuringOptions, inspector: Inspector? = nil) throws {
    // Measuring another allocator with glibc's counters would give numbers that mean nothing.
    if let reason = Measurability.refusal { throw Failure(.failure, reason) }
    self.options = options
    self.inspector = inspector
    plan = try options.plan()
    tunables = options.exact ? Tunables.withoutThreadCache : nil
  }

  /// Samples of each case.
  var runs: Int { plan.runs }

  static func failureText(_ count: Int) -> String {
    "\(count) sample\(count == 1 ? "" : "s") failed; their rows say how"
  }

  static func disagreementText(_ count: Int) -> String {
    "\(count) inspected sample\(count == 1 ? " does" : "s do") not agree with the inspector: do not trust this measurement"
  }

  func thisExecutable(report: String) -> Subject {
    Subject(
      executable: nil, toolVersion: WeakspotBench.version,
      facts: EnvironmentFacts.current(environment: Tunables.environment(with: tunables)), report: report)
  }

  /// Asks another weakspot-bench what it is.
  func subject(executable: String, report: String) async throws -> Subject {
    let description = try await runner(executable, memory: nil).describe()
    return Subject(
      executable: executable, toolVersion: description.toolVersion, facts: description.environment, report: report)
  }

  func measure(_ subject: Subject) async throws -> Ending { try await measure([subject]) }

  /// Both in turn (`RunPlan.balancedTurns`).
  func measure(base: Subject, head: Subject) async throws -> Ending { try await measure([base, head]) }

  private func measure(_ subjects: [Subject]) async throws -> Ending {
    let memory = try memoryToUse()
    // Before the first file is there: an interruption then removes what it must.
    try Interruption.arm()
    let records = try subjects.map { subject in
      try SubjectRecord(subject, meta: meta(of: subject), force: options.force)
    }
    let sides = zip(subjects, records).map { subject, record in
      RunSession.Side(
        runner: runner(subject.executable, memory: memory), runID: record.runID, envID: subject.facts.envID)
    }
    let session =
      sides.count == 1
      ? RunSession(plan: plan, sides[0]) : RunSession(plan: plan, base: sides[0], head: sides[1])
    var ending: (any Error)?
    let progress = Progress(total: session.sampleCount)
    do {
      try await session.run { step in
        if let complaint = try records[step.side].keep(step) {
          progress.clear()
          Console.warn(complaint)
        }
        progress.show(done: step.done, fraction: step.fraction, label: step.identity.description)
      }
    } catch {
      ending = error
    }
    progress.clear()

    let wasInterrupted = ending is CancellationError
    // What ended the run is what the user must hear of, even if the disk then refuses the last files as well.
    if let ending, !wasInterrupted { Console.complain("\(ending)") }
    for record in records { try record.finish(complete: ending == nil, interrupted: wasInterrupted) }
    if ending != nil, !wasInterrupted { throw ExitStatus.failure }
    if wasInterrupted, records.allSatisfy(\.isEmpty) {
      Console.complain("interrupted before the first sample was measured: there is no report")
      throw Interruption.status
    }
    return Ending(
      wasInterrupted: wasInterrupted, failures: records.reduce(0) { $0 + $1.failures },
      disagreements: records.reduce(0) { $0 + $1.disagreements })
  }

  private func runner(_ executable: String?, memory: Int?) -> SampleRunner {
    let limit = options.memoryLimit ?? memory
    guard let executable else {
      return SampleRunner(
        timeout: .seconds(options.timeout), memoryLimit: limit, tunables: tunables, inspector: inspector)
    }
    return SampleRunner(
      executable: executable, timeout: .seconds(options.timeout), memoryLimit: limit, tunables: tunables)
  }

  private func meta(of subject: Subject) -> ReportMeta {
    ReportMeta(
      toolVersion: subject.toolVersion,
      runID: "run-\(start.compact)-\(String(UInt32.random(in: .min ... .max), radix: 16))", suite: plan.suite,
      options: Array(CommandLine.arguments.dropFirst()), seed: plan.seed, executable: subject.executable,
      startTime: start.iso8601, environment: subject.facts)
  }

  /// What the machine has left, checked against every graph of the plan; `nil` with `--force`.
  private func memoryToUse() throws -> Int? {
    if options.force { return nil }
    let available = try AvailableMemory.read()
    let limit = options.memoryLimit.map { min($0, available) }
    if let (specification, estimate) = plan.firstTooLarge(available: limit ?? available) {
      throw RunError.tooLarge(
        caseText: RunSession.identity(specification).description, estimate: estimate, available: limit ?? available)
    }
    return available
  }
}

/// The report of one subject while the session goes on.
private final class SubjectRecord {
  private(set) var failures = 0
  private(set) var disagreements = 0
  private var meta: ReportMeta
  private let writer: ReportWriter

  init(_ subject: Benchmark.Subject, meta: ReportMeta, force: Bool) throws(ReportError) {
    self.meta = meta
    writer = try ReportWriter(path: subject.report, force: force, meta: meta)
  }

  var runID: String { meta.runID }
  var isEmpty: Bool { writer.rowCount == 0 }

  /// Writes a sample's rows; returns what to say of one that failed, or that the inspector sees otherwise.
  func keep(_ step: RunSession.Step) throws(ReportError) -> String? {
    for row in step.rows { try writer.append(row) }
    let sample = "\(step.identity), repetition \(step.repetition)"
    if let failure = step.outcome.failure {
      failures += 1
      return "\(sample): \(step.outcome.status.name): \(failure)"
    }
    guard let found = step.outcome.inspection?.disagreements, !found.isEmpty else { return nil }
    disagreements += 1
    return "\(sample): \(found.joined(separator: "; "))"
  }

  /// A report without a row is none: nothing of it stays.
  func finish(complete: Bool, interrupted: Bool) throws(ReportError) {
    if isEmpty {
      writer.discard()
      return
    }
    meta.endTime = UTCTime.now().iso8601
    meta.complete = complete
    meta.interrupted = interrupted
    if failures > 0 { meta.warnings.append(Benchmark.failureText(failures)) }
    if disagreements > 0 { meta.warnings.append(Benchmark.disagreementText(disagreements)) }
    try writer.finish(meta: meta)
  }
}
