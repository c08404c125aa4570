import Glibc

/// An ELF image without its file: what of the file is mapped, put back where it was in the file.
extension ElfFile {
  /// The most of an image that is read from memory.
  private static let mostBytes = 512 << 20

  /// - Parameters:
  ///   - first: The mapping of the file's beginning.
  ///   - mappings: All mappings, in rising order.
  /// - Returns: Sections are missing, since their table is not mapped.
  static func read(
    from memory: ProcessMemory, _ first: Mapping, _ mappings: [Mapping]
  ) throws(Refusal) -> ElfFile {
    let parts = mappings[mappings.partitioningIndex { $0.start >= first.start }...].prefix(256)
      .filter {
        $0.inode == first.inode && $0.device == first.device && $0.permissions.contains(.read)
          && ($0.start == first.start || $0.fileOffset > 0) && $0.fileOffset < UInt64(mostBytes)
      }
    guard let size = parts.map({ Int($0.fileOffset) + $0.size }).max(), size <= mostBytes else { throw .notElf }
    guard let buffer = AnonymousMemory(size: size) else { throw .noRoom }
    for part in parts {
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[Int(part.fileOffset)...].prefix(part.size))
      _ = memory.read(at: part.start, into: target)
    }
    return try ElfFile(bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer, memoryStart: first.start)
  }

  /// The dynamic linker's symbols and their names, found by the dynamic segment: for files without section headers.
  func dynamicSymbols() -> (symbols: UnsafeRawBufferPointer, names: UnsafeRawBufferPointer)? {
    let reader = ByteReader(bytes: bytes)
    guard let dynamic = segments.first(where: { $0.type == 2 }) else { return nil }
    var values: [UInt64: UInt64] = [:]
    for index in 0..<min(dynamic.fileSize / 16, 1024) {
      let at = dynamic.offset &+ index &* 16
      guard let tag = reader.load(UInt64.self, at: at), let value = reader.load(UInt64.self, at: at &+ 8), tag != 0
      else { break }
      values[tag] = value
    }
    // DT_SYMTAB 6, DT_STRTAB 5, DT_STRSZ 10. The names follow the symbols in what every linker writes.
    guard let symbols = values[6].flatMap(offset), let names = values[5].flatMap(offset), let size = values[10],
      let strings = reader.slice(at: names, count: size), symbols < names,
      let table = reader.slice(at: symbols, count: (names - symbols) / 24 * 24)
    else { return nil }
    return (table, strings)
  }

  /// Where a linked address, or a relocated one in an image read from memory, lies in the file.
  private func offset(of address: UInt64) -> UInt64? {
    for candidate in [address, address &- (memoryBias ?? 0)] {
      for segment in loadedSegments where candidate &- segment.address < segment.fileSize {
        return candidate &- segment.address &+ segment.offset
      }
    }
    return nil
  }
}

/// Zeroed memory of ours, which takes room as it is written.
final class AnonymousMemory: @unchecked Sendable {
  // Safety: whoever makes it writes it before handing it on.
  let bytes: UnsafeMutableRawBufferPointer

  init?(size: Int) {
    guard size > 0,
      let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      start != MAP_FAILED
    else { return nil }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }
}
