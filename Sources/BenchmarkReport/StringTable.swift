import Glibc

/// Distinct texts, numbered in order of first appearance, found by their bytes without making a `String`.
struct StringTable {
  private var bytes: [UInt8] = []
  private var starts: [Int] = [0]
  private var index = FlatIndex()
  private var latest: Range<Int> = 0..<0
  private(set) var latestNumber: Int32 = -1

  init() {}

  /// A table of these words, numbered from 0.
  init(_ words: [String]) {
    for word in words { _ = word.utf8.withContiguousStorageIfAvailable { insert($0) } ?? insert(Array(word.utf8)) }
  }

  var count: Int { starts.count - 1 }

  /// The texts in order of their numbers.
  var strings: [String] {
    (0..<count).map { String(decoding: bytes[starts[$0]..<starts[$0 + 1]], as: UTF8.self) }
  }

  /// The length of the latest text if what lies at `start` is that text and then a comma or a line feed.
  ///
  /// Most fields repeat the one above: one comparison finds both their end and their number.
  @inline(__always)
  func lengthOfLatest(at start: UnsafePointer<UInt8>, limit: UnsafePointer<UInt8>) -> Int? {
    let length = latest.count
    guard length > 0, length < limit - start else { return nil }
    let delimiter = start[length]
    guard delimiter == UInt8(ascii: ",") || delimiter == UInt8(ascii: "\n") else { return nil }
    let same = bytes.withUnsafeBufferPointer { memcmp($0.baseAddress! + latest.lowerBound, start, length) == 0 }
    return same ? length : nil
  }

  /// The number of a text, a new one if it was not there.
  mutating func insert(_ text: UnsafeBufferPointer<UInt8>) -> Int32 {
    if let found = find(text) { return found }
    let number = Int32(count)
    bytes.append(contentsOf: text)
    starts.append(bytes.count)
    _ = index.insert(number, hash: Self.hash(text), equals: { _ in false }, hashOf: hash(of:))
    remember(number)
    return number
  }

  mutating func insert(_ text: [UInt8]) -> Int32 { text.withUnsafeBufferPointer { insert($0) } }

  /// The number of a text that is there.
  mutating func find(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard let number = index.find(hash: Self.hash(text), equals: { equals($0, text) }) else { return nil }
    remember(number)
    return number
  }

  private mutating func remember(_ number: Int32) {
    latestNumber = number
    latest = starts[Int(number)]..<starts[Int(number) + 1]
  }

  private func equals(_ number: Int32, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let range = starts[Int(number)]..<starts[Int(number) + 1]
    guard range.count == text.count else { return false }
    return bytes.withUnsafeBufferPointer { $0[range].elementsEqual(text) }
  }

  private func hash(of number: Int32) -> UInt64 {
    bytes.withUnsafeBufferPointer {
      Self.hash(UnsafeBufferPointer(rebasing: $0[starts[Int(number)]..<starts[Int(number) + 1]]))
    }
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = FNV1a()
    hash.combine(text)
    return mix(hash.value)
  }
}
