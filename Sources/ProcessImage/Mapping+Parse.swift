extension Mapping {
  /// The mappings of `/proc/PID/maps`, in rising order of address as the kernel writes them. Lines that are none, and
  /// mappings that end before they start, are left out.
  package static func parse(_ maps: some StringProtocol) -> [Mapping] {
    maps.utf8.split(separator: UInt8(ascii: "\n")).compactMap { parse(line: $0) }
  }

  /// The inspector's own mappings; empty where `/proc` is not mounted.
  package static var ofThisProcess: [Mapping] { ProcFile.text("/proc/self/maps").map { parse($0) } ?? [] }

  /// `START-END PERMISSIONS OFFSET MAJOR:MINOR INODE    NAME`, numbers but the inode in hexadecimal.
  private static func parse(line: some Collection<UInt8>) -> Mapping? {
    var rest = line[...]
    func number(_ radix: UInt64) -> UInt64? {
      var value: UInt64 = 0
      var digits = 0
      while let byte = rest.first, let digit = hexadecimal(byte), digit < radix {
        value = value &* radix &+ digit
        digits += 1
        rest.removeFirst()
      }
      return digits > 0 && digits <= 20 ? value : nil
    }
    func take(_ byte: Character) -> Bool {
      guard let expected = byte.asciiValue, rest.first == expected else { return false }
      rest.removeFirst()
      return true
    }
    guard let start = number(16), take("-"), let end = number(16), take(" "), start < end else { return nil }
    let letters = rest.prefix(4)
    rest = rest.dropFirst(4)
    guard letters.count == 4, take(" "), let offset = number(16), take(" "), let major = number(16), take(":"),
      let minor = number(16), take(" "), let inode = number(10)
    else { return nil }
    var permissions: Permissions = []
    for (letter, permission) in zip(letters, [Permissions.read, .write, .execute, .shared])
    where [UInt8(ascii: "r"), UInt8(ascii: "w"), UInt8(ascii: "x"), UInt8(ascii: "s")].contains(letter) {
      permissions.insert(permission)
    }
    return Mapping(
      start: Address(start), end: Address(end), permissions: permissions, fileOffset: offset,
      device: major << 32 | minor, inode: inode, name: unescaped(rest.drop { $0 == UInt8(ascii: " ") }))
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    default: nil
    }
  }

  /// The kernel writes a newline in a path as `\012`, and nothing else that way (fs/proc/task_mmu.c, `seq_path`).
  private static func unescaped(_ name: some Collection<UInt8>) -> String {
    guard name.contains(UInt8(ascii: "\\")) else { return String(decoding: name, as: UTF8.self) }
    var result: [UInt8] = []
    var rest = name[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.starts(with: Array("012".utf8)) {
        result.append(UInt8(ascii: "\n"))
        rest = rest.dropFirst(3)
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
