import BenchmarkReport
import GraphWorkloads
import HeapProbe

/// Shows on this machine that the instrument measures what is there, and nothing where nothing is.
package struct SelfTest: Sendable {
  package struct Check: Sendable, Equatable {
    package let name: String
    package let expected: String
    package let measured: String

    package var passed: Bool { expected == measured }
  }

  private let timeout: Duration

  package init(timeout: Duration = .seconds(60)) { self.timeout = timeout }

  /// Nodes of each planted case: two links and a value, 40 bytes, in a chunk of 48.
  private static let nodes = 1_000
  private static let chunk = 48

  /// Runs every check in turn, and calls `body` with each.
  package func run(_ body: (Check) -> Void) async throws {
    body(try Self.nothing())
    let runner = SampleRunner(timeout: timeout, memoryLimit: nil, tunables: nil)
    let leak = try await runner.measure(try Self.ring(.strong))
    body(
      Check(
        name: "a planted leak: a ring of \(Self.nodes) nodes with strong back links, root dropped",
        expected: "\(Self.nodes * Self.chunk) bytes in \(Self.nodes) objects", measured: Self.leaked(leak)))
    for backLink in [BackLink.weak, .unowned, .broken] {
      body(
        Check(
          name: "no leak: the same ring with \(backLink.name) back links", expected: "0 bytes in 0 objects",
          measured: Self.leaked(try await runner.measure(try Self.ring(backLink)))))
    }
    let built = try await runner.measure(try Self.ring(.weak))
    body(
      Check(
        name: "a weak reference costs its target a side table of 48 bytes",
        expected: "\(Self.nodes * 2 * Self.chunk) bytes built",
        measured: Self.difference(built, \.heapInUseBytes, .built, .before).map { "\($0) bytes built" } ?? "nothing"))
    // 64 MiB do not hold ten million nodes.
    let starved = SampleRunner(timeout: timeout, memoryLimit: 64 << 20, tunables: nil)
    let tooLarge = try GraphSpecification(topology: .ring, backLink: .weak, nodes: 10_000_000)
    body(
      Check(
        name: "a sample that runs out of memory is told from a measured one", expected: SampleStatus.oom.name,
        measured: try await starved.measure(tooLarge).status.name))
  }

  private static func ring(_ backLink: BackLink) throws -> GraphSpecification {
    try GraphSpecification(topology: .ring, backLink: backLink, nodes: nodes)
  }

  private static func nothing() throws(HeapProbeError) -> Check {
    let first = try Checkpoint.take()
    let second = try Checkpoint.take()
    return Check(
      name: "nothing between two checkpoints", expected: "0 bytes",
      measured: "\(second.heap.inUse - first.heap.inUse) bytes")
  }

  private static func leaked(_ outcome: SampleOutcome) -> String {
    guard let bytes = difference(outcome, \.heapInUseBytes, .released, .before),
      let objects = outcome.readings[Int(Phase.released.rawValue)].liveObjects
    else { return "\(outcome.status.name): \(outcome.failure ?? "no reading")" }
    return "\(bytes) bytes in \(objects) objects"
  }

  private static func difference(
    _ outcome: SampleOutcome, _ reading: KeyPath<CheckpointReadings, Int64?>, _ later: Phase, _ earlier: Phase
  ) -> Int64? {
    guard outcome.status == .ok,
      let minuend = outcome.readings[Int(later.rawValue)][keyPath: reading],
      let subtrahend = outcome.readings[Int(earlier.rawValue)][keyPath: reading]
    else { return nil }
    return minuend - subtrahend
  }
}
