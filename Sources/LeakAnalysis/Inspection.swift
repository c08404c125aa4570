package import HeapBlocks
package import ProcessImage
package import SwiftRuntime

/// A process that was copied, with each block of its heap named: what every report is made from.
package struct Inspection: Sendable {
  package let snapshot: Snapshot
  package let process: SwiftProcess
  package let heap: Heap
  package let objects: ObjectTable

  /// Looks at what was copied.
  package init(_ snapshot: Snapshot) throws(InspectionError) {
    self.snapshot = snapshot
    do throws(SwiftRuntimeError) {
      process = try SwiftProcess(snapshot)
    } catch {
      throw .runtime(pid: snapshot.pid, error)
    }
    do throws(HeapError) {
      heap = try Heap.walk(snapshot)
    } catch {
      throw .heap(pid: snapshot.pid, error)
    }
    objects = Classification.classify(process, heap: heap)
  }

  /// Stops and copies a running process, and looks at it. A heap that was stopped in the middle of an allocation is looked
  /// at again, `attempts` times in all.
  package static func look(
    at pid: Int32, options: Snapshot.Options, attempts: Int = 5
  ) throws(InspectionError) -> Inspection {
    var attempt = 1
    while true {
      let inspection = try Inspection(capture(pid, options))
      if inspection.heap.isTrusted || attempt >= attempts { return inspection }
      attempt += 1
    }
  }

  private static func capture(_ pid: Int32, _ options: Snapshot.Options) throws(InspectionError) -> Snapshot {
    do throws(ProcessError) {
      return try Snapshot.capture(pid: pid, options: options)
    } catch {
      throw .process(error)
    }
  }

  /// Whether the heap adds up: nothing may be called a leak where it does not.
  package var isTrusted: Bool { heap.isTrusted }

  /// What was not as it should be, and does not keep the rest from being told.
  package var warnings: [String] {
    snapshot.warnings + process.warnings + heap.problems.map(\.description)
  }

  /// What was inspected, and for how long it stood still.
  package func facts(ending: TargetFacts.Ending? = nil) -> TargetFacts {
    TargetFacts(
      pid: snapshot.pid, executable: snapshot.executable, swiftVersion: process.version?.description,
      libcVersion: heap.library.version, ending: ending, pauseNanoseconds: UInt64(clamping: snapshot.pause),
      copiedBytes: snapshot.copiedBytes)
  }
}
