import ProcessImage

/// What was leaked at one look, to be compared with another one: where an object is makes it the same, and its count shows
/// that nobody has used it since.
package struct LeakedCounts: Sendable {
  /// Ascending.
  private var addresses: [Address] = []
  private var values: [UInt64] = []

  init(capacity: Int) {
    addresses.reserveCapacity(capacity)
    values.reserveCapacity(capacity)
  }

  /// - Parameter address: Above all others.
  mutating func append(_ value: UInt64, of address: Address) {
    addresses.append(address)
    values.append(value)
  }

  func value(of address: Address) -> UInt64? {
    let index = addresses.partitioningIndex { $0 >= address }
    return index < addresses.count && addresses[index] == address ? values[index] : nil
  }
}
