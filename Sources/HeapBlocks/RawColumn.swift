internal import Glibc

/// Zeroed memory for `count` elements; the kernel makes it real where it is touched.
func zeroedMemory<Element: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<Element> {
  guard let memory = calloc(max(count, 1), MemoryLayout<Element>.stride) else { fatalError("out of memory") }
  return memory.bindMemory(to: Element.self, capacity: max(count, 1))
}

/// A column of a table of millions of rows: an array whose growth moves pages instead of copying them.
@usableFromInline
final class RawColumn<Element: BitwiseCopyable>: @unchecked Sendable {
  // Safety: written while a table is built, by one task; read-only afterwards, which is when the table is handed out. That
  // also makes the check of exclusive access needless, which each read of a million would pay.
  @exclusivity(unchecked) @usableFromInline private(set) var base: UnsafeMutablePointer<Element>
  @exclusivity(unchecked) @usableFromInline private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 1024) {
    self.capacity = max(capacity, 16)
    base = zeroedMemory(self.capacity)
  }

  deinit { free(base) }

  @inline(__always)
  func append(_ element: Element) {
    if count == capacity { grow() }
    base[count] = element
    count &+= 1
  }

  func removeLast() { count -= 1 }

  @inline(never)
  private func grow() {
    capacity *= 2
    guard let memory = realloc(base, capacity * MemoryLayout<Element>.stride) else { fatalError("out of memory") }
    base = memory.bindMemory(to: Element.self, capacity: capacity)
  }
}
