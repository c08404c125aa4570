import CAllocator

/// The allocator that serves this process: which one it is, and what it can be asked to do.
public enum Allocator {
  /// Who serves `malloc`.
  public enum Provider: Equatable, Sendable {
    /// glibc of this version: the allocator that HeapProbe measures.
    case glibc(version: String)
    /// Another object serves `malloc`, a preloaded jemalloc say; glibc's counters then say nothing of it.
    case other(path: String)
    /// The C library is not glibc (musl, say).
    case otherLibrary
    /// It cannot be told, as in a static executable.
    case unknown
  }

  /// Who serves `malloc` in this process.
  public static var provider: Provider {
    guard let version = wsa_glibc_version() else { return .otherLibrary }
    var path = [CChar](repeating: 0, count: 4096)
    switch wsa_malloc_provider(&path, path.count) {
    case 1: return .glibc(version: String(cString: version))
    case 0: return .other(path: path.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
    default: return .unknown
    }
  }

  /// Gives free memory back to the system (malloc_trim(3)): whole free pages of every arena and the main arena's top.
  ///
  /// - Returns: Whether anything was given back; `nil` where the C library cannot trim.
  @discardableResult
  public static func trim() -> Bool? {
    switch wsa_trim(0) {
    case 0: false
    case 1: true
    default: nil
    }
  }

  /// glibc's XML account of every arena (malloc_info(3)); `nil` where the C library has none.
  public static func report() -> String? {
    let length = wsa_allocator_report(nil, 0)
    guard length >= 0 else { return nil }
    // The account may grow between the two calls by what the text itself allocates.
    var text = [CChar](repeating: 0, count: length + 4096)
    guard wsa_allocator_report(&text, text.count) >= 0 else { return nil }
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }
}
