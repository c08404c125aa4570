/// A place in the inspected process: a number, never a pointer of ours.
///
/// Whatever is read from another process may be damaged, so that arithmetic wraps around and never traps.
package struct Address: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var bits: UInt64

  @inlinable package init(_ bits: UInt64) { self.bits = bits }

  @inlinable package static func < (left: Address, right: Address) -> Bool { left.bits < right.bits }
  @inlinable package static func + (address: Address, offset: Int) -> Address {
    Address(address.bits &+ UInt64(truncatingIfNeeded: offset))
  }
  @inlinable package static func - (address: Address, offset: Int) -> Address {
    Address(address.bits &- UInt64(truncatingIfNeeded: offset))
  }

  /// Bytes from `other` to this address; negative if it lies below.
  @inlinable package func distance(from other: Address) -> Int { Int(truncatingIfNeeded: bits &- other.bits) }

  @inlinable package func isAligned(to alignment: UInt64) -> Bool { bits & (alignment &- 1) == 0 }

  /// `0x7f12…` in lower-case digits.
  package var description: String { "0x" + String(bits, radix: 16) }
}
