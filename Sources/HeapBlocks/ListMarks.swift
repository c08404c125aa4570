internal import Glibc

/// What the lists of freed chunks say of each 16-byte granule of a region: four bits a granule, 0 for none.
///
/// Whole heaps are looked up in it in the order of their chunks, so that it stays in the cache.
final class ListMarks {
  enum Mark: UInt8 {
    case threadCache = 1
    case fastbin
    case unsorted
    case smallBin
    case largeBin
    /// A block that malloc took for itself: a thread cache.
    case own
  }

  private let start: UInt64
  private let granules: UInt64
  private let bytes: UnsafeMutablePointer<UInt8>

  /// - Parameter size: Bytes of the region.
  init(start: UInt64, size: UInt64) {
    self.start = start
    granules = size / 16
    let count = Int(truncatingIfNeeded: granules / 2) &+ 1
    // Safety: zeroed memory, which the kernel makes real only where it is touched; freed in `deinit`.
    bytes = zeroedMemory(count)
  }

  deinit { free(bytes) }

  /// The raw mark of the chunk at `chunk`; 0 if there is none, or it lies outside.
  @inline(__always)
  func mark(of chunk: UInt64) -> UInt8 {
    let granule = (chunk &- start) / 16
    guard granule < granules else { return 0 }
    return bytes[Int(truncatingIfNeeded: granule / 2)] >> (UInt8(truncatingIfNeeded: granule & 1) &* 4) & 15
  }

  /// Marks a chunk. False if it lies outside or has a mark already: a list that meets itself or another one.
  func set(_ mark: Mark, for chunk: UInt64) -> Bool {
    let granule = (chunk &- start) / 16
    guard granule < granules, chunk & 15 == 0, self.mark(of: chunk) == 0 else { return false }
    bytes[Int(truncatingIfNeeded: granule / 2)] |= mark.rawValue << (UInt8(truncatingIfNeeded: granule & 1) &* 4)
    return true
  }
}
