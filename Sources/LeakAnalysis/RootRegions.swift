import HeapBlocks
import ProcessImage

/// Memory outside the heap whose words may own a block: resident pages of everything private or writable, without malloc's
/// own, and without the unused part of stacks.
struct RootRegions {
  struct Region {
    var range: Range<Address>
    var kind: RootPlace.Kind
    var thread: UInt32
  }

  private(set) var regions: [Region] = []

  /// Bytes at the upper end of an ended thread's stack in which glibc keeps what it will use again: `struct pthread`
  /// (nptl/descr.h: 2,304 bytes in 2.36), and room for later releases.
  private static let threadDescriptorBytes = 4096

  /// What the x86-64 ABI lets a function use below its stack pointer.
  private static let redZone = 128

  init(_ inspection: Inspection) {
    let snapshot = inspection.snapshot
    let heap = inspection.heap
    let excluded = Self.merged(heap.arenas.flatMap(\.heaps) + heap.mallocStates)
    let tls = snapshot.threadLocalBytes
    for (index, mapping) in snapshot.mappings.enumerated() where mapping.permissions.contains(.read) {
      let isShared = mapping.permissions.contains(.shared)
      // Code is never written; a stack that can be executed is a stack like any other.
      guard !mapping.permissions.contains(.execute) || mapping.permissions.contains(.write),
        mapping.name != "[vvar]", mapping.name != "[vdso]", !isShared || mapping.permissions.contains(.write)
      else { continue }
      let parts = Self.parts(of: mapping, before: index, in: snapshot, tls: tls)
      for part in parts {
        for pages in snapshot.pages(in: mapping) {
          // A file's own pages hold no address of the heap, unless the process writes to the file.
          if pages.state.contains(.fileBacked), !isShared { continue }
          let range = (pages.start..<pages.end).clamped(to: part.range)
          guard !range.isEmpty else { continue }
          Self.subtract(excluded, from: range) {
            regions.append(Region(range: $0, kind: part.kind, thread: part.thread))
          }
        }
      }
    }
  }

  /// A mapping's parts by what they are: of an ended thread's stack, the thread's descriptor; of a live one's, what lies above its stack
  /// pointer, and its thread-local variables.
  private static func parts(
    of mapping: Mapping, before index: Int, in snapshot: Snapshot, tls: Int
  ) -> [Region] {
    let whole = Region(range: mapping.start..<mapping.end, kind: .memory, thread: 0)
    guard let thread = snapshot.threads.firstIndex(where: { mapping.contains($0.registers.stackPointer) }) else {
      guard snapshot.isEndedStack(mapping, at: index) else { return [whole] }
      let start = max(mapping.start, mapping.end - threadDescriptorBytes)
      return [Region(range: start..<mapping.end, kind: .memory, thread: 0)]
    }
    let registers = snapshot.threads[thread].registers
    let number = UInt32(truncatingIfNeeded: thread)
    let top = max(mapping.start, registers.stackPointer - redZone)
    let pointer = registers.threadPointer
    guard mapping.contains(pointer), top < pointer else {
      return [Region(range: top..<mapping.end, kind: .stack, thread: number)]
    }
    let local = max(top, pointer - tls)
    return [
      Region(range: top..<local, kind: .stack, thread: number),
      Region(range: local..<mapping.end, kind: .threadLocal, thread: number),
    ]
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

  /// Whether a mapping is the stack of a thread that has ended, which glibc keeps for the next one: a guard page lies below
  /// it, and no thread is in it.
  fileprivate func isEndedStack(_ mapping: Mapping, at index: Int) -> Bool {
    guard index > 0, mapping.inode == 0, mapping.name.isEmpty, mapping.permissions.contains(.write) else {
      return false
    }
    let below = mappings[index - 1]
    return below.end == mapping.start && below.permissions.isDisjoint(with: [.read, .write, .execute])
      && below.inode == 0
      && !threads.contains { mapping.contains($0.registers.threadPointer) }
  }
}
