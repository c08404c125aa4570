import CProcess

/// The heap of this process, which inspects another one.
package enum OwnHeap {
  /// Columns of a million entries are made and dropped one after the other: malloc keeps their memory, in huge pages,
  /// instead of having the kernel map and zero it for each. Call it first of all.
  ///
  /// Address space of 1 GiB is reserved at the heap's end, and no more than an eighth of what there is; what is not touched takes
  /// no memory.
  package static func prepare() { _ = wsp_reserve_heap(min(1 << 30, (MemoryRoom.addressSpace ?? .max) / 8)) }
}
