import CProcess
import Glibc

/// A 64-bit little-endian ELF file (elf(5)): sections, segments, build id.
///
/// The bytes may be damaged: what points outside of them is left out, and nothing traps.
package final class ElfFile: @unchecked Sendable {
  // Safety: everything is `let`; the bytes are mapped privately and only read.

  package struct Section: Sendable, Equatable {
    package var name: String
    /// SHT_…
    package var type: UInt32
    /// As linked; 0 for what is not loaded.
    package var address: UInt64
    package var offset: UInt64
    package var size: UInt64
    package var link: UInt32
    package var entrySize: UInt64
    /// SHF_ALLOC: a part of the process's memory.
    package var isLoaded: Bool
  }

  package struct Segment: Sendable, Equatable {
    /// PT_…
    package var type: UInt32
    package var offset: UInt64
    /// As linked.
    package var address: UInt64
    package var fileSize: UInt64
    package var memorySize: UInt64
  }

  /// Why bytes are no ELF file that can be read.
  package enum Refusal: Error, Sendable, Equatable {
    case notElf
    case thirtyTwoBit
    case damaged
    /// There is no address space for them.
    case noRoom
  }

  /// The file's content; empty if the image was read from memory and has none.
  package let bytes: UnsafeRawBufferPointer
  /// ET_EXEC 2, ET_DYN 3.
  package let type: UInt16
  /// EM_X86_64 62, EM_AARCH64 183.
  package let machine: UInt16
  package let segments: [Segment]
  package let sections: [Section]
  package let buildID: [UInt8]?
  /// What the dynamic linker has added to the pointers in bytes that were read from memory.
  let memoryBias: UInt64?
  private let owner: AnyObject?

  private enum Constant {
    static let load: UInt32 = 1
    static let note: UInt32 = 4
    static let mostSections = 1 << 16
  }

  /// - Parameter owner: What keeps `bytes` alive.
  package convenience init(bytes: UnsafeRawBufferPointer, owner: AnyObject?) throws(Refusal) {
    try self.init(bytes: bytes, owner: owner, memoryStart: nil)
  }

  /// - Parameter memoryStart: Where the file's beginning is mapped, if the bytes were read from memory.
  init(bytes: UnsafeRawBufferPointer, owner: AnyObject?, memoryStart: Address?) throws(Refusal) {
    self.bytes = bytes
    self.owner = owner
    let reader = ByteReader(bytes: bytes)
    guard bytes.count >= 16, bytes[0] == 0x7f, bytes[1] == 0x45, bytes[2] == 0x4c, bytes[3] == 0x46 else {
      throw .notElf
    }
    if bytes[4] == 1 { throw .thirtyTwoBit }
    guard bytes[4] == 2, bytes[5] == 1, let type = reader.load(UInt16.self, at: 16),
      let machine = reader.load(UInt16.self, at: 18), bytes.count >= 64
    else { throw .damaged }
    self.type = type
    self.machine = machine
    segments = Self.segments(reader)
    guard let first = segments.first(where: { $0.type == Constant.load }) else { throw .damaged }
    sections = memoryStart == nil ? Self.sections(reader) : []
    memoryBias = memoryStart.map { $0.bits &- (first.address &- first.offset) }
    buildID = Self.buildID(segments, reader)
  }

  /// Maps the open file; the caller keeps and closes the descriptor.
  package convenience init(descriptor: Int32) throws(Refusal) {
    let file = try MappedFile(descriptor: descriptor)
    try self.init(bytes: file.bytes, owner: file)
  }

  /// Segments of PT_LOAD: what is mapped.
  package var loadedSegments: [Segment] { segments.filter { $0.type == Constant.load } }

  package func content(of section: Section) -> UnsafeRawBufferPointer? {
    ByteReader(bytes: bytes).slice(at: section.offset, count: section.size)
  }

  private static func segments(_ reader: ByteReader) -> [Segment] {
    guard let table = reader.load(UInt64.self, at: 32), let size = reader.load(UInt16.self, at: 54),
      let count = reader.load(UInt16.self, at: 56), size >= 56
    else { return [] }
    var segments: [Segment] = []
    for index in 0..<UInt64(count) {
      let at = table &+ index &* UInt64(size)
      guard let type = reader.load(UInt32.self, at: at), let offset = reader.load(UInt64.self, at: at &+ 8),
        let address = reader.load(UInt64.self, at: at &+ 16), let fileSize = reader.load(UInt64.self, at: at &+ 32),
        let memorySize = reader.load(UInt64.self, at: at &+ 40)
      else { break }
      segments.append(
        Segment(type: type, offset: offset, address: address, fileSize: fileSize, memorySize: memorySize))
    }
    return segments
  }

  private static func sections(_ reader: ByteReader) -> [Section] {
    guard let table = reader.load(UInt64.self, at: 40), table != 0, let size = reader.load(UInt16.self, at: 58),
      size >= 64, var count = reader.load(UInt16.self, at: 60).map(UInt64.init),
      var names = reader.load(UInt16.self, at: 62).map(UInt64.init)
    else { return [] }
    // More than 65,279 sections: the numbers stand in the first section's header.
    if count == 0 { count = reader.load(UInt64.self, at: table &+ 32) ?? 0 }
    if names == 0xffff { names = reader.load(UInt32.self, at: table &+ 40).map(UInt64.init) ?? 0 }
    let nameHeader = table &+ names &* UInt64(size)
    guard let nameOffset = reader.load(UInt64.self, at: nameHeader &+ 24),
      let nameSize = reader.load(UInt64.self, at: nameHeader &+ 32),
      let nameBytes = reader.slice(at: nameOffset, count: nameSize)
    else { return [] }
    let strings = ByteReader(bytes: nameBytes)
    var sections: [Section] = []
    for index in 0..<min(count, UInt64(Constant.mostSections)) {
      let at = table &+ index &* UInt64(size)
      guard let name = reader.load(UInt32.self, at: at), let type = reader.load(UInt32.self, at: at &+ 4),
        let flags = reader.load(UInt64.self, at: at &+ 8), let address = reader.load(UInt64.self, at: at &+ 16),
        let offset = reader.load(UInt64.self, at: at &+ 24), let size = reader.load(UInt64.self, at: at &+ 32),
        let link = reader.load(UInt32.self, at: at &+ 40), let entrySize = reader.load(UInt64.self, at: at &+ 56)
      else { break }
      sections.append(
        Section(
          name: strings.string(at: UInt64(name), limit: 256) ?? "", type: type, address: address, offset: offset,
          size: size, link: link, entrySize: entrySize, isLoaded: flags & 2 != 0))
    }
    return sections
  }

  private static func buildID(_ segments: [Segment], _ reader: ByteReader) -> [UInt8]? {
    for segment in segments where segment.type == Constant.note {
      if let notes = reader.slice(at: segment.offset, count: segment.fileSize), let id = buildID(inNotes: notes) {
        return id
      }
    }
    return nil
  }

  /// The description of the note NT_GNU_BUILD_ID (3) by "GNU" in a segment of notes.
  static func buildID(inNotes notes: UnsafeRawBufferPointer) -> [UInt8]? {
    let reader = ByteReader(bytes: notes)
    var at: UInt64 = 0
    while let nameSize = reader.load(UInt32.self, at: at), let size = reader.load(UInt32.self, at: at &+ 4),
      let type = reader.load(UInt32.self, at: at &+ 8)
    {
      let description = at &+ 12 &+ (UInt64(nameSize) &+ 3) & ~3
      if type == 3, nameSize == 4, reader.string(at: at &+ 12, limit: 4) == "GNU", size <= 64 {
        return reader.slice(at: description, count: UInt64(size)).map { [UInt8]($0) }
      }
      at = description &+ (UInt64(size) &+ 3) & ~3
    }
    return nil
  }
}

