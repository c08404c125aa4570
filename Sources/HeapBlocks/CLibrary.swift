internal import Glibc
package import ProcessImage

/// The C library of a process: its memory, as the mappings say it, and its release.
package struct CLibrary: Equatable, Sendable {
  /// The file that it was mapped from.
  package var path: String
  /// Memory of the file that cannot be written: code, constants, and what was made read-only after relocation.
  package var constants: [Range<Address>]
  /// Its variables: writable pages of the file, and the anonymous ones right behind them.
  package var data: [Range<Address>]
  /// The y of its release `2.y`, from its own text.
  package var minorVersion: Int?
  /// Whether it is part of the executable.
  package var isStatic: Bool

  package var version: String { minorVersion.map { "2.\($0)" } ?? "of an unknown release" }

  /// Where glibc may be: `libc.so.6`, or, without one, executables, of which one may contain it.
  static func candidates(in mappings: [Mapping], memory: any MemoryReader) throws(HeapError) -> [CLibrary] {
    for mapping in mappings where mapping.inode != 0 {
      if let name = foreignAllocator(fileName(mapping.name)) { throw .otherAllocator(name) }
      if let name = foreignLibrary(fileName(mapping.name)) { throw .otherLibrary(name) }
    }
    if let mapping = mappings.first(where: { isGlibc(fileName($0.name)) }) {
      return [CLibrary(mappedFrom: mapping.name, in: mappings, memory: memory, isStatic: false)]
    }
    var paths: [String] = []
    for mapping in mappings where mapping.permissions.contains(.execute) && mapping.inode != 0 {
      if !paths.contains(mapping.name), paths.count < 16 { paths.append(mapping.name) }
    }
    return paths.map { CLibrary(mappedFrom: $0, in: mappings, memory: memory, isStatic: true) }
  }

  private init(mappedFrom path: String, in mappings: [Mapping], memory: any MemoryReader, isStatic: Bool) {
    self.path = path
    self.isStatic = isStatic
    constants = []
    data = []
    var end: Address?
    for mapping in mappings {
      let ofFile = mapping.name == path && mapping.inode != 0
      let isTail =
        mapping.inode == 0 && mapping.start == end && (mapping.name.isEmpty || mapping.name.hasPrefix("[anon"))
      guard ofFile || isTail else {
        end = nil
        continue
      }
      if mapping.permissions.isSuperset(of: [.read, .write]) {
        data.append(mapping.start..<mapping.end)
        end = mapping.end
      } else if mapping.permissions.contains(.read), ofFile {
        constants.append(mapping.start..<mapping.end)
        end = nil
      }
    }
    minorVersion = Self.minorVersion(in: constants, memory: memory)
  }

  /// The y of "GNU C Library … release version 2.y" (csu/version.c). A static executable has that text only if it asks
  /// for it.
  private static func minorVersion(in ranges: [Range<Address>], memory: any MemoryReader) -> Int? {
    for range in ranges {
      let run = memory.bytes(from: range.lowerBound)
      let size = range.upperBound.distance(from: range.lowerBound)
      let bytes = UnsafeRawBufferPointer(rebasing: run[..<min(run.count, size)])
      guard let banner = firstIndex(of: "GNU C Library (", in: bytes) else { continue }
      let text = UnsafeRawBufferPointer(rebasing: bytes[banner..<min(banner + 256, bytes.count)])
      let words = "release version 2."
      guard let version = firstIndex(of: words, in: text) else { continue }
      let digits = text[(version + words.utf8.count)...].prefix(4).prefix { $0 >= 0x30 && $0 <= 0x39 }
      if let minor = Int(String(decoding: digits, as: UTF8.self)) { return minor }
    }
    return nil
  }

  private static func firstIndex(of words: String, in bytes: UnsafeRawBufferPointer) -> Int? {
    let sought = Array(words.utf8)
    guard let base = bytes.baseAddress, let first = sought.first else { return nil }
    var offset = 0
    while bytes.count - offset >= sought.count,
      let place = memchr(base + offset, Int32(first), bytes.count - offset - sought.count + 1)
    {
      if memcmp(place, sought, sought.count) == 0 { return UnsafeRawPointer(place) - base }
      offset = UnsafeRawPointer(place) - base + 1
    }
    return nil
  }

  private static func fileName(_ path: String) -> Substring {
    let name = path.hasSuffix(" (deleted)") ? path.dropLast(10) : path[...]
    return name.lastIndex(of: "/").map { name[name.index(after: $0)...] } ?? name
  }

  private static func isGlibc(_ name: Substring) -> Bool {
    name == "libc.so.6" || (name.hasPrefix("libc-2.") && name.hasSuffix(".so"))
  }

  private static func foreignLibrary(_ name: Substring) -> String? {
    if name.hasPrefix("ld-musl-") || name.hasPrefix("libc.musl-") { return "musl" }
    if name == "libc.so" { return "bionic or musl" }
    return nil
  }

  /// Libraries that bring a `malloc` of their own, by the beginnings of their files' names.
  private static let foreignAllocators: [(prefix: String, name: String)] = [
    ("libjemalloc", "jemalloc"), ("libmimalloc", "mimalloc"), ("libtcmalloc", "tcmalloc"), ("libsnmalloc", "snmalloc"),
    ("librpmalloc", "rpmalloc"), ("libhoard", "Hoard"), ("libscudo", "Scudo"), ("libtbbmalloc_proxy", "TBB malloc"),
    ("libhardened_malloc", "hardened_malloc"), ("libmesh", "Mesh"), ("libdmalloc", "dmalloc"),
    ("libefence", "Electric Fence"),
    ("libduma", "DUMA"), ("libasan", "AddressSanitizer"), ("liblsan", "LeakSanitizer"), ("libtsan", "ThreadSanitizer"),
    ("libmsan", "MemorySanitizer"), ("libhwasan", "HWAddressSanitizer"), ("libclang_rt.asan", "AddressSanitizer"),
    ("libclang_rt.lsan", "LeakSanitizer"), ("libclang_rt.tsan", "ThreadSanitizer"),
    ("libclang_rt.msan", "MemorySanitizer"), ("libclang_rt.scudo", "Scudo"),
    ("libclang_rt.hwasan", "HWAddressSanitizer"),
    ("libc_malloc_debug", "glibc's malloc debugging"), ("vgpreload_memcheck", "valgrind"),
    ("vgpreload_massif", "valgrind"), ("vgpreload_dhat", "valgrind"), ("vgpreload_helgrind", "valgrind"),
    ("vgpreload_drd", "valgrind"),
  ]

  private static func foreignAllocator(_ name: Substring) -> String? {
    guard name.contains(".so") else { return nil }
    return foreignAllocators.first { name.hasPrefix($0.prefix) }?.name
  }

  func isConstant(_ address: Address) -> Bool { constants.contains { $0.contains(address) } }
}
