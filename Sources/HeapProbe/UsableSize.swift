import CAllocator

/// Usable bytes of the heap block that starts at `block` (malloc_usable_size(3)): what was asked for, rounded up; the
/// chunk's 8-byte header is not included.
///
/// - Parameter block: The start of a live block of this process's allocator.
public func usableSize(ofBlockAt block: UnsafeRawPointer) -> Int {
  Int(wsa_usable_size(block))
}

/// Usable bytes of the heap block of a Swift object (malloc_usable_size(3)), its 16-byte header included.
///
/// - Parameter object: An object on the heap. An object that the compiler placed elsewhere (a static one, or one
///   promoted to the stack) has no block, and the answer is undefined.
public func usableSize(of object: AnyObject) -> Int {
  withExtendedLifetime(object) { Int(wsa_usable_size(Unmanaged.passUnretained(object).toOpaque())) }
}
