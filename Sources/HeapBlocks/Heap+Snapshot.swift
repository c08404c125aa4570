package import ProcessImage

extension Heap {
  /// Reads the heap of a captured process.
  package static func walk(_ snapshot: Snapshot) throws(HeapError) -> Heap {
    if let name = linkedAllocator(of: snapshot) { throw .otherAllocator(name) }
    return try walk(
      memory: snapshot, mappings: snapshot.mappings, pages: snapshot.pages,
      threadPointers: snapshot.threads.map(\.registers.threadPointer),
      images: snapshot.images.flatMap(\.loadedPages))
  }

  /// Functions by which an allocator is known that was linked into the program itself. A `malloc` of the program's own says
  /// nothing: it may call glibc's.
  private static let marks = [
    ("mallctl", "jemalloc"), ("_rjem_mallctl", "jemalloc"), ("mi_malloc", "mimalloc"), ("tc_malloc", "tcmalloc"),
    ("__asan_init", "AddressSanitizer"), ("__lsan_init", "LeakSanitizer"), ("__tsan_init", "ThreadSanitizer"),
    ("__msan_init", "MemorySanitizer"), ("__hwasan_init", "HWAddressSanitizer"),
  ]

  private static func linkedAllocator(of snapshot: Snapshot) -> String? {
    guard let program = snapshot.images.first(where: { $0.path == snapshot.executable }) else { return nil }
    return marks.first { program.address(ofSymbol: $0.0) != nil }?.1
  }
}
