package import ProcessImage

/// The heap of a process as glibc's malloc keeps it: which blocks are live, which are free and why, and whether it all adds
/// up.
///
/// A block is live if its arena calls it used and no list of freed chunks holds it. Malloc's own blocks are neither live nor
/// free: they are in `mallocStates`.
package struct Heap: Sendable {
  package let library: CLibrary
  package let layout: MallocLayout
  package let blocks: BlockTable
  package let free: FreeTable
  /// The main arena, the others, and the mapped blocks as the last one.
  package let arenas: [ArenaSummary]
  package let problems: [HeapProblem]
  /// Memory that is the allocator's own: arenas, heads of heaps, thread caches, parameters. Ascending. Its words own nothing.
  package let mallocStates: [Range<Address>]
  let trimming: Trimming

  /// Whether all self-checks hold: nothing may be called a leak where they do not. Another stop may find the heap at rest.
  package var isTrusted: Bool { problems.allSatisfy(\.isHarmless) }

  /// Whether an arena was locked at the stop, and may have been in the middle of an operation.
  package var isBusy: Bool { arenas.contains(where: \.isBusy) }

  /// Reads the heap of a process.
  ///
  /// - Parameters:
  ///   - memory: The process's memory at one moment.
  ///   - mappings: Its mappings at that moment, ascending.
  ///   - pages: Its pages in memory or swap, ascending, so that empty ones are passed over; `nil` if they are not known.
  ///   - threadPointers: `fs_base` of every thread.
  ///   - images: Memory of the program and its libraries, zeroed data included: none of it is malloc's, whatever it looks
  ///     like.
  package static func walk(
    memory: any MemoryReader, mappings: [Mapping], pages: [PageRange]? = nil, threadPointers: [Address],
    images: [Range<Address>] = []
  ) throws(HeapError) -> Heap {
    let libraries = try CLibrary.candidates(in: mappings, memory: memory)
    var first: Heap?
    for library in libraries {
      for layout in MallocLayout.candidates(minorVersion: library.minorVersion) {
        guard let main = ArenaState.findMain(in: library, layout: layout.arena, memory: memory) else { continue }
        let heap = HeapWalk(
          memory: memory, mappings: mappings, pages: pages, threadPointers: threadPointers, images: images,
          library: library, layout: layout, main: main
        ).run()
        if heap.isTrusted { return heap }
        first = first ?? heap
      }
    }
    if let first { return first }
    if let library = libraries.first, !library.isStatic { throw .unknownLayout(version: library.version) }
    throw .noAllocatorFound
  }
}
