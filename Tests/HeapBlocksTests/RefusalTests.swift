import ProcessImage
import Testing

@testable import HeapBlocks

struct RefusalTests {
  private static func mapping(_ name: String, _ permissions: Mapping.Permissions = [.read, .execute]) -> Mapping {
    Mapping(
      start: Address(0x7f00_0000_0000), end: Address(0x7f00_0000_1000), permissions: permissions, inode: 1, name: name)
  }

  @Test(
    arguments: [
      ("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", HeapError.otherAllocator("jemalloc")),
      ("/usr/lib/libmimalloc.so.2.1", .otherAllocator("mimalloc")),
      ("/usr/lib/libtcmalloc_minimal.so.4", .otherAllocator("tcmalloc")),
      ("/usr/lib/clang/17/lib/linux/libclang_rt.asan-x86_64.so", .otherAllocator("AddressSanitizer")),
      ("/usr/lib/libasan.so.8 (deleted)", .otherAllocator("AddressSanitizer")),
      ("/usr/libexec/valgrind/vgpreload_memcheck-amd64-linux.so", .otherAllocator("valgrind")),
      ("/lib/ld-musl-x86_64.so.1", .otherLibrary("musl")),
      ("/usr/bin/program", .noAllocatorFound),
      ("/usr/lib/x86_64-linux-gnu/libc.so.6", .unknownLayout(version: "of an unknown release")),
    ])
  func `what cannot be read is refused by name`(file: String, expected: HeapError) throws {
    let memory = MemoryImage([(Address(0x7f00_0000_0000), Array(repeating: 0, count: 4096))])
    #expect(throws: expected) {
      try Heap.walk(memory: memory, mappings: [Self.mapping(file)], threadPointers: [])
    }
  }

  @Test func `an empty process has no allocator`() {
    #expect(throws: HeapError.noAllocatorFound) {
      try Heap.walk(memory: MemoryImage([]), mappings: [], threadPointers: [])
    }
  }

  @Test func `the nearest layout is tried first`() {
    #expect(MallocLayout.candidates(minorVersion: 39).first == .counts)
    #expect(MallocLayout.candidates(minorVersion: 31).first == .counts)
    #expect(MallocLayout.candidates(minorVersion: 44).first == .slots)
    #expect(MallocLayout.candidates(minorVersion: nil).count == MallocLayout.all.count)
  }
}
