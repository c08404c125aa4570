import ProcessImage

/// Where a word lies that is not on the heap.
struct RootPlace: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    case register
    /// Between a thread's stack pointer and its stack's end.
    case stack
    /// Behind a thread's stack: its thread-local variables.
    case threadLocal
    /// A global, or other memory that is not malloc's.
    case memory
  }

  var kind: Kind
  /// The thread's number in `Snapshot.threads`; of no meaning for `memory`.
  var thread: UInt32
  /// Of a register: 0.
  var address: Address
}
