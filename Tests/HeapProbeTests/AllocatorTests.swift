import CAllocator
import Glibc
import HeapProbe
import Testing

struct AllocatorTests {
  @Test func `glibc is recognised with its version`() {
    guard case .glibc(let version) = Allocator.provider else {
      Issue.record("\(Allocator.provider)")
      return
    }
    #expect(version.split(separator: ".").count >= 2)
  }

  @Test func `the report is glibc's XML`() throws {
    let report = try #require(Allocator.report())
    #expect(report.hasPrefix("<malloc version="))
    #expect(report.hasSuffix("</malloc>\n"))
  }

  @Test func `a report that does not fit is cut, and its whole length told`() {
    var buffer = [CChar](repeating: 1, count: 16)
    let length = wsa_allocator_report(&buffer, buffer.count)
    #expect(length > 16)
    #expect(buffer[15] == 0)
    #expect(wsa_allocator_report(nil, 0) > 16)
  }

  @Test func `usable size is what was asked for, rounded up`() {
    for bytes in [1, 24, 25, 40, 1000, 1 << 20] {
      let block = malloc(bytes)!
      #expect(usableSize(ofBlockAt: block) >= bytes)
      #expect(usableSize(ofBlockAt: block) < bytes + 4096)
      free(block)
    }
    #expect(wsa_usable_size(nil) == 0)
  }

  @Test func `a provider's path that does not fit is cut`() {
    var path = [CChar](repeating: 1, count: 4)
    #expect(wsa_malloc_provider(&path, path.count) == 1)
    #expect(path[3] == 0)
  }

  @Test func `a trim gives free pages back`() async {
    await #expect(processExitsWith: .success) {
      let blocks = (0..<10_000).map { _ in malloc(1000) }
      for block in blocks.dropLast() { free(block) }
      let before = try ResidentMemory.read().resident
      #expect(Allocator.trim() == true)
      #expect(before - (try ResidentMemory.read().resident) > 8 << 20)
    }
  }
}

private final class Watched {
  var other: Watched?
  weak var watcher: Watched?
  unowned var unownedWatcher: Watched?
}

struct ReferenceCountsTests {
  @Test func `an object's counts are what refers to it`() {
    let object = Watched()
    let holder = Watched()
    let address = Unmanaged.passUnretained(object).toOpaque()
    let alone = ReferenceCounts(ofObjectAt: address)
    holder.other = object
    let owned = ReferenceCounts(ofObjectAt: address)
    holder.unownedWatcher = object
    holder.watcher = object
    let watched = ReferenceCounts(ofObjectAt: address)
    holder.other = nil
    holder.watcher = nil
    holder.unownedWatcher = nil
    let left = ReferenceCounts(ofObjectAt: address)
    withExtendedLifetime((object, holder)) {}
    #expect(alone == ReferenceCounts(strong: 1, unowned: 1, weak: 1))
    #expect(owned == ReferenceCounts(strong: 2, unowned: 1, weak: 1))
    #expect(watched == ReferenceCounts(strong: 2, unowned: 2, weak: 2))
    #expect(left == alone)
    #expect((1...2).contains(ReferenceCounts(of: object).strong))
  }

  @Test func `an object's usable size holds its header and fields`() {
    let object = Watched()
    // In a hole of the heap it has 16 bytes more.
    #expect([40, 56].contains(usableSize(of: object)))
  }
}

struct CallStackTests {
  @inline(never)
  private func innermost(_ depth: Int) -> CallStack {
    if depth > 0 {
      let stack = innermost(depth - 1)
      return stack.addresses.isEmpty ? CallStack(addresses: []) : stack
    }
    return CallStack.capture(limit: 100)
  }

  @inline(never)
  private func captureThroughFour() -> CallStack {
    let stack = innermost(3)
    return stack.addresses.isEmpty ? CallStack(addresses: []) : stack
  }

  @Test func `a captured stack names its functions, innermost first`() throws {
    let stack = captureThroughFour()
    let frames = try #require(stack.symbolicated())
    let names = frames.compactMap(\.function)
    let own = names.indices.filter { names[$0].contains("innermost") }
    #expect(own.count >= 4)
    #expect(own.first == 0, "\(names)")
    #expect(names.contains { $0.contains("captureThroughFour") })
    #expect(frames.contains { $0.file?.hasSuffix("AllocatorTests.swift") == true && $0.line != nil })
  }

  @Test func `the capacity is the caller's`() {
    for limit in [0, 1, 5] {
      let stack = CallStack.capture(limit: limit)
      #expect(stack.addresses.count == limit)
    }
    var buffer: [UInt64] = [0, 0, 0, 7]
    let count = buffer.withUnsafeMutableBufferPointer { frames in
      CallStack.capture(into: .init(rebasing: frames[..<3]))
    }
    #expect(count == 3)
    #expect(buffer[3] == 7)
  }

  @Test func `skipping leaves out the innermost frames`() {
    let whole = CallStack.capture(limit: 50)
    let part = CallStack.capture(limit: 50, skip: 1)
    #expect(part.addresses.count == whole.addresses.count - 1)
    #expect(part.addresses.last == whole.addresses.last)
  }

  @Test func `an address that no image covers has no name`() throws {
    let frames = try #require(CallStack(addresses: [0x10]).symbolicated())
    #expect(frames.count <= 1)
    #expect(frames.first?.function == nil)
  }
}
