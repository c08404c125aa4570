import Glibc

/// Reads small files under `/proc` into a buffer on the stack: no heap byte moves, so a measurement may use it.
enum ProcFile {
  /// Bytes read at most: `smaps_rollup` is below 2 KB, and so is `status` but for users who are in thousands of groups.
  static let capacity = 32768

  /// Calls `body` with the file's bytes, cut at `capacity`.
  static func read<Value>(
    _ path: StaticString, _ body: (borrowing Span<UInt8>) -> Value
  ) throws(HeapProbeError) -> Value {
    let descriptor = try open(path, O_RDONLY)
    defer { close(descriptor) }
    var buffer = InlineArray<32768, UInt8>(repeating: 0)
    var count = 0
    while count < capacity {
      var span = buffer.mutableSpan
      let got = span.withUnsafeMutableBytes { bytes in
        Glibc.read(descriptor, bytes.baseAddress! + count, capacity - count)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(path: "\(path)", code: errno) }
      if got == 0 { break }
      count += got
    }
    return body(buffer.span.extracting(first: count))
  }

  /// Writes `text` to the file in one call.
  static func write(_ path: StaticString, _ text: StaticString) throws(HeapProbeError) {
    let descriptor = try open(path, O_WRONLY)
    defer { close(descriptor) }
    let count = text.utf8CodeUnitCount
    guard Glibc.write(descriptor, text.utf8Start, count) == count else {
      throw .unreadable(path: "\(path)", code: errno)
    }
  }

  private static func open(_ path: StaticString, _ flags: Int32) throws(HeapProbeError) -> Int32 {
    // Safety: a StaticString ends in NUL and lives for ever.
    let start = UnsafeRawPointer(path.utf8Start).assumingMemoryBound(to: CChar.self)
    let descriptor = Glibc.open(start, flags | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: "\(path)", code: errno) }
    return descriptor
  }
}

/// The number of bytes in the line `FIELD:   123 kB` of a `/proc` text; `nil` if no line begins so.
///
/// - Parameter field: With its colon: `"Rss:"` does not match `SwapRss:`.
func kilobyteField(_ field: StaticString, in text: borrowing Span<UInt8>) -> Int? {
  let length = field.utf8CodeUnitCount
  var lineStart = 0
  while lineStart + length <= text.count {
    var matched = 0
    // Safety: `matched` stays below the literal's length.
    while matched < length && text[lineStart + matched] == field.utf8Start[matched] { matched += 1 }
    var index = lineStart + matched
    if matched == length {
      while index < text.count && text[index] == UInt8(ascii: " ") || index < text.count && text[index] == 9 {
        index += 1
      }
      var value: Int?
      while index < text.count, text[index] >= 48, text[index] <= 57 {
        let (tens, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        value = tens + Int(text[index] - 48)
        index += 1
      }
      let (bytes, overflow) = (value ?? 0).multipliedReportingOverflow(by: 1024)
      return value == nil || overflow ? nil : bytes
    }
    while index < text.count && text[index] != 10 { index += 1 }
    lineStart = index + 1
  }
  return nil
}