/// A regular file in our memory, read-only.
final class MappedFile: @unchecked Sendable {
  // Safety: never written. A file that is cut short while it is mapped would raise SIGBUS, in the inspected process too.
  let bytes: UnsafeRawBufferPointer

  init(descriptor: Int32) throws(ElfFile.Refusal) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { throw .notElf }
    let size = Int(status.st_size)
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw errno == ENOMEM ? .noRoom : .notElf
    }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}

/// Bytes that may be anything, read by offset: what lies outside is `nil`.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer

  func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: UInt64) -> Value? {
    guard offset <= UInt64(bytes.count), UInt64(bytes.count) - offset >= UInt64(MemoryLayout<Value>.size) else {
      return nil
    }
    return bytes.loadUnaligned(fromByteOffset: Int(offset), as: Value.self)
  }

  func slice(at offset: UInt64, count: UInt64) -> UnsafeRawBufferPointer? {
    guard offset <= UInt64(bytes.count), UInt64(bytes.count) - offset >= count else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[Int(offset)..<Int(offset + count)])
  }

  /// A string that ends in a zero byte within `limit` bytes.
  func string(at offset: UInt64, limit: Int) -> String? {
    guard offset < UInt64(bytes.count) else { return nil }
    let rest = bytes[Int(offset)...].prefix(limit)
    guard let end = rest.firstIndex(of: 0) else { return nil }
    return String(decoding: rest[..<end], as: UTF8.self)
  }
}
