package import ProcessImage

extension Heap {
  /// Reads the heap of a captured process.
  package static func walk(_ snapshot: Snapshot) throws(HeapError) -> Heap {
    try walk(
      memory: snapshot, mappings: snapshot.mappings, pages: snapshot.pages,
      threadPointers: snapshot.threads.map(\.registers.threadPointer))
  }
}
