import ProcessImage

/// Which pages of a process hold anything: the others need not be looked at.
struct PresentPages {
  /// Ascending and apart; `nil` if all that can be read counts as present.
  private let ranges: [Range<UInt64>]?
  /// Where the last question ended: the next one is mostly a little further on.
  private var last = 0

  init(_ pages: [PageRange]?) { ranges = pages?.map { $0.start.bits..<$0.end.bits } }

  /// The first page at or above `page` that holds something; the end of all addresses if there is none.
  mutating func next(from page: UInt64) -> UInt64 {
    guard let ranges else { return page }
    if last >= ranges.count || (last > 0 && ranges[last - 1].upperBound > page) { last = 0 }
    if last < ranges.count, ranges[last].upperBound <= page {
      var low = last + 1
      var high = ranges.count
      while low < high {
        let middle = (low + high) / 2
        if ranges[middle].upperBound <= page { low = middle + 1 } else { high = middle }
      }
      last = low
    }
    return last < ranges.count ? max(page, ranges[last].lowerBound) : .max & ~4095
  }
}
