import HeapBlocks
import ProcessImage
import SwiftRuntime

extension TaskRow {
  /// The tasks of a process in the order of their numbers, with the async functions that wait for one another.
  package static func all(in inspection: Inspection) -> [TaskRow] {
    let objects = inspection.objects
    let isTask = objects.types.map { $0.kind == .task }
    let symbolizer = Symbolizer(inspection.snapshot)
    var tasks: [TaskObject] = []
    for block in objects.type.indices where isTask[Int(objects.type[block])] {
      let address = inspection.heap.blocks.address(of: block)
      if let task = TaskObject(at: address, in: inspection.snapshot) { tasks.append(task) }
    }
    return tasks.sorted { ($0.id, $0.address) < ($1.id, $1.address) }.map { task in
      TaskRow(
        address: task.address.bits, identifier: UInt64(task.id), state: task.stateText,
        backtrace: task.backtrace(in: inspection.snapshot).map { symbolizer.name(of: $0) ?? $0.description })
    }
  }
}

extension TaskObject {
  fileprivate var stateText: String {
    var words: [String] = []
    if isAsyncLet { words.append("async let") } else if isGroupChild { words.append("child of a group") }
    if state.contains(.complete) {
      words.append("complete")
    } else if state.contains(.running) {
      words.append("running")
    } else {
      words.append(state.contains(.enqueued) ? "waiting for an executor" : "suspended")
    }
    if state.contains(.cancelled) { words.append("cancelled") }
    return words.joined(separator: ", ")
  }
}
