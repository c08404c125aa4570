package import ProcessImage

/// A task of Swift's concurrency: what it is doing, and the async functions that wait for it to go on.
///
/// Offsets are those of the runtime of Swift 6.3 (include/swift/ABI/Task.h: HeapObject, Job, AsyncTask; its private part in
/// stdlib/public/Concurrency/TaskPrivate.h).
package struct TaskObject: Sendable {
  package struct State: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let cancelled = State(rawValue: 0x100)
    package static let running = State(rawValue: 0x800)
    /// Waiting for an executor to run it.
    package static let enqueued = State(rawValue: 0x1000)
    package static let complete = State(rawValue: 0x2000)
  }

  package let address: Address
  /// The lower 32 bits of the number that the process counts its tasks with.
  package let id: UInt32
  package let state: State
  package let isChild: Bool
  /// Whether it was made by a task group.
  package let isGroupChild: Bool
  /// Whether it was made by `async let`.
  package let isAsyncLet: Bool

  private let resumeFunction: Address
  private let context: Address
  private let metadata: Address
  private let innermostRecord: Address

  package init?(at address: Address, in memory: some MemoryReader) {
    guard let bytes = memory.bytes(at: address, count: TaskLayout.size) else { return nil }
    let flags = bytes.loadUnaligned(fromByteOffset: TaskLayout.flags, as: UInt32.self)
    self.address = address
    metadata = Address(bytes.loadUnaligned(as: UInt64.self))
    id = bytes.loadUnaligned(fromByteOffset: TaskLayout.id, as: UInt32.self)
    isChild = flags & 1 << 24 != 0
    isGroupChild = flags & 1 << 26 != 0
    isAsyncLet = flags & 1 << 28 != 0
    state = State(rawValue: bytes.loadUnaligned(fromByteOffset: TaskLayout.status, as: UInt32.self) & 0x3900)
    innermostRecord = Address(bytes.loadUnaligned(fromByteOffset: TaskLayout.innermostRecord, as: UInt64.self))
    resumeFunction = Address(bytes.loadUnaligned(fromByteOffset: TaskLayout.resumeFunction, as: UInt64.self))
    context = Address(bytes.loadUnaligned(fromByteOffset: TaskLayout.resumeContext, as: UInt64.self))
  }

  /// Where it goes on, innermost first: the function that it resumes in, then that of each async function waiting for the one
  /// before. Nothing for a task that is complete; of a running one, what it will return to from its last suspension.
  package func backtrace(in memory: some MemoryReader) -> [Address] {
    guard !state.contains(.complete), resumeFunction.bits != 0 else { return [] }
    var frames = [resumeFunction]
    var next = context
    // Each async context begins with the one of its caller, and the function in which that goes on.
    while next.bits != 0, next.isAligned(to: 8), frames.count < TaskLayout.depthLimit,
      let parent = memory.pointer(at: next), let function = memory.pointer(at: next + 8), function.bits != 0
    {
      frames.append(function)
      next = parent
    }
    return frames
  }
}

extension TaskObject {
  /// The function that a task which has not begun will call, and that one's closure context: they stand before its first async
  /// context (Task.cpp: AsyncContextPrefix).
  package func firstCall(in memory: some MemoryReader) -> (function: Address, closure: Address)? {
    guard context.bits > 24, let function = memory.pointer(at: context - 24),
      let closure = memory.pointer(at: context - 16)
    else { return nil }
    return (function, closure)
  }

  /// The tasks that it has made by `async let` and not come to the end of: they lie in its own memory, and no block of the heap
  /// is one of them.
  ///
  /// A task has a list of records of what it has to do with (include/swift/ABI/TaskStatus.h: TaskStatusRecord), the latest first.
  func asyncLetTasks(in memory: some MemoryReader) -> [TaskObject] {
    var tasks: [TaskObject] = []
    var record = innermostRecord
    for _ in 0..<TaskLayout.depthLimit where record.bits != 0 && record.isAligned(to: 8) {
      guard let kind = memory.load(UInt8.self, at: record), let outer = memory.pointer(at: record + 8) else { break }
      if kind == TaskLayout.childRecordKind, let place = memory.pointer(at: record + 16),
        let task = TaskObject(at: place, in: memory), task.metadata == metadata, task.isAsyncLet
      {
        tasks.append(task)
      }
      record = outer
    }
    return tasks
  }
}

/// Offsets in a task, bytes.
enum TaskLayout {
  static let flags = 32
  static let id = 36
  static let resumeFunction = 56
  static let resumeContext = 64
  static let status = 96
  static let innermostRecord = 104
  static let firstSlab = 120
  /// Of a job that is no task: up to its function.
  static let jobSize = 64
  static let size = 128
  /// The kind of a record that names a child (include/swift/ABI/MetadataValues.h: TaskStatusRecordKind).
  static let childRecordKind: UInt8 = 1
  /// Frames of a backtrace, or records of a task, at most: a bound for damaged memory, and for endless recursion.
  static let depthLimit = 1024
}
