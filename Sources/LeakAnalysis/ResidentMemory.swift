/// Where a process's resident memory goes, to the page: every resident page's bytes are counted once.
package struct ResidentMemory: Equatable, Sendable {
  /// As the kernel says it; `nil` where it does not.
  package var rssBytes: Int?
  /// Live blocks of Swift: objects, storage, contexts, and what the runtime keeps for them.
  package var liveSwiftBytes = 0
  /// Live blocks of C and C++.
  package var liveOtherBytes = 0
  /// Freed, but kept by the allocator, with what it needs for its own bookkeeping.
  package var freeKeptBytes = 0
  /// What `malloc_trim(0)` would give back of it.
  package var trimmableBytes = 0
  package var stackBytes = 0
  /// Pages of files: code, constants, mapped files, shared memory.
  package var fileBytes = 0
  /// Writable data of images, and anonymous memory that is not malloc's.
  package var otherBytes = 0
  package var arenas: [ArenaUse] = []

  package init(rssBytes: Int? = nil) { self.rssBytes = rssBytes }

  package var heapBytes: Int { liveSwiftBytes + liveOtherBytes + freeKeptBytes }

  /// All that was found in page tables.
  package var sum: Int { heapBytes + stackBytes + fileBytes + otherBytes }

  /// What the kernel counts beyond that; negative if it counts less.
  package var differenceBytes: Int? { rssBytes.map { $0 - sum } }
}

/// What glibc keeps in one arena, or in mappings of single blocks.
package struct ArenaUse: Equatable, Sendable {
  /// `main`, `2`, …; `mmap` for blocks with a mapping of their own.
  package var name: String
  /// Memory that it got from the system, resident or not.
  package var systemBytes: Int
  package var liveBytes: Int
  package var liveBlocks: Int
  package var tcacheBytes: Int
  package var fastbinBytes: Int
  package var binBytes: Int
  package var topBytes: Int
  /// What `malloc_trim(0)` would give back of it.
  package var trimmableBytes: Int

  package init(
    name: String, systemBytes: Int, liveBytes: Int, liveBlocks: Int, tcacheBytes: Int, fastbinBytes: Int, binBytes: Int,
    topBytes: Int, trimmableBytes: Int
  ) {
    self.name = name
    self.systemBytes = systemBytes
    self.liveBytes = liveBytes
    self.liveBlocks = liveBlocks
    self.tcacheBytes = tcacheBytes
    self.fastbinBytes = fastbinBytes
    self.binBytes = binBytes
    self.topBytes = topBytes
    self.trimmableBytes = trimmableBytes
  }
}
