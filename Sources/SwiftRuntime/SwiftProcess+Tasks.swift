package import HeapBlocks
import ProcessImage

extension SwiftProcess {
  /// All tasks: those that are blocks of the heap, and those by `async let` in their memory.
  package func tasks(of heap: Heap, _ objects: ObjectTable) -> [TaskObject] {
    let isTask = objects.types.map { $0.kind == .task }
    var tasks = objects.type.indices.filter { isTask[Int(objects.type[$0])] }
      .compactMap { task(at: heap.blocks.address(of: $0)) }
    var known = Set(tasks.map(\.address))
    var next = 0
    while next < tasks.count {
      tasks += tasks[next].asyncLetTasks(in: snapshot).filter { known.insert($0.address).inserted }
      next += 1
    }
    return tasks
  }
}
