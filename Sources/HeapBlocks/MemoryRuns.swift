import ProcessImage

/// Stretches of neighbouring mappings, so that what spans two lines of `/proc/PID/maps` is seen as one.
struct MemoryRuns {
  /// Ascending and apart.
  private(set) var ranges: [Range<UInt64>] = []

  /// - Parameter mappings: Ascending, as in `/proc/PID/maps`.
  init(_ mappings: [Mapping], where isIncluded: (Mapping) -> Bool) {
    for mapping in mappings where isIncluded(mapping) && mapping.start < mapping.end {
      if let last = ranges.last, last.upperBound == mapping.start.bits {
        ranges[ranges.count - 1] = last.lowerBound..<mapping.end.bits
      } else if ranges.last.map({ $0.upperBound <= mapping.start.bits }) ?? true {
        ranges.append(mapping.start.bits..<mapping.end.bits)
      }
    }
  }

  /// The stretch that holds `address`.
  func run(holding address: UInt64) -> Range<UInt64>? {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0, ranges[low - 1].contains(address) else { return nil }
    return ranges[low - 1]
  }

  /// Anonymous private memory that can be written, where heaps and mapped blocks may be. Huge pages have a file to the kernel.
  static func writable(_ mappings: [Mapping]) -> MemoryRuns {
    MemoryRuns(mappings) { mapping in
      mapping.permissions.isSuperset(of: [.read, .write]) && !mapping.permissions.contains(.shared)
        && (mapping.inode == 0 || mapping.name.hasPrefix("/anon_hugepage")) && !mapping.name.hasPrefix("[stack")
    }
  }
}
