/// One stored reference of a kind under test, and a closure that captures through it.
///
/// The models are generic over this, so that each topology is written once. A conforming struct is one word, the
/// reference itself, so that a model's fields lie in memory as if the attribute stood on the field.
protocol BackReference {
  init(_ target: AnyObject?)

  /// The target, `nil` if there is none or, for a weak one, if it died.
  var target: AnyObject? { get }

  /// A closure whose capture list names `target` with this kind of reference.
  static func capture(_ target: AnyObject) -> Handler
}

/// A stored closure. A struct around it, so that its two words can be read without a reabstraction thunk.
struct Handler {
  let call: () -> UInt

  /// The heap block of the closure's context, `nil` for a function that captures nothing.
  var context: UnsafeRawPointer? {
    // Safety: a thick function is two words, code and context.
    unsafeBitCast(self, to: (code: UInt, context: UnsafeRawPointer?).self).context
  }
}

/// Something for a closure to compute from its captured object, which the optimiser cannot leave out.
private func address(of object: AnyObject) -> UInt { UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque()) }

struct StrongReference: BackReference {
  var target: AnyObject?
  init(_ target: AnyObject?) { self.target = target }
  static func capture(_ target: AnyObject) -> Handler { Handler { address(of: target) } }
}

struct WeakReference: BackReference {
  weak var target: AnyObject?
  init(_ target: AnyObject?) { self.target = target }
  static func capture(_ target: AnyObject) -> Handler {
    Handler { [weak target] in
      guard let target else { return 0 }
      return address(of: target)
    }
  }
}

struct UnownedReference: BackReference {
  unowned var target: AnyObject?
  init(_ target: AnyObject?) { self.target = target }
  static func capture(_ target: AnyObject) -> Handler { Handler { [unowned target] in address(of: target) } }
}

struct UnownedUnsafeReference: BackReference {
  unowned(unsafe) var target: AnyObject?
  init(_ target: AnyObject?) { self.target = target }
  static func capture(_ target: AnyObject) -> Handler { Handler { [unowned(unsafe) target] in address(of: target) } }
}

struct UnmanagedReference: BackReference {
  private let reference: Unmanaged<AnyObject>?
  init(_ target: AnyObject?) { reference = target.map { Unmanaged.passUnretained($0) } }
  var target: AnyObject? { reference?.takeUnretainedValue() }
  static func capture(_ target: AnyObject) -> Handler {
    let reference = Unmanaged.passUnretained(target)
    return Handler { address(of: reference.takeUnretainedValue()) }
  }
}
