package import ProcessImage

/// What one arena has, in bytes. All bytes but `foreignBytes` and `liveBytes` are malloc's to give or keep.
package struct ArenaSummary: Equatable, Sendable {
  package enum Kind: Sendable {
    /// The first one, in the program break's memory.
    case main
    /// One made for threads, in heaps of its own.
    case other
    /// Blocks with a mapping each; no arena to malloc, but listed as one.
    case mapped
  }

  package var number: Int
  package var kind: Kind
  /// Its `malloc_state`; `nil` for mapped blocks.
  package var address: Address?
  /// The memory that it has.
  package var heaps: [Range<Address>] = []
  /// What malloc says that it has from the system.
  package var systemBytes = 0
  package var liveCount = 0
  /// Chunks with their headers.
  package var liveBytes = 0
  package var threadCacheCount = 0
  package var threadCacheBytes = 0
  package var fastbinBytes = 0
  /// Unsorted, small and large bins.
  package var binBytes = 0
  package var topBytes = 0
  /// Malloc's own: `heap_info`, `malloc_state`, thread caches, fenceposts, padding.
  package var ownBytes = 0
  /// Memory in the middle of the arena that someone else took by `sbrk`.
  package var foreignBytes = 0
  /// Whether its lock was held at the stop: it may have been in the middle of an operation. A program of one thread takes no
  /// lock, so that `false` says nothing of it.
  package var isBusy = false

  /// All that was found; what malloc says, if all was.
  package var accountedBytes: Int {
    liveBytes &+ threadCacheBytes &+ fastbinBytes &+ binBytes &+ topBytes &+ ownBytes &+ foreignBytes
  }
}
