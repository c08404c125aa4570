/// What each node carries besides its links and value. A graph without payload has no field for it at all.
protocol NodePayload {
  init(bytes: Int)

  /// Calls `body` with the start of each heap block that the payload takes.
  func forEachBlock(_ body: (UnsafeRawPointer) -> Void)
}

struct NoPayload: NodePayload {
  init(bytes: Int) {}
  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {}
}

struct BytePayload: NodePayload {
  let bytes: [UInt8]
  init(bytes count: Int) { bytes = [UInt8](repeating: 0xA5, count: count) }
  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) { bytes.forEachStorageBlock(body) }
}

extension Array {
  /// Calls `body` with the start of the array's storage object, if it has one on the heap.
  func forEachStorageBlock(_ body: (UnsafeRawPointer) -> Void) {
    guard capacity > 0 else { return }
    // Safety: without Objective-C an Array is one word, the reference to its storage object.
    body(unsafeBitCast(self, to: UnsafeRawPointer.self))
  }
}

extension Dictionary {
  /// Calls `body` with the start of the dictionary's storage object, if it has one on the heap.
  func forEachStorageBlock(_ body: (UnsafeRawPointer) -> Void) {
    guard capacity > 0 else { return }
    // Safety: without Objective-C a Dictionary is one word, the reference to its storage object.
    body(unsafeBitCast(self, to: UnsafeRawPointer.self))
  }
}

/// The start of an object's heap block.
func block(of object: AnyObject) -> UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(object).toOpaque()) }
