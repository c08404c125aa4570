import HeapBlocks
import ProcessImage

/// Memory outside the heap whose words may own a block: resident pages of everything private or writable, without malloc's
/// own, and without the unused part of stacks.
struct RootRegions {
  struct Region {
    var range: Range<Address>
    var kind: RootPlace.Kind
    var thread: UInt32

    /// Each aligned word of it, with its address. It may lie in several pieces of what was copied.
    @inline(__always)
    func forEachWord(in snapshot: Snapshot, _ body: (UInt64, Address) -> Void) {
      var start = Address((range.lowerBound.bits &+ 7) & ~7)
      while start < range.upperBound {
        let run = snapshot.bytes(from: start)
        let count = min(run.count, range.upperBound.distance(from: start)) & ~7
        guard count > 0 else { return }
        for offset in stride(from: 0, to: count, by: 8) {
          body(run.loadUnaligned(fromByteOffset: offset, as: UInt64.self), start + offset)
        }
        start = start + count
      }
    }
  }

  private(set) var regions: [Region] = []

  /// What the x86-64 ABI lets a function use below its stack pointer.
  private static let redZone = 128

  init(_ inspection: Inspection) {
    let snapshot = inspection.snapshot
    let heap = inspection.heap
    let excluded = Self.merged(heap.arenas.flatMap(\.heaps) + heap.mallocStates)
    let tls = snapshot.threadLocalBytes
    let descriptors = Set(snapshot.threads.lazy.map(\.registers.threadPointer))
    for (index, mapping) in snapshot.mappings.enumerated() where mapping.permissions.contains(.read) {
      let isShared = mapping.permissions.contains(.shared)
      // Code is never written; a stack that can be executed is a stack like any other.
      guard !mapping.permissions.contains(.execute) || mapping.permissions.contains(.write),
        mapping.name != "[vvar]", mapping.name != "[vdso]", !isShared || mapping.permissions.contains(.write)
      else { continue }
      var parts = Self.parts(of: mapping, in: snapshot, tls: tls)
      if parts.isEmpty {
        // Below malloc's heaps lies memory without permissions too.
        let heap = excluded.partitioningIndex { $0.upperBound > mapping.start }
        let end = heap < excluded.count ? min(mapping.end, excluded[heap].lowerBound) : mapping.end
        let stack = ThreadStack(endedIn: mapping, at: index, upTo: end, of: snapshot, living: descriptors)
        let start = stack?.descriptor ?? mapping.start
        parts = [Region(range: start..<mapping.end, kind: .memory, thread: 0)]
      }
      for part in parts {
        for pages in snapshot.pages(in: part.range) {
          // A file's own pages hold no address of the heap, unless the process writes to the file.
          if pages.state.contains(.fileBacked), !isShared { continue }
          Self.subtract(excluded, from: pages.start..<pages.end) {
            regions.append(Region(range: $0, kind: part.kind, thread: part.thread))
          }
        }
      }
    }
  }

  /// The parts by what they are of a mapping that a thread is on: of each thread's stack, what lies above its stack pointer, and
  /// its thread-local variables; all of everything else. None if no stack there is a thread's own.
  private static func parts(of mapping: Mapping, in snapshot: Snapshot, tls: Int) -> [Region] {
    let threads = snapshot.threads(in: mapping)
    guard let lowest = threads.first else { return [] }
    var parts: [Region] = []
    var start = mapping.start
    func add(_ kind: RootPlace.Kind, upTo end: Address, thread: Int = 0) {
      let end = min(end, mapping.end)
      if start < end {
        parts.append(Region(range: start..<end, kind: kind, thread: UInt32(truncatingIfNeeded: thread)))
      }
      start = max(start, end)
    }
    let stacks = threads.compactMap { thread in
      let registers = snapshot.threads[thread].registers
      return ThreadStack(descriptor: registers.threadPointer, holding: registers.stackPointer, in: snapshot)
        .map { (thread: thread, stack: $0) }
    }.sorted { $0.stack.range.lowerBound < $1.stack.range.lowerBound }
    for (thread, stack) in stacks where stack.range.lowerBound >= start {
      add(.memory, upTo: stack.range.lowerBound)
      start = max(start, snapshot.threads[thread].registers.stackPointer - redZone)
      add(.stack, upTo: stack.descriptor - tls, thread: thread)
      add(.threadLocal, upTo: stack.range.upperBound, thread: thread)
    }
    if parts.isEmpty {
      guard mapping.name == "[stack]" else { return [] }
      start = max(start, snapshot.threads[lowest].registers.stackPointer - redZone)
      add(.stack, upTo: mapping.end, thread: lowest)
    }
    add(.memory, upTo: mapping.end)
    return parts
  }

  /// Ascending, and apart: malloc's own structures may lie in its heaps.
  static func merged(_ ranges: [Range<Address>]) -> [Range<Address>] {
    var merged: [Range<Address>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  /// The parts of `range` that lie in none of `excluded`, which are ascending and apart.
  static func subtract(_ excluded: [Range<Address>], from range: Range<Address>, _ body: (Range<Address>) -> Void) {
    var start = range.lowerBound
    var index = excluded.partitioningIndex { $0.upperBound > range.lowerBound }
    while index < excluded.count, excluded[index].lowerBound < range.upperBound {
      if start < excluded[index].lowerBound { body(start..<excluded[index].lowerBound) }
      start = max(start, excluded[index].upperBound)
      index += 1
    }
    if start < range.upperBound { body(start..<range.upperBound) }
  }
}

extension Snapshot {
  /// Bytes below a thread's pointer that thread-local variables take at most: all images' segments, and room for alignment.
  var threadLocalBytes: Int {
    images.reduce(0) { sum, image in
      image.sections.reduce(sum) { $0 + ($1.name == ".tdata" || $1.name == ".tbss" ? $1.size + 64 : 0) }
    }
  }
}
