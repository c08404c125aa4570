import HeapBlocks
import ProcessImage
import Testing

struct TrimTests {
  @Test(arguments: Release.all, ["0 1 200000", "3 2 8000 large", "3 2 20000 foreign", "2 2 8000 blocked"])
  func `malloc_trim gives back what was computed`(release: Release, plan: String) throws {
    let tenant = try Tenant(
      release, [String(UInt64.random(in: 0..<1 << 40))] + plan.split(separator: " ").map(String.init))
    let before = try QuietProcess(tenant.pid)
    let heap = try Heap.walk(before)
    try #require(heap.isTrusted)
    let computed = heap.trimmableBytes(pages: before.pages)
    #expect(computed > 64 * 4096)
    try tenant.ask("trim")
    let after = try QuietProcess(tenant.pid)
    // A few pages are touched by the call itself: its stack, and headers of chunks that it merges.
    #expect(abs(before.anonymousBytes - after.anonymousBytes - computed) <= 8 * 4096)
    #expect(try Heap.walk(after).trimmableBytes(pages: after.pages) <= 16 * 4096)
  }
}
