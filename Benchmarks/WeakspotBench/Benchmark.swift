import BenchmarkReport
import BenchmarkRun
import Rendering

/// One call of `weakspot-bench run`: checks that it fits, measures, keeps every row, and shows what came out.
struct Benchmark {
  let plan: RunPlan
  /// The arguments as given, for the meta file.
  let options: [String]
  let exact: Bool
  let timeout: Int
  let memoryLimit: Int?
  let force: Bool
  let output: String?

  func run() async throws {
    try refuseOtherAllocator()
    let available = try memoryToUse()
    let tunables = exact ? Tunables.withoutThreadCache : nil
    let facts = EnvironmentFacts.current(environment: Tunables.environment(with: tunables))
    let start = UTCTime.now()
    let runID = "run-\(start.compact)-\(String(UInt32.random(in: .min ... .max), radix: 16))"
    let session = RunSession(
      plan: plan,
      runner: SampleRunner(timeout: .seconds(timeout), memoryLimit: memoryLimit ?? available, tunables: tunables),
      runID: runID, envID: facts.envID)
    var meta = ReportMeta(
      toolVersion: WeakspotBench.version, runID: runID, suite: plan.suite, options: options, seed: plan.seed,
      startTime: start.iso8601, environment: facts)
    let writer = try ReportWriter(path: output ?? "reports/weakspot-\(start.compact).csv", force: force, meta: meta)

    var failures = 0
    var ending: (any Error)?
    let progress = Progress(total: plan.samples.count)
    Interruption.arm()
    do {
      try await session.run { step in
        for row in step.rows { try writer.append(row) }
        if let failure = step.outcome.failure {
          failures += 1
          progress.clear()
          Console.warn("\(step.identity), repetition \(step.repetition): \(step.outcome.status.name): \(failure)")
        }
        progress.show(done: step.done, fraction: step.fraction, label: step.identity.description)
      }
    } catch {
      ending = error
    }
    progress.clear()

    meta.endTime = UTCTime.now().iso8601
    meta.complete = ending == nil
    meta.interrupted = ending is CancellationError
    let failureText = "\(failures) sample\(failures == 1 ? "" : "s") failed; their rows say how"
    if failures > 0 { meta.warnings.append(failureText) }
    // What ended the run is what the user must hear of, even if the disk then refuses the last files as well.
    if let ending, !(ending is CancellationError) {
      Console.complain("\(ending)")
      try writer.finish(meta: meta)
      throw ExitStatus.failure
    }
    try writer.finish(meta: meta)
    Console.out(try VerdictTable.ofReport(writer.files.report).text(width: Console.outWidth))
    Console.out("\nReport: \(writer.files.report)\n")
    if ending != nil { throw Interruption.status }
    if failures > 0 { throw Failure(.failure, failureText) }
  }

  /// What the machine has left, checked against every graph of the plan; `nil` with `--force`.
  private func memoryToUse() throws -> Int? {
    if force { return nil }
    let available = try AvailableMemory.read()
    if let (specification, estimate) = plan.firstTooLarge(available: min(available, memoryLimit ?? available)) {
      throw RunError.tooLarge(
        caseText: RunSession.identity(specification).description, estimate: estimate, available: available)
    }
    return available
  }

  /// Measuring another allocator with glibc's counters would give numbers that mean nothing.
  private func refuseOtherAllocator() throws {
    if let reason = Measurability.refusal { throw Failure(.failure, reason) }
  }
}
