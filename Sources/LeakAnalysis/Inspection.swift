import Glibc
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
  package init(_ snapshot: Snapshot) throws(InspectionError) { self.init(try CopiedHeap(snapshot)) }

  private init(_ copied: CopiedHeap) {
    snapshot = copied.process.snapshot
    process = copied.process
    heap = copied.heap
    objects = Classification.classify(process, heap: heap)
  }

  /// Stops and copies a running process, and looks at it. A heap that was stopped in the middle of an allocation is copied
  /// again a little later, `attempts` times in all; one that is damaged shows the same damage the second time.
  package static func look(
    at pid: Int32, options: Snapshot.Options, attempts: Int = 5
  ) throws(InspectionError) -> Inspection {
    var damage: Set<HeapProblem> = []
    var attempt = 1
    while true {
      let copied = try CopiedHeap(capture(pid, options))
      let found = copied.heap.problems.filter(\.isDamage)
      if copied.heap.isTrusted || attempt >= attempts || !damage.isDisjoint(with: found) { return Inspection(copied) }
      damage = Set(found)
      usleep(1000 << UInt32(attempt))
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

  /// The most of a heap's problems that are told one by one.
  private static let mostProblems = 20

  /// Whether the heap adds up: nothing may be called a leak where it does not.
  package var isTrusted: Bool { heap.isTrusted }

  /// What was not as it should be, and does not keep the rest from being told.
  package var warnings: [String] {
    let problems = heap.problems.prefix(Self.mostProblems).map(\.description)
    let rest = heap.problems.count - problems.count
    return snapshot.warnings + process.warnings + problems + (rest > 0 ? ["the heap has \(rest) more such faults"] : [])
  }

  /// What was inspected, and for how long it stood still.
  package func facts(ending: TargetFacts.Ending? = nil) -> TargetFacts {
    TargetFacts(
      pid: snapshot.pid, executable: snapshot.executable, swiftVersion: process.version?.description,
      libcVersion: heap.library.version, ending: ending, pauseNanoseconds: UInt64(clamping: snapshot.pause),
      copiedBytes: snapshot.copiedBytes)
  }
}

/// A process that was copied, with its heap's blocks, which nobody has named yet.
private struct CopiedHeap {
  let process: SwiftProcess
  let heap: Heap

  init(_ snapshot: Snapshot) throws(InspectionError) {
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
  }
}
