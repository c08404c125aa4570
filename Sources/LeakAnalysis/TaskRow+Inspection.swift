import HeapBlocks
import ProcessImage
import SwiftRuntime

extension TaskRow {
  /// The tasks of a process in the order of their numbers, with the async functions that wait for one another.
  package static func all(in inspection: Inspection) -> [TaskRow] {
    let symbolizer = Symbolizer(inspection.snapshot)
    let tasks = inspection.process.tasks(of: inspection.heap, inspection.objects)
    return tasks.sorted { ($0.id, $0.address) < ($1.id, $1.address) }.map { task in
      var row = TaskRow(
        address: task.address.bits, identifier: UInt64(task.id), state: task.stateText,
        backtrace: task.backtrace(in: inspection.snapshot).map { symbolizer.name(of: $0) ?? $0.description })
      if let first = row.backtrace.first, adapters.contains(where: first.hasPrefix) {
        row.state += ", not begun"
        row.backtrace[0] = nameOfFirstCall(task, inspection, symbolizer) ?? first
      }
      return row
    }
  }

  /// Functions of the runtime by which a task begins (Task.cpp).
  private static let adapters = ["future_adapter(", "non_future_adapter("]

  /// What a task will begin with: its closure, as the census calls that one's context.
  private static func nameOfFirstCall(_ task: TaskObject, _ inspection: Inspection, _ symbolizer: Symbolizer) -> String?
  {
    guard let (function, closure) = task.firstCall(in: inspection.snapshot) else { return nil }
    let block = inspection.heap.blocks.index(startingAt: closure)
    if let entry = block.map(inspection.objects.entry), entry.kind == .closureContext, entry.function != nil {
      return entry.name
    }
    return symbolizer.closureName(of: function)
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
