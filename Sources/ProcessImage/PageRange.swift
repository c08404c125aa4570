import CProcess
import Glibc

/// Neighbouring pages of a process that are in the same state. Pages that are neither in memory nor in swap are in none.
package struct PageRange: Sendable, Equatable {
  package struct State: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The content is a file's or shared memory's: bit 61 of pagemap.
    package static let fileBacked = State(rawValue: 1)
    /// In memory: bit 63.
    package static let present = State(rawValue: 2)
    /// In swap: bit 62.
    package static let swapped = State(rawValue: 4)
    /// The one page of zeros that all processes share: present, but the kernel does not count it as resident.
    /// Known on Linux 6.7 and later.
    package static let zeroPage = State(rawValue: 8)
  }

  package var start: Address
  package var end: Address
  package var state: State

  package init(start: Address, end: Address, state: State) {
    self.start = start
    self.end = end
    self.state = state
  }

  package var size: Int { end.distance(from: start) }
}

/// Reads which pages of a process there are (`/proc/PID/pagemap`).
struct PageScanner {
  static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

  private final class File: Sendable {
    let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
  }

  private let file: File
  private var descriptor: Int32 { file.descriptor }
  /// Whether the kernel lists ranges by itself (PAGEMAP_SCAN, Linux 6.7).
  var usesScan = true

  /// - Parameter descriptor: The open `/proc/PID/pagemap`, which is closed with the last copy of this.
  init(descriptor: Int32) { file = File(descriptor: descriptor) }

  /// Appends the pages of [start, end) to `ranges`. What cannot be read is left out.
  mutating func scan(from start: Address, to end: Address, into ranges: inout [PageRange]) {
    if usesScan {
      if scanRanges(from: start, to: end, into: &ranges) { return }
      usesScan = false
    }
    readEntries(from: start, to: end, into: &ranges)
  }

  /// Whether that could be done; if not, nothing is appended.
  private func scanRanges(from start: Address, to end: Address, into ranges: inout [PageRange]) -> Bool {
    let known = ranges.count
    return withUnsafeTemporaryAllocation(of: wsp_page_range.self, capacity: 2048) { buffer in
      var position = start.bits
      while position < end.bits {
        let count = wsp_scan_pages(descriptor, position, end.bits, buffer.baseAddress!, buffer.count)
        guard count >= 0 else {
          ranges.removeSubrange(known...)
          return false
        }
        for range in buffer[..<count] {
          ranges.append(
            PageRange(
              start: Address(range.start), end: Address(range.end),
              state: PageRange.State(rawValue: UInt8(truncatingIfNeeded: range.flags))))
        }
        // Where the kernel says that it has come to cannot be relied upon (6.18): a list that is not full is complete, and a
        // full one goes on behind its last range.
        guard count == buffer.count, let last = buffer.last else { return true }
        position = last.end
      }
      return true
    }
  }

  /// The same by the 64-bit entry that pagemap has for each page (Documentation/admin-guide/mm/pagemap.rst).
  private func readEntries(from start: Address, to end: Address, into ranges: inout [PageRange]) {
    let pageSize = UInt64(Self.pageSize)
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 8192) { entries in
      var page = start.bits / pageSize
      let last = end.bits / pageSize
      while page < last {
        let wanted = Int(min(UInt64(entries.count), last - page))
        let got = pread(descriptor, entries.baseAddress!, wanted * 8, off_t(page * 8)) / 8
        guard got > 0 else { return }
        for entry in entries[..<got] {
          defer { page += 1 }
          var state: PageRange.State = []
          if entry & 1 << 63 != 0 { state.insert(.present) }
          if entry & 1 << 62 != 0 { state.insert(.swapped) }
          guard !state.isEmpty else { continue }
          if entry & 1 << 61 != 0 { state.insert(.fileBacked) }
          Self.append(
            PageRange(start: Address(page * pageSize), end: Address((page + 1) * pageSize), state: state), to: &ranges)
        }
      }
    }
  }

  private static func append(_ range: PageRange, to ranges: inout [PageRange]) {
    if let last = ranges.last, last.end == range.start, last.state == range.state {
      ranges[ranges.count - 1].end = range.end
    } else {
      ranges.append(range)
    }
  }
}
