/// Why no heap could be read at all.
package enum HeapError: Error, Equatable, CustomStringConvertible {
  /// `malloc` is another allocator's.
  case otherAllocator(String)
  /// The C library is not glibc.
  case otherLibrary(String)
  /// No C library is mapped, or it never allocated.
  case noAllocatorFound
  /// glibc, of a release whose structures were not recognised.
  case unknownLayout(version: String)

  package var description: String {
    switch self {
    case .otherAllocator(let name):
      "the process allocates with \(name), whose heap cannot be read; start it with glibc's malloc to inspect it"
    case .otherLibrary(let name):
      "the process runs on \(name), whose heap cannot be read; only glibc's can"
    case .noAllocatorFound:
      "no malloc of glibc was found in the process: it has another allocator, or has not allocated yet"
    case .unknownLayout(let version):
      "the process runs on glibc \(version), whose heap could not be recognised; releases "
        + MallocLayout.all.flatMap(\.testedMinorVersions).map { "2.\($0)" }.joined(separator: ", ") + " are tested"
    }
  }
}
