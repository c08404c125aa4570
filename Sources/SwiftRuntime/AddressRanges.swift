import ProcessImage

/// A sorted set of address ranges that answers where an address lies.
struct AddressRanges: Sendable {
  private(set) var starts: [UInt64] = []
  private(set) var ends: [UInt64] = []

  /// - Parameter mappings: In the order of their addresses, as `/proc/PID/maps` lists them; touching ones are joined.
  init(_ mappings: some Sequence<Mapping>) {
    for mapping in mappings where mapping.start < mapping.end {
      if let last = ends.last, last == mapping.start.bits {
        ends[ends.count - 1] = mapping.end.bits
      } else {
        starts.append(mapping.start.bits)
        ends.append(mapping.end.bits)
      }
    }
  }

  var lowest: UInt64 { starts.first ?? 0 }
  var highest: UInt64 { ends.last ?? 0 }

  func contains(_ address: UInt64) -> Bool {
    guard address >= lowest, address < highest else { return false }
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low &+ high) >> 1
      if starts[middle] <= address { low = middle &+ 1 } else { high = middle }
    }
    return low > 0 && address < ends[low &- 1]
  }
}
