package import ProcessImage

/// Something that does not agree in a heap that was read: damage, or a stop in the middle of an operation.
///
/// With one of them, "live" and "free" cannot be relied upon; another stop a moment later has another state.
package enum HeapProblem: Hashable, Sendable, CustomStringConvertible {
  /// A chunk's header cannot be: the walk of its region stopped here, and what lies behind was not read.
  case damagedChunk(arena: Int, chunk: Address, header: UInt64?)
  /// A free chunk's size and its copy in the next chunk differ.
  case previousSizeDiffers(arena: Int, chunk: Address)
  /// Free by its flag, and in no list.
  case freeChunksUnlisted(arena: Int, count: Int, first: Address)
  /// In a list of freed chunks, and no chunk, or one that the flags call used.
  case listedChunksNotFree(arena: Int, count: Int)
  /// A list of freed chunks leads to where no chunk can be.
  case brokenList(arena: Int, list: FreeTable.Kind, at: Address)
  /// A thread cache's number of chunks and its list differ by more than a moment can explain.
  case threadCacheCountDiffers(cache: Address, bin: Int, counted: Int, said: Int)
  /// What the thread's local storage holds is no thread cache.
  case threadCacheUnreadable(threadPointer: Address)
  /// No thread cache was found in any thread, and this release of glibc has one.
  case threadCachesNotFound
  /// The walk met another sum than malloc's own.
  case sizesDoNotAddUp(arena: Int, found: Int, said: Int)
  /// The walk did not meet the chunk that malloc calls the top.
  case topNotFound(arena: Int, top: Address)
  /// The heaps of an arena do not lead from its top to its first one.
  case heapsUnreadable(arena: Int, at: Address)
  /// The ring of arenas does not close.
  case arenaRingBroken(at: Address)
  /// Mapped blocks found, and as malloc counts them.
  case mappedBlocksDiffer(foundCount: Int, foundBytes: Int, saidCount: Int, saidBytes: Int)
  /// malloc's parameters were not found: nothing to compare mapped blocks with.
  case parametersNotFound
  /// A release of glibc that is not in the table, read with another release's layout.
  case untriedRelease(minorVersion: Int?)

  /// Whether the rest of the heap adds up all the same, as far as can be seen.
  package var isHarmless: Bool {
    if case .untriedRelease = self { return true }
    return false
  }

  /// Whether it will be there the next time, if it is there twice.
  package var isDamage: Bool {
    if case .damagedChunk = self { return true }
    return false
  }

  package var description: String {
    switch self {
    case .damagedChunk(let arena, let chunk, let header):
      "arena \(arena): the chunk at \(chunk) is damaged (\(header.map { "size word \(Address($0))" } ?? "not readable"));"
        + " the walk stopped there"
    case .previousSizeDiffers(let arena, let chunk):
      "arena \(arena): the free chunk at \(chunk) and the one behind it disagree on its size"
    case .freeChunksUnlisted(let arena, let count, let first):
      "arena \(arena): \(count) free chunks are in no list, the first at \(first)"
    case .listedChunksNotFree(let arena, let count):
      "arena \(arena): \(count) chunks in the lists of freed ones are not free"
    case .brokenList(let arena, let list, let place):
      "arena \(arena): a list of freed chunks (\(list)) is broken at \(place)"
    case .threadCacheCountDiffers(let cache, let bin, let counted, let said):
      "the thread cache at \(cache) has \(counted) chunks in bin \(bin), and says \(said)"
    case .threadCacheUnreadable(let pointer): "the thread cache of the thread at \(pointer) cannot be read"
    case .threadCachesNotFound: "no thread's cache of freed blocks was found"
    case .sizesDoNotAddUp(let arena, let found, let said):
      "arena \(arena): \(found) bytes were found, and malloc says \(said)"
    case .topNotFound(let arena, let top): "arena \(arena): its top at \(top) was not met"
    case .heapsUnreadable(let arena, let place): "arena \(arena): its heaps cannot be followed at \(place)"
    case .arenaRingBroken(let place): "the ring of arenas is broken at \(place)"
    case .mappedBlocksDiffer(let count, let bytes, let saidCount, let saidBytes):
      "\(count) mapped blocks of \(bytes) bytes were found, and malloc says \(saidCount) of \(saidBytes) bytes"
    case .parametersNotFound: "malloc's parameters were not found"
    case .untriedRelease(let minor):
      "glibc \(minor.map { "2.\($0)" } ?? "of an unknown release") has not been tried; its heap adds up with another layout"
    }
  }
}
