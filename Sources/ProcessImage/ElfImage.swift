import Synchronization

/// An ELF file as it lies in a process: its program or one of its libraries.
package final class ElfImage: Sendable {
  package struct Section: Sendable, Equatable {
    package var name: String
    /// In the process; `nil` for what is not loaded.
    package var address: Address?
    package var fileOffset: UInt64
    package var size: Int
  }

  package struct Symbol: Sendable, Equatable {
    /// Mangled, as it stands in the file.
    package var name: String
    /// Bytes from the symbol's start.
    package var offset: Int
  }

  /// As the process sees it; ` (deleted)` if it was replaced.
  package let path: String
  /// What is added to an address of the file to get the process's.
  package let loadBias: Address
  package let start: Address
  /// The first address behind it, zeroed data included.
  package let end: Address
  /// Its mappings, in rising order.
  package let mappings: [Mapping]
  package let buildID: [UInt8]?
  /// Whether the file on disk is the one that is mapped. If not, what is told here was read from the process: there
  /// are no sections, and symbols only as far as the dynamic linker needs them.
  package let isVerified: Bool
  package let sections: [Section]
  package let file: ElfFile
  private let table = Mutex<SymbolTable?>(nil)

  init(path: String, loadBias: Address, mappings: [Mapping], isVerified: Bool, file: ElfFile) {
    self.path = path
    self.loadBias = loadBias
    self.mappings = mappings
    self.isVerified = isVerified
    self.file = file
    buildID = file.buildID
    start = mappings.first?.start ?? loadBias
    let linkedEnd = file.loadedSegments.map { $0.address &+ $0.memorySize }.max() ?? 0
    end = max(mappings.last?.end ?? loadBias, loadBias + Int(truncatingIfNeeded: linkedEnd))
    sections = file.sections.map { section in
      Section(
        name: section.name, address: section.isLoaded ? loadBias + Int(truncatingIfNeeded: section.address) : nil,
        fileOffset: section.offset, size: Int(truncatingIfNeeded: min(section.size, UInt64(Int.max))))
    }
  }

  /// The pages of its segments, zeroed data included, in rising order.
  package var loadedPages: [Range<Address>] {
    file.loadedSegments.compactMap { segment in
      let first = (loadBias.bits &+ segment.address) & ~4095
      let last = (loadBias.bits &+ segment.address &+ segment.memorySize &+ 4095) & ~4095
      return first < last ? Address(first)..<Address(last) : nil
    }
  }

  package func section(named name: String) -> Section? { sections.first { $0.name == name } }

  /// A section's bytes in the file, valid as long as the image is alive.
  package func content(of section: Section) -> UnsafeRawBufferPointer? {
    ByteReader(bytes: file.bytes).slice(at: section.fileOffset, count: UInt64(max(section.size, 0)))
  }

  /// All symbols; read when they are first asked for.
  package var symbols: SymbolTable {
    table.withLock { table in
      if let table { return table }
      let fresh = SymbolTable(file: file)
      table = fresh
      return fresh
    }
  }

  /// The symbol that holds an address of the process.
  package func symbol(at address: Address) -> Symbol? {
    let linked = address.bits &- loadBias.bits
    let symbols = symbols
    return symbols.entry(at: linked).map {
      Symbol(name: symbols.name(of: $0), offset: Int(truncatingIfNeeded: linked &- $0.address))
    }
  }

  /// Where the symbol of this name lies in the process.
  package func address(ofSymbol name: String) -> Address? {
    symbols.entry(named: name).map { loadBias + Int(truncatingIfNeeded: $0.address) }
  }
}
