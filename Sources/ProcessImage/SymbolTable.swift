import Glibc

/// Names of addresses: an ELF file's `.symtab`, or its `.dynsym` where it was stripped. Addresses are as linked.
package struct SymbolTable: Sendable {
  package struct Entry: Sendable, Equatable {
    package var address: UInt64
    /// Bytes; where the file gives none, up to the next symbol or its section's end.
    package var size: UInt64
    /// Where its name starts in `names`.
    var nameOffset: UInt32
    /// STT_OBJECT 1, STT_FUNC 2, STT_TLS 6, STT_GNU_IFUNC 10, STT_NOTYPE 0.
    package var type: UInt8
  }

  /// In rising order of address; of two at one address, the global and larger one last.
  package let entries: [Entry]
  private let file: ElfFile?
  private let names: Slice

  private struct Slice: @unchecked Sendable { var bytes: UnsafeRawBufferPointer }

  package init(file: ElfFile) {
    self.file = file
    let table =
      file.sections.first { $0.type == 2 && $0.size >= 48 } ?? file.sections.first { $0.type == 11 && $0.size >= 48 }
    if let table, let symbols = file.content(of: table), Int(table.link) < file.sections.count,
      let names = file.content(of: file.sections[Int(table.link)])
    {
      self.names = Slice(bytes: names)
      entries = Self.entries(symbols, file.sections)
    } else if let (symbols, names) = file.dynamicSymbols() {
      self.names = Slice(bytes: names)
      entries = Self.entries(symbols, [])
    } else {
      names = Slice(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
      entries = []
    }
  }

  /// Of `Elf64_Sym`, 24 bytes each: those that are defined and stand for code or data.
  private static func entries(_ symbols: UnsafeRawBufferPointer, _ sections: [ElfFile.Section]) -> [Entry] {
    var entries: [(entry: Entry, rank: UInt8, section: UInt16)] = []
    entries.reserveCapacity(symbols.count / 24)
    for at in stride(from: 0, to: symbols.count - 23, by: 24) {
      let info = symbols[at + 4]
      let type = info & 15
      let section = symbols.loadUnaligned(fromByteOffset: at + 6, as: UInt16.self)
      let name = symbols.loadUnaligned(fromByteOffset: at, as: UInt32.self)
      let address = symbols.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
      guard section != 0, name != 0, address != 0, [0, 1, 2, 10].contains(type) else { continue }
      let size = symbols.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self)
      let rank: UInt8 = (size > 0 ? 2 : 0) + (info >> 4 != 0 ? 1 : 0)
      entries.append((Entry(address: address, size: size, nameOffset: name, type: type), rank, section))
    }
    entries.sort { ($0.entry.address, $0.rank, $0.entry.nameOffset) < ($1.entry.address, $1.rank, $1.entry.nameOffset) }
    // One without a size reaches to the next, or to its section's end.
    var next = UInt64.max
    for index in entries.indices.reversed() {
      let entry = entries[index].entry
      if index + 1 < entries.count, entries[index + 1].entry.address > entry.address {
        next = entries[index + 1].entry.address
      }
      let section = Int(entries[index].section)
      guard entry.size == 0, section < sections.count else { continue }
      let end = sections[section].address &+ sections[section].size
      if end > entry.address { entries[index].entry.size = min(next, end) - entry.address }
    }
    return entries.map(\.entry)
  }

  package func name(of entry: Entry) -> String {
    ByteReader(bytes: names.bytes).string(at: UInt64(entry.nameOffset), limit: 1 << 16) ?? ""
  }

  /// The names that end so.
  package func names(endingIn ending: String) -> [String] {
    let wanted = Array(ending.utf8)
    return entries.compactMap { entry in
      let start = Int(entry.nameOffset)
      guard start < names.bytes.count, let base = names.bytes.baseAddress else { return nil }
      let length = strnlen(base.assumingMemoryBound(to: CChar.self) + start, names.bytes.count - start)
      let end = start + length
      guard length >= wanted.count, names.bytes[(end - wanted.count)..<end].elementsEqual(wanted) else { return nil }
      return name(of: entry)
    }
  }

  /// The entry that holds `address`.
  package func entry(at address: UInt64) -> Entry? {
    let after = entries.partitioningIndex { $0.address > address }
    guard after > 0 else { return nil }
    // A small symbol inside a large one may end before `address`: look a few back.
    for entry in entries[max(0, after - 8)..<after].reversed() {
      if address - entry.address < max(entry.size, 1) { return entry }
    }
    return nil
  }

  /// The symbol of this very name. Looks through the table.
  package func entry(named name: String) -> Entry? {
    let wanted = Array(name.utf8)
    return entries.first { entry in
      let start = Int(entry.nameOffset)
      guard start + wanted.count < names.bytes.count, names.bytes[start + wanted.count] == 0 else { return false }
      return names.bytes[start..<start + wanted.count].elementsEqual(wanted)
    }
  }
}
