import ProcessImage

/// What `malloc_trim` needs besides the free chunks (`mtrim`, `systrim` in malloc/malloc.c).
struct Trimming: Sendable {
  /// Whether the main arena's top ends where the program break is: only then it can be given back.
  var topEndsAtBreak: Bool
  /// Size of a transparent huge page if malloc was told to use them; 0 if not.
  var granularity: UInt64
}
