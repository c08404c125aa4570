// The types of LayoutShapes.swift: each one a pitfall of field layouts.
import Foundation
import Synchronization

final class Leaf {
  var tag: Int
  init(_ tag: Int = 0) { self.tag = tag }
}
protocol Named: AnyObject { var tag: Int { get } }
extension Leaf: Named {}
protocol Shape { var side: Int { get } }

// MARK: Plain fields, strings, tuples, wrappers

final class Plain {
  var first: Leaf
  var second: Leaf?
  var empty: Leaf?
  var number = 7
  init(_ first: Leaf, _ second: Leaf?) { (self.first, self.second) = (first, second) }
}
struct Pair { var left: Leaf; var right: Leaf? }
final class Structs {
  var pair: Pair
  var tuple: (Int8, Leaf)
  var named: (a: Leaf, b: Int)
  var maybe: Pair?
  var none: Pair?
  init(_ l: [Leaf]) {
    pair = Pair(left: l[0], right: l[1]); tuple = (1, l[2]); named = (l[3], 2)
    maybe = Pair(left: l[4], right: nil)
  }
}
final class Texts {
  var long: String
  var short = "abc"
  var literal = "a literal that is longer than fifteen bytes"
  var maybe: String?
  var none: String?
  var character: Character = "x"
  var part: Substring
  init() { long = text(1); maybe = text(2); part = text(3).dropFirst() }
}
@propertyWrapper struct Wrapped<Value> { var wrappedValue: Value }
final class Wrappers {
  @Wrapped var item: Leaf
  lazy var later: Leaf = Leaf(9)
  lazy var never: Leaf = Leaf(9)
  init(_ leaf: Leaf) { _item = Wrapped(wrappedValue: leaf) }
}

// MARK: Ownership

final class Owners {
  weak var weakLeaf: Leaf?
  weak var weakNil: Leaf?
  weak var weakNamed: (any Named)?
  unowned var unownedLeaf: Leaf
  unowned var unownedMaybe: Leaf?
  unowned var unownedNamed: any Named
  unowned(unsafe) var unsafeLeaf: Leaf
  var unmanaged: Unmanaged<Leaf>
  var strong: Leaf
  init(_ l: [Leaf]) {
    weakLeaf = l[0]
    unownedLeaf = l[1]
    unownedMaybe = l[2]
    unsafeLeaf = l[3]
    unmanaged = .passUnretained(l[4])
    strong = l[5]
    weakNamed = l[6]
    unownedNamed = l[7]
  }
}

// MARK: Existentials

struct Small: Shape { var side = 1; var leaf: Leaf }
struct Large: Shape { var side = 1; var a = 1, b = 2, c = 3; var leaf: Leaf }
final class ShapeClass: Shape { var side = 2 }
struct Failure: Error { var leaf: Leaf }
enum SmallFailure: Error { case one, two }
class Base { var baseLeaf: Leaf; init(_ leaf: Leaf) { baseLeaf = leaf } }
class Derived: Base { var more: Leaf?; var number = 1; override init(_ leaf: Leaf) { more = leaf; super.init(leaf) } }
final class Leafier<Element>: Derived {
  var element: Element
  init(_ e: Element, _ leaf: Leaf) { element = e; super.init(leaf) }
}
final class Existentials {
  var named: any Named
  var maybeNamed: (any Named)?
  var anyObject: AnyObject
  var inline: any Shape
  var boxed: any Shape
  var asClass: any Shape
  var anything: Any
  var anyInt: Any = 5
  var anyNil: Any?
  var anyText: Any
  var error: any Error
  var noError: (any Error)?
  var composed: any Base & Shape
  var meta: Any.Type = Int.self
  var shapeMeta: any Shape.Type = Small.self
  init(_ l: [Leaf], _ c: DerivedShape, _ s: ShapeClass) {
    named = l[0]; maybeNamed = l[1]; anyObject = l[2]; inline = Small(leaf: l[3]); boxed = Large(leaf: l[4]);
    asClass = s
    anything = Pair(left: l[5], right: l[6]); error = Failure(leaf: l[7]); composed = c; anyText = text(5)
  }
}
final class DerivedShape: Base, Shape { var side = 3 }
protocol Tagged<Tag> { associatedtype Tag; var tagValue: Tag { get } }
struct IntTagged: Tagged { var tagValue = 1; var leaf: Leaf }
final class Constrained { var tagged: any Tagged<Int>; init(_ l: Leaf) { tagged = IntTagged(leaf: l) } }
final class AnyHolder { var value: Any; init(_ value: Any) { self.value = value } }

// MARK: Enums

