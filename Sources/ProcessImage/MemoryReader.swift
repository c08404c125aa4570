/// The memory of a process as it was at one moment.
///
/// One primitive: the bytes from an address on. A run is as long as the contiguous memory behind it, so that a loop over
/// millions of words asks once and then reads from the buffer.
package protocol MemoryReader: Sendable {
  /// The readable bytes from `address` to the end of the contiguous memory that holds it; empty where nothing can be read.
  ///
  /// The buffer is valid as long as the reader is alive, and never changes.
  func bytes(from address: Address) -> UnsafeRawBufferPointer
}

extension MemoryReader {
  /// `count` bytes at `address`, or `nil` if not all of them can be read.
  package func bytes(at address: Address, count: Int) -> UnsafeRawBufferPointer? {
    let run = bytes(from: address)
    guard count >= 0, run.count >= count else { return nil }
    return UnsafeRawBufferPointer(rebasing: run[..<count])
  }

  /// A value of the target's memory, at any alignment.
  package func load<Value: BitwiseCopyable>(_ type: Value.Type, at address: Address) -> Value? {
    let run = bytes(from: address)
    guard run.count >= MemoryLayout<Value>.size else { return nil }
    return run.loadUnaligned(as: Value.self)
  }

  /// The eight bytes at `address`.
  package func word(at address: Address) -> UInt64? { load(UInt64.self, at: address) }

  /// The word at `address` as an address.
  package func pointer(at address: Address) -> Address? { word(at: address).map(Address.init) }

  /// What a relative pointer at `address` leads to: a signed 32-bit distance from its own place.
  /// `nil` if it is null or cannot be read.
  package func relativePointer(at address: Address) -> Address? {
    guard let distance = load(Int32.self, at: address), distance != 0 else { return nil }
    return address + Int(distance)
  }

  /// A string that ends in a zero byte within `limit` bytes; `nil` if it does not, or is no UTF-8.
  package func string(at address: Address, limit: Int = 4096) -> String? {
    let run = bytes(from: address)
    let head = run[..<min(limit, run.count)]
    guard let end = head.firstIndex(of: 0) else { return nil }
    return String(validating: head[..<end], as: UTF8.self)
  }
}
