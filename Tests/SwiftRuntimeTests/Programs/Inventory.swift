// What programs keep besides plain objects, each in a known number: PureSwift.swift has the rest. Prints `COUNT NAME` for each,
// by the name that the census is to give it; then `ready`, and ends when its stdin does.
//
// With -D FOUNDATION also what Foundation makes.
import Dispatch
import Glibc
import Synchronization

#if FOUNDATION
  import Foundation
#endif

nonisolated(unsafe) var kept: [Any] = []
nonisolated(unsafe) var expected: [String: Int] = [:]

/// Keeps what `make` returns, `count` times; the census is to show as many by this name.
func keep<Value>(_ name: String, _ count: Int, _ make: (Int) -> Value) {
  var values: [Value] = []
  values.reserveCapacity(count)
  for index in 0..<count { values.append(make(index)) }
  kept.append(values)
  expected[name, default: 0] += count
}

// MARK: Types

final class Pair<First, Second> {
  var first: First
  var second: Second
  init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }
}
enum Namespace {
  struct Inner<T> {
    final class Deep<U> {
      var t: T
      var u: U
      init(_ t: T, _ u: U) { (self.t, self.u) = (t, u) }
    }
  }
}
protocol Visitor: AnyObject { func visit() }
final class Counting: Visitor {
  var visits = 0
  func visit() { visits += 1 }
}
final class VisitorHolder {
  var visitor: any Visitor
  var type: any Any.Type
  init(_ visitor: any Visitor, _ type: any Any.Type) { (self.visitor, self.type) = (visitor, type) }
}
final class Path {
  let path: AnyKeyPath
  init(_ path: AnyKeyPath) { self.path = path }
}
struct Unique: ~Copyable {
  let resource = Resource()
  let number: Int
}
final class Resource { var open = true }
final class UniqueOwner {
  var unique: Unique
  init(_ number: Int) { unique = Unique(number: number) }
}
final class Vector {
  var elements: InlineArray<4, Resource>
  init() { elements = InlineArray { _ in Resource() } }
}
final class Store: ManagedBuffer<(count: Int, name: String), Resource> {
  deinit { withUnsafeMutablePointers { _ = $1.deinitialize(count: $0.pointee.count) } }
}
final class Locked: Sendable {
  let state = Mutex<[String: Int]>(["a": 1])
  let total = Atomic<Int>(0)
}
final class Target { var value = 0 }
final class UnownedHolder {
  unowned let target: Target
  init(_ target: Target) { self.target = target }
}
final class WeakHolder { weak var target: Target? }
enum Message {
  case text(String)
  indirect case reply(Message, to: Int)
}
struct Row { var id = 0, name = "a name of more than fifteen bytes", score = 1.5 }
private final class Hidden<T> {
  var value: T
  init(_ value: T) { self.value = value }
}
func localClass(_ number: Int) -> AnyObject {
  final class Local {
    var number: Int
    init(_ number: Int) { self.number = number }
  }
  return Local(number)
}
struct Failure: Error { var reason = "a reason of more than fifteen bytes" }
actor Account {
  var balance = 0
  func add(_ amount: Int) { balance += amount }
}
@globalActor actor Shared { static let shared = Shared() }

func text(_ number: Int) -> String { "text number \(number), of more than fifteen bytes" }
func makeAdder(_ number: Int) -> (Int) -> String { { text(number + $0) } }

// MARK: Making

func makeObjects() {
  keep("App.Pair<Int, App.Pair<String, [Int]>>", 11) { Pair($0, Pair(text($0), [$0])) }
  expected["App.Pair<String, [Int]>"] = 11
  keep("App.Namespace.Inner<String>.Deep<Int>", 12) { Namespace.Inner<String>.Deep(text($0), $0) }
  keep("App.VisitorHolder", 13) { VisitorHolder(Counting(), $0 % 2 == 0 ? Int.self : String.self) }
  expected["App.Counting"] = 13 + 5
  keep("App.UniqueOwner", 14) { UniqueOwner($0) }
  keep("App.Vector", 15) { _ in Vector() }
  keep("App.Store", 16) { number in
    Store.create(minimumCapacity: 3) { buffer in
      buffer.withUnsafeMutablePointerToElements { for index in 0..<3 { ($0 + index).initialize(to: Resource()) } }
      return (3, text(number))
    }
  }
  expected["App.Resource"] = 14 + 15 * 4 + 16 * 3
  keep("App.Locked", 17) { _ in Locked() }
  keep("App.Hidden<Int>", 18) { Hidden($0) }
  keep("App.Local", 19) { localClass($0) }
  keep("App.Path", 20) { _ in Path(\Row.name) }
  keep("App.Pair<() -> (), any Error>", 21) { number in Pair({ print(text(number)) }, Failure() as any Error) }
  expected["error box: App.Failure"] = 21
}

