import Glibc
import ProcessImage

/// The memory of the test's own process, for metadata, which stays where it is.
struct OwnMemory: MemoryReader {
  private let mappings: [Mapping]

  init() {
    var text: [UInt8] = []
    let descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    mappings = Mapping.parse(String(decoding: text, as: UTF8.self)).filter {
      $0.permissions.contains(.read) && !$0.name.hasPrefix("[v")
    }
  }

  func bytes(from address: Address) -> UnsafeRawBufferPointer {
    guard let mapping = mappings.first(where: { $0.contains(address) }) else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(
      start: UnsafeRawPointer(bitPattern: UInt(address.bits)), count: mapping.end.distance(from: address))
  }

  /// Copies of all that was written by the linker and since, and of all constants of one image.
  func copy(where isWanted: (Mapping) -> Bool) -> [(start: Address, bytes: [UInt8])] {
    mappings.filter(isWanted).map { ($0.start, Array(bytes(from: $0.start))) }
  }
}
