import LeakAnalysis
import ProcessImage
import Synchronization
import TestSupport
import Testing

/// How often a process is stopped to be looked at.
struct InspectionTests {
  /// Counts the stops of a look at `InspectedProgram`.
  static func look(at arguments: String) throws -> (inspection: Inspection, stops: Int) {
    let process = try TestProcess(
      TestProcess.path("InspectedProgram"), arguments.split(separator: " ").map(String.init))
    try #require(process.line() == "ready")
    let stops = Count()
    let options = Snapshot.Options { if $0.stage == .stopped { stops.value.add(1, ordering: .relaxed) } }
    let inspection = try Inspection.look(at: process.pid, options: options)
    return (inspection, stops.value.load(ordering: .relaxed))
  }

  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  @Test func `a heap that adds up is looked at once`() throws {
    let (inspection, stops) = try Self.look(at: "heap")
    #expect(inspection.isTrusted && inspection.warnings == [])
    #expect(stops == 1)
  }

  @Test func `a damaged heap is looked at twice`() throws {
    let (inspection, stops) = try Self.look(at: "damaged 0")
    #expect(!inspection.isTrusted)
    #expect(inspection.warnings.contains { $0.contains("the walk stopped there") })
    #expect(stops == 2)
  }
}
