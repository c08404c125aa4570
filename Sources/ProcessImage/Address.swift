/// A place in the inspected process: a number, never a pointer of ours.
///
/// Whatever is read from another process may be damaged, so that arithmetic wraps around and never traps.
/// Public only so that other modules can inline it.
public struct Address: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The address as a number.
  public var bits: UInt64

  /// The place of this number.
  @inlinable public init(_ bits: UInt64) { self.bits = bits }

  /// By number.
  @inlinable public static func < (left: Address, right: Address) -> Bool { left.bits < right.bits }

  /// The place so many bytes behind, modulo 2^64.
  @inlinable public static func + (address: Address, offset: Int) -> Address {
    Address(address.bits &+ UInt64(truncatingIfNeeded: offset))
  }

  /// The place so many bytes before, modulo 2^64.
  @inlinable public static func - (address: Address, offset: Int) -> Address {
    Address(address.bits &- UInt64(truncatingIfNeeded: offset))
  }

  /// Bytes from `other` to this address; negative if it lies below.
  @inlinable public func distance(from other: Address) -> Int { Int(truncatingIfNeeded: bits &- other.bits) }

  /// Whether it is a multiple of a power of two.
  @inlinable public func isAligned(to alignment: UInt64) -> Bool { bits & (alignment &- 1) == 0 }

  /// `0x7f12…` in lower-case digits.
  public var description: String { "0x" + String(bits, radix: 16) }
}
