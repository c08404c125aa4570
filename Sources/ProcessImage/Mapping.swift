/// A line of `/proc/PID/maps` (proc_pid_maps(5)).
package struct Mapping: Equatable, Sendable {
  package struct Permissions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let read = Permissions(rawValue: 1)
    package static let write = Permissions(rawValue: 2)
    package static let execute = Permissions(rawValue: 4)
    package static let shared = Permissions(rawValue: 8)
  }

  package var start: Address
  /// The first address behind it.
  package var end: Address
  package var permissions: Permissions
  /// Bytes from the file's beginning.
  package var fileOffset: UInt64
  /// Major and minor number of the file's device, as `major << 32 | minor`; 0 for memory without a file.
  package var device: UInt64
  /// 0 for memory without a file.
  package var inode: UInt64
  /// The file's path or the kernel's name (`[heap]`, `[stack]`, `[vdso]`); empty for anonymous memory. The kernel's escapes
  /// are undone; ` (deleted)` stays.
  package var name: String

  package init(
    start: Address, end: Address, permissions: Permissions, fileOffset: UInt64 = 0, device: UInt64 = 0,
    inode: UInt64 = 0,
    name: String = ""
  ) {
    self.start = start
    self.end = end
    self.permissions = permissions
    self.fileOffset = fileOffset
    self.device = device
    self.inode = inode
    self.name = name
  }

  package var size: Int { end.distance(from: start) }

  /// Memory without a file, of this process alone.
  package var isAnonymous: Bool { inode == 0 && device == 0 && !permissions.contains(.shared) }

  package func contains(_ address: Address) -> Bool { start <= address && address < end }
}
