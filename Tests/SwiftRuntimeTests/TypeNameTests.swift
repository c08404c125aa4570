import ProcessImage
import Testing

@testable import SwiftRuntime

protocol Shape {}
protocol Solid: Shape {}
protocol Listing<Element> { associatedtype Element }
struct Point { var x = 0.0 }
class Base {}
final class Derived<Value>: Base { var value: Value? }
enum Outer<T> {
  struct Inner<U> { var u: U? }
  enum Plain { case one }
}
extension Array {
  final class Tail {}
}
extension Outer.Inner { struct Deeper<V> { var v: V? } }
struct Pack<each Element> { var elements: (repeat each Element) }
struct Two<each First, Last> { var first: (repeat each First) }
struct Sized<let count: Int, Element> {}
final class Constrained<S: Sequence> where S.Element == Int {}
private struct Hidden {}

/// Every type of this process is as good as any.
struct TypeNameTests {
  private static let secret: Any.Type = Hidden.self

  static let names: [(Any.Type, String)] = [
    (Int.self, "Int"), (String.self, "String"), (Point.self, "SwiftRuntimeTests.Point"),
    (Base.self, "SwiftRuntimeTests.Base"),
    (Derived<Int>.self, "SwiftRuntimeTests.Derived<Int>"),
    (Derived<Derived<[Point]>>.self, "SwiftRuntimeTests.Derived<SwiftRuntimeTests.Derived<[SwiftRuntimeTests.Point]>>"),
    ([Int].self, "[Int]"), ([String: [Int?]].self, "[String: [Int?]]"), (Set<String>.self, "Set<String>"),
    (Int??.self, "Int??"),
    (ContiguousArray<Int>.self, "ContiguousArray<Int>"), (Result<Int, any Error>.self, "Result<Int, any Error>"),
    (Outer<Int>.Inner<String>.self, "SwiftRuntimeTests.Outer<Int>.Inner<String>"),
    (Outer<Int>.Plain.self, "SwiftRuntimeTests.Outer<Int>.Plain"), ([Int].Tail.self, "Array<Int>.Tail"),
    (Outer<Int>.Inner<String>.Deeper<Bool>.self, "SwiftRuntimeTests.Outer<Int>.Inner<String>.Deeper<Bool>"),
    (Pack<Int, String, Bool>.self, "SwiftRuntimeTests.Pack<Int, String, Bool>"),
    (Two<Int, Bool, String>.self, "SwiftRuntimeTests.Two<Int, Bool, String>"),
    (Sized<7, Point>.self, "SwiftRuntimeTests.Sized<7, SwiftRuntimeTests.Point>"),
    (Constrained<[Int]>.self, "SwiftRuntimeTests.Constrained<[Int]>"), (secret, "SwiftRuntimeTests.Hidden"),
    ((Int, String).self, "(Int, String)"), ((a: Int, b: Bool).self, "(a: Int, b: Bool)"), (Void.self, "()"),
    ((() -> Void).self, "() -> ()"), (((Int, inout String) throws -> Bool).self, "(Int, inout String) throws -> Bool"),
    ((@Sendable (Int) async -> Int).self, "@Sendable (Int) async -> Int"), ((() -> Int)?.self, "(() -> Int)?"),
    ([() -> Int].self, "[() -> Int]"), ((@convention(c) (Int32) -> Void).self, "@convention(c) (Int32) -> ()"),
    (Any.self, "Any"), (AnyObject.self, "AnyObject"), ((any Shape).self, "any SwiftRuntimeTests.Shape"),
    ((any Solid & Sendable).self, "any SwiftRuntimeTests.Solid"), ((any Error).self, "any Error"),
    ((any Shape)?.self, "(any SwiftRuntimeTests.Shape)?"),
    ((any Base & Shape).self, "any SwiftRuntimeTests.Base & SwiftRuntimeTests.Shape"),
    ((any Listing<Int>).self, "any SwiftRuntimeTests.Listing<Int>"),
    ((any Sequence<String>).self, "any Sequence<String>"),
    (Int.Type.self, "Int.Type"), ((any Shape).Type.self, "(any SwiftRuntimeTests.Shape).Type"),
    ((any Shape.Type).self, "any SwiftRuntimeTests.Shape.Type"), (Any.Type.self, "Any.Type"),
    (Unmanaged<Base>.self, "Unmanaged<SwiftRuntimeTests.Base>"), (Range<Int>.Index.self, "Int"),
    (Task<Int, Never>.self, "Task<Int, Never>"),
    (AsyncStream<[Int]>.Continuation.self, "AsyncStream<[Int]>.Continuation"),
    (UnsafeMutablePointer<Point>.self, "UnsafeMutablePointer<SwiftRuntimeTests.Point>"),
    (Dictionary<String, Int>.Index.self, "Dictionary<String, Int>.Index"),
  ]

  @Test(arguments: names.indices)
  func `a type has the name that its source gives it`(_ index: Int) {
    let (type, expected) = Self.names[index]
    let namer = TypeNamer(memory: OwnMemory())
    #expect(
      namer.name(of: Address(UInt64(UInt(bitPattern: unsafeBitCast(type, to: UnsafeRawPointer.self))))) == expected)
  }

  @Test func `what is no metadata has no name`() {
    let namer = TypeNamer(memory: MemoryImage([(Address(0x1000), Array(repeating: 0, count: 64))]))
    #expect(namer.name(of: Address(0)) == nil)
    #expect(namer.name(of: Address(0x1000)) == nil)
    #expect(namer.name(of: Address(0x1001)) == nil)
    #expect(namer.name(of: Address(0x9000)) == nil)
  }

  @Test func `a type that contains itself has a name of bounded length`() throws {
    // A tuple at 0x1000 with 20 elements, each of which is the tuple.
    var words: [UInt64] = [0x301, 20, 0]
    for _ in 0..<20 { words += [0x1000, 0] }
    let bytes = words.flatMap { word in (0..<8).map { UInt8(word >> ($0 * 8) & 0xFF) } }
    let name = try #require(TypeNamer(memory: MemoryImage([(Address(0x1000), bytes)])).name(of: Address(0x1000)))
    #expect(name.count <= 1025)
    #expect(name.contains("…"))
  }
}