enum Mode { case off; case one(Leaf); case two(Leaf, Leaf); case number(Int); case text(String) }
indirect enum Tree { case leaf(Leaf); case node(Tree, Tree); case end }
enum List { case end; indirect case cons(Leaf, List) }
enum Twenty {
  case a0(Leaf), a1(Leaf), a2(Leaf), a3(Leaf), a4(Leaf), a5(Leaf), a6(Leaf), a7(Leaf), a8(Leaf), a9(Leaf)
  case b0(Leaf), b1(Leaf), b2(Leaf), b3(Leaf), b4(Leaf), b5(Leaf), b6(Leaf), b7(Leaf), b8(Leaf), b9(Leaf)
}
enum Either<Left, Right> { case left(Left); case right(Right) }
enum Two { case strong(Leaf); case other(Base) }
enum Wide { case small(UInt8, Leaf); case large(Int, Int, Leaf); case none }
enum Single { case some(Int, Leaf); case a; case b }
final class Enums {
  var mode: Mode
  var maybe: Mode?
  var mode2: Mode
  init(_ mode: Mode, _ maybe: Mode?, _ mode2: Mode) { self.mode = mode; self.maybe = maybe; self.mode2 = mode2 }
}
final class Holder<Value> { var value: Value; init(_ value: Value) { self.value = value } }
struct Watch { weak var target: Leaf?; var leaf: Leaf; var other: Leaf }

// MARK: Functions

final class Caller {
  var onChange: (() -> Void)?
  var transform: (Int) -> Int = { $0 + 1 }
  var never: (() -> Void)?
  init() {}
  func act() { keep.removeAll() }
}

// MARK: Raw layout, actors, managed buffers, Foundation

final class Locked {
  let before: Leaf
  let mutex: Mutex<Leaf>
  let after: Leaf?
  let counter = Atomic<Int>(0)
  let text: String
  init(_ l: [Leaf]) {
    before = l[0]; after = l[1]; nonisolated(unsafe) let m = l[2]; mutex = Mutex(m); text = Mode.describe
  }
}
extension Mode { static let describe = String(repeating: "described ", count: 5) }
final class LockedValue<Value> {
  let mutex: Mutex<[Int]>
  let value: Value
  init(_ value: Value) { mutex = Mutex([1, 2, 3]); self.value = value }
}
actor Counter {
  var leaf: Leaf
  var count = 0
  init(_ tag: Int) { leaf = Leaf(tag) }
  var leafAddress: UInt { address(leaf) }
}
final class Buffer: ManagedBuffer<Pair, Leaf> {}
final class Strange: Operation, @unchecked Sendable {
  var mine: Leaf?
  var tail: Leaf?
}

struct Handle: ~Copyable { var leaf: Leaf; var number = 1 }
final class Unique {
  let before: Leaf
  let handle: Handle
  let after: Leaf
  init(_ l: [Leaf]) { before = l[0]; handle = Handle(leaf: l[1]); after = l[2] }
}
final class Inline4 { var leaves: InlineArray<3, Leaf?>; init(_ l: [Leaf]) { leaves = [l[0], nil, l[2]] } }
final class Delegated {
  weak var delegate: (any Named & Sendable)?
  var observers: [ObjectIdentifier: Weak] = [:]
  var stages: [(name: String, run: () -> Void)] = []
  lazy var onClose: () -> Void = { [unowned self] in self.stages = [] }
}
struct Weak { weak var object: Leaf? }
final class Moves {
  var point: (x: Double, y: Double) = (1, 2); var raw: UnsafeMutablePointer<Int>?; var opaque: OpaquePointer?
  var id: ObjectIdentifier; var type: Leaf.Type = Leaf.self; var range = 0..<5; var leaf: Leaf
  init(_ leaf: Leaf) {
    self.leaf = leaf; id = ObjectIdentifier(leaf); raw = UnsafeMutablePointer(bitPattern: address(leaf));
    opaque = OpaquePointer(bitPattern: address(leaf))
  }
}
final class Foundationals {
  var data: Data; var large: Data; var url: URL?; var date = Date(); var none: Data?; var leaf: Leaf
  init(_ leaf: Leaf) { self.leaf = leaf; data = Data([1, 2, 3]); large = Data(repeating: 1, count: 100) }
}
final class Zombie { var leaf: Leaf; init(_ leaf: Leaf) { self.leaf = leaf } }
final class Mourner { unowned var dead: Zombie; init(_ zombie: Zombie) { dead = zombie } }
enum Nested {
  case outer(Mode)
  case pair(Two, Leaf?)
  case function(() -> Void)
  case error(any Error)
  case any(Any)
  case weak(Weak)
}
enum Flat: Error { case one(code: Int), two(Leaf) }
class Generic<T> { var t: T?; init(_ t: T?) { self.t = t } }
final class Sub: Generic<(Leaf, Int)> { var own: Leaf; init(_ l: Leaf, _ m: Leaf) { own = l; super.init((m, 5)) } }
final class Outer<T> { final class Inner<U> { var t: T; var u: U; init(_ t: T, _ u: U) { self.t = t; self.u = u } } }
