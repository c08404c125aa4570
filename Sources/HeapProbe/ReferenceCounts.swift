/// The three reference counts of a Swift object (RefCount.h in swiftlang/swift), as the runtime's debugging entry
/// points report them: a snapshot for tests and teaching, never for program logic.
public struct ReferenceCounts: Equatable, Sendable {
  /// Strong references. The object is deinited when the last one goes.
  public var strong: Int
  /// Unowned references, plus one that all strong ones hold together. The memory is freed when the last one goes.
  public var unowned: Int
  /// Weak references, plus one that the object itself holds on its side table; 1 as well where there is no side table.
  public var weak: Int

  /// Counts as given, to compare with.
  public init(strong: Int, unowned: Int, weak: Int) {
    self.strong = strong
    self.unowned = unowned
    self.weak = weak
  }

  /// Reads the counts of an object through its address, which adds nothing to them.
  ///
  /// - Parameter address: Of a live object, from `Unmanaged.passUnretained(object).toOpaque()` for instance.
  public init(ofObjectAt address: UnsafeRawPointer) {
    strong = Int(bitPattern: swift_retainCount(address))
    unowned = Int(bitPattern: swift_unownedRetainCount(address))
    weak = Int(bitPattern: swift_weakRetainCount(address))
  }

  /// Reads the counts of `object`. Its strong count may be one higher than what the program's own references make: the
  /// compiler is free to retain what it passes.
  public init(of object: AnyObject) {
    self.init(ofObjectAt: Unmanaged.passUnretained(object).toOpaque())
    withExtendedLifetime(object) {}
  }
}

// Exported by libswiftCore (DebuggerSupport and HeapObject.h); the standard library's own wrappers take a reference.
@_silgen_name("swift_retainCount")
private func swift_retainCount(_ object: UnsafeRawPointer) -> UInt
@_silgen_name("swift_unownedRetainCount")
private func swift_unownedRetainCount(_ object: UnsafeRawPointer) -> UInt
@_silgen_name("swift_weakRetainCount")
private func swift_weakRetainCount(_ object: UnsafeRawPointer) -> UInt
