import ProcessImage

/// The version of a Swift runtime: that of the compiler it was built with, as far as it says so itself.
package struct RuntimeVersion: Comparable, Hashable, Sendable, CustomStringConvertible {
  package var major: Int
  package var minor: Int

  package init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// What the facts that this module relies on were tried with, or read for, goes back to here.
  package static let oldestKnown = RuntimeVersion(major: 5, minor: 9)
  /// The newest one that they were tried with.
  package static let newestTried = RuntimeVersion(major: 6, minor: 3)

  package static func < (left: RuntimeVersion, right: RuntimeVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }

  package var description: String { "\(major).\(minor)" }

  /// The symbol of `_SwiftStdlibVersion.current` (stdlib/public/core/Availability.swift), whose code returns one constant.
  static let symbol = "$sSo19_SwiftStdlibVersionasE7currentABvgZ"

  /// Takes the constant out of the function's x86-64 code: `mov $0x60300, %eax`, behind a frame's setup or not.
  init?(code: UnsafeRawBufferPointer) {
    var rest = code[...]
    for skipped in [[0xF3, 0x0F, 0x1E, 0xFA], [0x55], [0x48, 0x89, 0xE5]] as [[UInt8]] where rest.starts(with: skipped)
    {
      rest = rest.dropFirst(skipped.count)
    }
    guard rest.count >= 6, rest.first == 0xB8 else { return nil }
    let constant = UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(fromByteOffset: 1, as: UInt32.self)
    let ends = rest.dropFirst(5).first == 0xC3 || rest.dropFirst(5).first == 0x5D
    guard ends, constant >> 16 > 0, constant >> 16 < 100 else { return nil }
    major = Int(constant >> 16)
    minor = Int(constant >> 8 & 0xFF)
  }
}
