import HeapProbe

/// Whether glibc's counters say anything of this process.
enum Measurability {
  /// What stands in the way, with the remedy; `nil` if nothing does.
  static var refusal: String? {
    switch Allocator.provider {
    case .glibc: nil
    case .other(let path):
      "malloc is served by \(path), not by glibc: its bytes cannot be counted with mallinfo2; "
        + "unset LD_PRELOAD, or link without that allocator"
    case .otherLibrary:
      "the C library is not glibc: it has no mallinfo2; run on Debian, Ubuntu or another glibc system"
    case .unknown:
      "it cannot be told which allocator serves malloc (a static executable?); link glibc dynamically"
    }
  }
}
