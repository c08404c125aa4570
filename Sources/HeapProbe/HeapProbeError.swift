/// What can go wrong when a process asks about its own heap.
public enum HeapProbeError: Error, Equatable, CustomStringConvertible {
  /// The C library has no `mallinfo2`: it is not glibc, or older than 2.33.
  case noAllocatorCounters
  /// What the allocator counts as in use does not follow the blocks that it gives and takes: its thread cache is larger
  /// than 127 blocks a size, or it is a debugging one.
  case unsteadyCounters
  /// A file under `/proc/self` could not be read; `code` is `errno`.
  case unreadable(path: String, code: Int32)
  /// A file under `/proc/self` was read but lacks the field, or has no number in it.
  case missingField(path: String, field: String)

  /// Fact, cause and remedy.
  public var description: String {
    switch self {
    case .noAllocatorCounters:
      "the C library has no mallinfo2: heap bytes cannot be counted; run on glibc 2.33 or later"
    case .unsteadyCounters:
      "the allocator's count of bytes in use does not follow its blocks: a thread cache of more than 127 blocks a size "
        + "(GLIBC_TUNABLES), or a debugging allocator; measure with glibc's defaults, or with --exact"
    case .unreadable(let path, let code):
      "\(path) cannot be read: \(errorText(code)); is /proc mounted, and may this process read it?"
    case .missingField(let path, let field):
      "\(path) has no readable field “\(field)”: this kernel does not say it; use Linux 4.14 or later"
    }
  }
}
