import HeapBlocks
import ProcessImage
import TestSupport
import Testing

/// Processes other than the one that interposes malloc.
struct LiveProcessTests {
  @Test func `every object of a Swift program is a live block`() throws {
    let target = try Tenant(program: TestProcess.path("HeapBlocksTarget"))
    let known = try target.writtenList()
    #expect(known.count > 20_000)
    let heap = try Heap.walk(Snapshot.capture(pid: target.pid))
    #expect(heap.isTrusted, "\(heap.problems.map(\.description))")
    #expect(heap.arenas.count > 2)
    let missing = known.filter { address, block in
      guard let index = heap.blocks.index(startingAt: Address(address)) else { return true }
      return heap.blocks.usableBytes(of: index) != block.usable
    }
    #expect(missing.isEmpty)
  }

  /// Stopped at any moment, the walk may find that it cannot trust the heap; it never traps.
  @Test func `a program that allocates from several threads is read while it works`() throws {
    let tenant = try Tenant(.system, ["5", "4", "1", "3000"])
    try tenant.ask("resume")
    for _ in 0..<4 {
      let heap = try Heap.walk(Snapshot.capture(pid: tenant.pid))
      #expect(heap.isTrusted == heap.problems.allSatisfy(\.isHarmless))
    }
    try tenant.ask("pause")
    #expect(try Heap.walk(Snapshot.capture(pid: tenant.pid)).isTrusted)
  }

  @Test func `an allocator that is linked into the program is refused by name`() throws {
    let text = "#include <stdio.h>\nint main(void) { puts(\"ready\"); fflush(stdout); return getchar(); }\n"
    let path = try Tenant.build("sanitized", source: text, ["-fsanitize=address"])
    let target = try Tenant(program: path)
    let snapshot = try Snapshot.capture(pid: target.pid)
    #expect(throws: HeapError.otherAllocator("AddressSanitizer")) { try Heap.walk(snapshot) }
  }
}
