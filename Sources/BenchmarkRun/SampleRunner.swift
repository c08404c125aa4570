package import BenchmarkReport
import Glibc
package import GraphWorkloads
import Subprocess
import SystemPackage

/// How one sample went.
package struct SampleOutcome: Sendable, Equatable {
  /// `ok` only with all four checkpoints.
  package var status: SampleStatus
  /// The readings of the checkpoints that were reached, in the order of `Phase`.
  package var readings: [CheckpointReadings]
  /// What the process said or how it ended, for a sample that failed.
  package var failure: String?
  /// What the inspector found; `nil` if none looked, and for a sample that failed.
  package var inspection: SampleInspection?
}

/// Runs samples, each in a fresh process of the benchmark's own executable.
package struct SampleRunner: Sendable {
  /// The executable to start: this one, or another version of the benchmark.
  let executable: FilePath
  /// Ends a sample that takes longer.
  let timeout: Duration
  /// The most bytes of data that a sample's process may have.
  let memoryLimit: Int?
  let environment: Environment
  /// Looks at each sample at its checkpoints.
  let inspector: Inspector?

  /// - Parameters:
  ///   - executable: Path of a weakspot-bench; `/proc/self/exe` is the running one, even if it was replaced on disk.
  ///   - tunables: `GLIBC_TUNABLES` of the samples, where it differs from this process's.
  ///   - inspector: Who looks at each sample at its checkpoints; `nil` for nobody.
  package init(
    executable: String = "/proc/self/exe", timeout: Duration, memoryLimit: Int?, tunables: String?,
    inspector: Inspector? = nil
  ) {
    self.inspector = inspector
    self.executable = FilePath(executable)
    self.timeout = timeout
    self.memoryLimit = memoryLimit
    var changes: [Environment.Key: String?] = [
      // A crash is reported as a row; the runtime's own report takes seconds and a second process.
      "SWIFT_BACKTRACE": "enable=no",
      // Dictionaries are laid out the same way in every process.
      "SWIFT_DETERMINISTIC_HASHING": "1",
    ]
    if let tunables { changes["GLIBC_TUNABLES"] = tunables }
    environment = .inherit.updating(changes)
  }

  /// Measures one graph. Throws `SubprocessError` where the process cannot be started; cancelling the task kills it.
  package func measure(_ specification: GraphSpecification) async throws -> SampleOutcome {
    // The sample's own timer ends it; one that was stopped, or hangs before it sets the timer, is ended from here.
    try await withThrowingTaskGroup(of: SampleOutcome.self) { group in
      group.addTask { try await start(specification) }
      group.addTask { [timeout] in
        try await Task.sleep(for: timeout + .seconds(10))
        return SampleOutcome(status: .timeout, readings: [], failure: "did not end by itself after \(timeout)")
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw CancellationError() }
      return first
    }
  }

  /// Its own group: Ctrl-C goes to this process alone, which then ends the sample.
  private static var ownGroup: PlatformOptions {
    var options = PlatformOptions()
    options.processGroupID = 0
    return options
  }

  private func start(_ specification: GraphSpecification) async throws -> SampleOutcome {
    if let inspector { return try await start(specification, inspector) }
    let result = try await run(
      .path(executable),
      arguments: Arguments(
        SampleProcess.arguments(for: specification, memoryLimit: memoryLimit, timeout: timeout)),
      environment: environment,
      platformOptions: Self.ownGroup,
      output: .bytes(limit: Self.mostOutput),
      error: .string(limit: 1 << 20))
    // A killed sample is the cancellation's doing, not a result.
    try Task.checkCancellation()
    return outcome(status: result.terminationStatus, output: result.standardOutput, complaint: result.standardError)
  }

  private static let mostOutput = Phase.allCases.count * SampleRecord.byteCount

  /// The same with a sample that waits at each checkpoint, until the inspector has looked at it.
  private func start(_ specification: GraphSpecification, _ inspector: Inspector) async throws -> SampleOutcome {
    let gate = try SampleGate()
    let result = try await run(
      .path(executable),
      arguments: Arguments(
        SampleProcess.arguments(for: specification, memoryLimit: memoryLimit, timeout: timeout, waits: true)),
      environment: environment,
      platformOptions: Self.ownGroup,
      input: .fileDescriptor(gate.entry, closeAfterSpawningProcess: false),
      output: .sequence,
      error: .string(limit: 1 << 20)
    ) { execution in
      var output: [UInt8] = []
      var visits: [SampleVisit] = []
      for try await buffer in execution.standardOutput {
        output += buffer.withUnsafeBytes { Array($0) }
        // What is more than that is no record, and nobody waits behind it.
        guard output.count <= Phase.allCases.count * SampleVisit.byteCount else { break }
        while let visit = SampleVisit(number: visits.count, in: output) {
          visits.append(visit)
          visits[visits.count - 1].look = try await inspector.look(at: execution.processIdentifier.value)
          try gate.open()
        }
      }
      return visits
    }
    try Task.checkCancellation()
    let visits = result.closureResult
    var outcome = outcome(
      status: result.terminationStatus, output: visits.flatMap(\.record), complaint: result.standardError)
    if outcome.status == .ok {
      outcome.inspection = SampleInspection(visits, of: specification, readings: outcome.readings)
    }
    return outcome
  }

  /// Reads what a sample's process left.
  func outcome(status: TerminationStatus, output: [UInt8], complaint: String) -> SampleOutcome {
    guard let records = SampleRecord.decode(output) else {
      return SampleOutcome(status: .crashed, readings: [], failure: "the sample's process wrote what is no record")
    }
    let readings = records.map(\.readings)
    if status == .exited(0), readings.count == Phase.allCases.count {
      return SampleOutcome(status: .ok, readings: readings, failure: nil)
    }
    let failure: SampleStatus
    switch status {
    case .signaled(SIGALRM): failure = .timeout
    // Nobody but the kernel, out of memory, kills a sample whose task goes on.
    case .signaled(SIGKILL), .exited(SampleProcess.outOfMemoryStatus): failure = .oom
    default:
      // How the Swift runtime and libstdc++ report a failed allocation.
      let isOutOfMemory = complaint.contains("failed to allocate") || complaint.contains("bad_alloc")
      failure = isOutOfMemory ? .oom : .crashed
    }
    let said = complaint.split(separator: "\n").first.map { ": \($0)" } ?? ""
    return SampleOutcome(status: failure, readings: readings, failure: Self.text(status) + said)
  }

  private static func text(_ status: TerminationStatus) -> String {
    switch status {
    case .exited(SampleProcess.outOfMemoryStatus): "no memory was left"
    case .exited(let code): "ended with status \(code)"
    case .signaled(let signal): "ended by signal \(signal)"
    }
  }
}