func makeStorage() {
  kept.append((0..<100).map { (number: $0, text: text($0), row: Row()) })
  expected["[(number: Int, text: String, row: App.Row)] storage"] = 1
  keep("[String: any App.Visitor] storage", 5) { [text($0): Counting() as any Visitor] }
  keep("[App.Key: [Any]] storage", 6) { [Key(a: $0, b: text($0)): [$0, text($0)] as [Any]] }
  // Of the dictionaries' values, and of what keeps all this.
  expected["[Any] storage"] = 6 + 1
  keep("Set<App.Key> storage", 7) { [Key(a: $0, b: "b")] as Set<Key> }
  keep("[ArraySlice<Int>] storage", 1) { _ in [[1, 2, 3][1...], [4, 5, 6][..<2]] as [ArraySlice<Int>] }
  keep("[Double] storage", 8) { ContiguousArray(repeating: Double($0), count: 10) }
  keep("[Substring] storage", 9) { text($0).split(separator: " ") }
  keep("[[[Int?]]] storage", 3) { [[[$0, nil]]] as [[[Int?]]] }
  keep("[App.Message] storage", 4) { [Message.text(text($0)), .reply(.text("t"), to: 2)] }
  keep("[InlineArray<3, Int>] storage", 2) { [[$0, 1, 2]] as [InlineArray<3, Int>] }
  keep("[Any.Type] storage", 2) { _ in [Int.self, Row.self] as [any Any.Type] }
  keep("[PartialKeyPath<App.Row>] storage", 2) { _ in [\Row.id, \Row.score] as [PartialKeyPath<Row>] }
  // Substrings keep their string, and equal strings are not the same storage.
  let long = String(repeating: "x", count: 100_000)
  kept.append([long.dropFirst(10), long.dropLast(10)])
  expected["[Substring] storage", default: 0] += 1
  kept.append((0..<10).map { _ in String(repeating: "same ", count: 10) })
}
struct Key: Hashable { var a: Int, b: String }

@inline(never) func point(_ holder: WeakHolder, at target: Target) { holder.target = target }
@inline(never) func makeReferences() {
  // The dead are kept by unowned references, and their side tables by weak ones.
  for _ in 0..<10 { kept.append(UnownedHolder(Target())) }
  for _ in 0..<4 {
    let target = Target()
    let holder = WeakHolder()
    holder.target = target
    kept += [target, holder] as [Any]
  }
  for _ in 0..<3 {
    let holder = WeakHolder()
    point(holder, at: Target())
    kept.append(holder)
  }
  expected["App.UnownedHolder"] = 10
  expected["App.Target"] = 14
  expected["App.WeakHolder"] = 7
}

nonisolated(unsafe) var continuations: [UnsafeContinuation<Int, Never>] = []
let lock = Mutex(())
func never() async -> Int {
  await withUnsafeContinuation { continuation in lock.withLock { _ in continuations.append(continuation) } }
}

func makeTasks() async {
  for index in 0..<5 {
    let account = Account()
    await account.add(index)
    kept.append(account)
  }
  expected["App.Account"] = 5
  // A task, its child in a group, and one by async let.
  kept.append(
    Task {
      await withTaskGroup(of: Int.self) { group in
        for _ in 0..<3 { group.addTask { await never() } }
        async let other = never()
        return await group.reduce(0, +) + other
      }
    })
  let (stream, source) = AsyncStream.makeStream(of: Row.self)
  for index in 0..<20 { source.yield(Row(id: index)) }
  kept += [stream, source] as [Any]
  let (throwing, other) = AsyncThrowingStream.makeStream(of: Int.self)
  other.yield(1)
  kept += [throwing, other] as [Any]
  expected["AsyncStream<App.Row>._Storage"] = 1
  expected["AsyncThrowingStream<Int, any Error>._Storage"] = 1
  while lock.withLock({ _ in continuations.count }) < 4 { try? await Task.sleep(nanoseconds: 1_000_000) }
}

#if FOUNDATION
  final class Model: NSObject {
    var name = "a name of more than fifteen bytes"
  }
  struct Item: Codable {
    var date: Date
    var tags: [String]
  }

  func makeFoundation() throws {
    keep("App.Model", 31) { _ in Model() }
    keep("Foundation.DateFormatter", 3) { number in
      let formatter = DateFormatter()
      formatter.dateFormat = "yyyy-MM-dd"
      _ = formatter.string(from: Date(timeIntervalSince1970: Double(number)))
      return formatter
    }
    keep("FoundationEssentials.__DataStorage", 6) { Data(repeating: UInt8($0), count: 5000) }
    keep("Foundation.NSNumber", 4) { NSNumber(value: Double($0) + 0.5) }
    keep("Foundation.NSLock", 5) { _ in NSLock() }
    let decoder = JSONDecoder()
    let items = try decoder.decode([Item].self, from: try JSONEncoder().encode([Item(date: Date(), tags: ["a", "b"])]))
    kept += [decoder, items] as [Any]
    kept.append(URL(string: "https://example.org/path?query=1")!)
  }
#endif

@main struct Main {
  static func main() async throws {
    makeObjects()
    makeStorage()
    makeReferences()
    await makeTasks()
    #if FOUNDATION
      try makeFoundation()
    #endif
    for (name, count) in expected.sorted(by: { $0.key < $1.key }) { print(count, name) }
    print("ready")
    fflush(stdout)
    var byte: UInt8 = 0
    while read(0, &byte, 1) > 0 {}
    _exit(0)
  }
}
