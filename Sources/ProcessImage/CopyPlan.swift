/// Which parts of a process must be copied while it stands still.
struct CopyPlan {
  /// A part of a mapping whose pages have to be copied.
  struct Piece {
    var start: Address
    var end: Address
    var size: Int { end.distance(from: start) }
  }

  /// Neighbouring mappings that are captured as one run.
  struct Run {
    var start: Address
    var end: Address
    var size: Int { end.distance(from: start) }
  }

  private(set) var runs: [Run] = []
  private(set) var pieces: [Piece] = []
  private(set) var bytes = 0
  /// What is read once the process runs on: memory that it shares and may have written.
  private(set) var lateBytes = 0

  /// Memory that only this process sees and may have written: its own state. Not what the kernel lends it (`[vvar]`).
  static func isCaptured(_ mapping: Mapping) -> Bool {
    mapping.permissions.contains(.read) && !mapping.permissions.contains(.shared) && !isKernels(mapping)
  }

  /// Memory that others see too: it is read as soon as the process runs on.
  static func isWritableAndShared(_ mapping: Mapping) -> Bool {
    mapping.permissions.isSuperset(of: [.read, .write, .shared]) && !isKernels(mapping)
  }

  /// Pages that the kernel shows to every process: `[vdso]`, `[vvar]`, `[vsyscall]`.
  static func isKernels(_ mapping: Mapping) -> Bool {
    mapping.name.hasPrefix("[v") || mapping.name == "[uprobes]"
  }

  /// The kernel's data pages, which cannot be read from outside.
  static func isUnreadable(_ mapping: Mapping) -> Bool { isKernels(mapping) && mapping.name != "[vdso]" }

  /// A file of data rather than an image: its own pages are not looked at.
  static func isLargeFile(_ mapping: Mapping) -> Bool { mapping.inode != 0 && mapping.size > 256 << 20 }

  /// - Parameter pages: The pages of all mappings, in rising order.
  init(mappings: [Mapping], pages: [PageRange]) {
    for mapping in mappings where Self.isWritableAndShared(mapping) {
      for range in pages[pages.partitioningIndex { $0.end > mapping.start }...] {
        guard range.start < mapping.end else { break }
        lateBytes += min(range.end, mapping.end).distance(from: max(range.start, mapping.start))
      }
    }
    var page = 0
    for mapping in mappings where Self.isCaptured(mapping) {
      while page < pages.count, pages[page].end <= mapping.start { page += 1 }
      var needed: [Piece] = []
      var index = page
      while index < pages.count, pages[index].start < mapping.end {
        let range = pages[index]
        index += 1
        // A file's own page can be read later, from the file.
        guard !range.state.contains(.fileBacked), !range.state.contains(.zeroPage) else { continue }
        let start = max(range.start, mapping.start)
        let end = min(range.end, mapping.end)
        if let last = needed.last, last.end == start {
          needed[needed.count - 1].end = end
        } else {
          needed.append(Piece(start: start, end: end))
        }
      }
      page = index > page ? index - 1 : page
      // Read-only pages of a file that nobody has changed: all of the mapping comes from the file.
      if mapping.inode != 0, !mapping.permissions.contains(.write), needed.isEmpty { continue }
      for piece in needed { bytes += piece.size }
      pieces += needed
      if let last = runs.last, last.end == mapping.start {
        runs[runs.count - 1].end = mapping.end
      } else {
        runs.append(Run(start: mapping.start, end: mapping.end))
      }
    }
  }

  func holds(_ mapping: Mapping) -> Bool {
    let after = runs.partitioningIndex { $0.start > mapping.start }
    return after > 0 && mapping.end <= runs[after - 1].end
  }
}

extension Sequence<CopyPlan.Run> {
  /// Addresses that they take.
  var bytes: Int { reduce(0) { $0 &+ $1.size } }
}
