/// A growing array behind one pointer that never changes, so that a scan reads it without checks of exclusivity while
/// a new layout makes it grow.
struct LayoutStore<Element: BitwiseCopyable> {
  private struct Header {
    var base: UnsafeMutablePointer<Element>
    var count: Int
    var capacity: Int
  }

  // Safety: made in `init`, freed by the one owner's `deallocate()`.
  private let header: UnsafeMutablePointer<Header>

  /// Valid until the next `append`.
  @inline(__always) var base: UnsafeMutablePointer<Element> { header.pointee.base }
  @inline(__always) var count: Int { header.pointee.count }

  /// The owner calls `deallocate()`.
  init() {
    header = .allocate(capacity: 1)
    header.initialize(to: Header(base: .allocate(capacity: 256), count: 0, capacity: 256))
  }

  func append(_ element: Element) {
    if header.pointee.count == header.pointee.capacity {
      let larger = UnsafeMutablePointer<Element>.allocate(capacity: header.pointee.capacity * 2)
      larger.moveInitialize(from: base, count: count)
      base.deallocate()
      header.pointee.base = larger
      header.pointee.capacity *= 2
    }
    (base + count).initialize(to: element)
    header.pointee.count += 1
  }

  func deallocate() {
    base.deallocate()
    header.deallocate()
  }
}

/// Words, mostly metadata pointers, to numbers: open addressing, no deletion, behind one pointer like `LayoutStore`.
struct LayoutIndex {
  private struct Entry: BitwiseCopyable {
    var key: UInt64
    var value: UInt32
  }

  private struct Header {
    var entries: UnsafeMutablePointer<Entry>
    var capacity: Int
    var count: Int
    var last: Entry
  }

  // Safety: made in `init`, freed by the one owner's `deallocate()`.
  private let header: UnsafeMutablePointer<Header>

  /// The owner calls `deallocate()`.
  init() {
    header = .allocate(capacity: 1)
    header.initialize(
      to: Header(entries: Self.empty(1024), capacity: 1024, count: 0, last: Entry(key: 0, value: 0)))
  }

  private static func empty(_ capacity: Int) -> UnsafeMutablePointer<Entry> {
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    entries.initialize(repeating: Entry(key: 0, value: 0), count: capacity)
    return entries
  }

  @inline(__always)
  private static func place(_ key: UInt64, _ capacity: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (capacity &- 1)
  }

  /// - Parameter key: Not 0.
  @inline(__always)
  func find(_ key: UInt64) -> UInt32? {
    if header.pointee.last.key == key { return header.pointee.last.value }
    let (entries, capacity) = (header.pointee.entries, header.pointee.capacity)
    var place = Self.place(key, capacity)
    while entries[place].key != 0 {
      if entries[place].key == key {
        header.pointee.last = entries[place]
        return entries[place].value
      }
      place = (place &+ 1) & (capacity &- 1)
    }
    return nil
  }

  /// - Parameter key: Not 0, and not in the table.
  func insert(_ key: UInt64, _ value: UInt32) {
    if header.pointee.count * 2 >= header.pointee.capacity { grow() }
    Self.insert(Entry(key: key, value: value), header.pointee.entries, header.pointee.capacity)
    header.pointee.count += 1
  }

  private func grow() {
    let (old, capacity) = (header.pointee.entries, header.pointee.capacity)
    header.pointee.entries = Self.empty(capacity * 2)
    header.pointee.capacity = capacity * 2
    for index in 0..<capacity where old[index].key != 0 {
      Self.insert(old[index], header.pointee.entries, capacity * 2)
    }
    old.deallocate()
  }

  private static func insert(_ entry: Entry, _ entries: UnsafeMutablePointer<Entry>, _ capacity: Int) {
    var place = place(entry.key, capacity)
    while entries[place].key != 0 { place = (place + 1) & (capacity - 1) }
    entries[place] = entry
  }

  func deallocate() {
    header.pointee.entries.deallocate()
    header.deallocate()
  }
}
