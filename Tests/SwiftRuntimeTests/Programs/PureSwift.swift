// Most kinds of objects that a program in pure Swift has, each in a known number. Prints `TYPE COUNT` for each class, then
// `ready`, and ends when its stdin does.
import Glibc
import Synchronization

/// How many instances of each class are alive, by the name that the census is to give them.
let alive = Mutex<[String: Int]>([:])
func born(_ type: String) { alive.withLock { $0[type, default: 0] += 1 } }
func died(_ type: String) { alive.withLock { $0[type, default: 0] -= 1 } }

protocol Shape { func area() -> Double }
struct Big: Shape {
  var a = 1.0, b = 2.0, c = 3.0, d = 4.0, e = 5.0
  func area() -> Double { a + e }
}
struct Point { var x = 0.0, y = 0.0 }

final class Node {
  var next: Node?
  var name: String
  init(_ name: String) {
    self.name = name
    born("App.Node")
  }
  deinit { died("App.Node") }
}

class Animal {
  weak var owner: Person?
  init(_ type: String = "App.Animal") { born(type) }
}
final class Dog: Animal {
  var bark: () -> Int = { 1 }
  init() { super.init("App.Dog") }
}

final class Person {
  var pets: [Animal] = []
  var names: [String: Animal] = [:]
  var words: Set<String> = []
  unowned var friend: AnyObject
  init(_ friend: AnyObject) {
    self.friend = friend
    born("App.Person")
  }
}

final class Cell<Value> {
  var value: Value
  init(_ value: Value, _ type: String) {
    self.value = value
    born(type)
  }
}

enum Tree {
  indirect case node(Tree, Tree)
  case leaf(Int)
}
struct Trouble: Error {
  var code = 7
  var text = "a text that is too long to be small"
}
actor Counter {
  var value = 0
  init() { born("App.Counter") }
  func up() { value += 1 }
}
extension Array {
  final class Inner {
    var element: Element?
    init() { born("Array<Int>.Inner") }
  }
}
private final class Secret {
  var value = 1
  init() { born("App.Secret") }
}
enum Outer {
  final class Nested<U> {
    var value: U
    init(_ value: U) {
      self.value = value
      born("App.Outer.Nested<App.Point>")
    }
  }
}
final class Guarded: Sendable {
  let values = Mutex<[Int]>([1, 2, 3])
  init() { born("App.Guarded") }
}
final class Header: ManagedBuffer<Int, Point> {}

func makeCounter() -> () -> Int {
  var count = 0
  var text = "x"
  return {
    count += 1
    text += "y"
    return count + text.count
  }
}

final class Root {
  var nodes: [Node] = []
  var dogs: [Dog] = []
  var people: [Person] = []
  var cells: [Cell<String>] = []
  var tables: [Cell<[Int: String]>] = []
  var shapes: [any Shape] = []
  var values: [Any] = []
  var trees: [Tree] = []
  var errors: [any Error] = []
  var closures: [() -> Int] = []
  var counters: [Counter] = []
  var streams: [AsyncStream<Int>] = []
  var continuations: [AsyncStream<Int>.Continuation] = []
  var tasks: [Task<Int, Never>] = []
  var inner: [[Int].Inner] = []
  fileprivate var secrets: [Secret] = []
  var nested: [Outer.Nested<Point>] = []
  var guarded: [Guarded] = []
  var headers: [ManagedBuffer<Int, Point>] = []
  var texts: [String] = []
  var table: [String: [Int]] = [:]
  var set: Set<Int> = []
  weak var first: Node?
  var weak: [() -> Node?] = []
  init() { born("App.Root") }
  func bind(_ number: Int) {
    let text = "captured \(number) in a long text"
    closures.append { [self] in text.count + nodes.count + number }
  }
}
nonisolated(unsafe) let root = Root()

@main struct Main {
  static func wait(_ number: Int) async -> Int {
    var seen = [number]
    while !Task.isCancelled {
      try? await Task.sleep(nanoseconds: 3_600_000_000_000)
      seen.append(number)
    }
    return seen.count
  }

  static func fill() async {
    for index in 0..<100 { root.nodes.append(Node("the name of node \(index), long enough")) }
    for _ in 0..<1000 { _ = Node("gone at once") }
    for _ in 0..<30 {
      let dog = Dog()
      let person = Person(dog)
      person.pets.append(dog)
      person.names["dog"] = dog
      person.words.insert("word")
      dog.owner = person
      root.dogs.append(dog)
      root.people.append(person)
    }
    for index in 0..<20 {
      root.cells.append(Cell("\(index)", "App.Cell<String>"))
      root.tables.append(Cell([index: "\(index)"], "App.Cell<[Int: String]>"))
    }
    for _ in 0..<10 {
      root.shapes.append(Big())
      root.values.append(Big())
      root.trees.append(.node(.leaf(1), .node(.leaf(2), .leaf(3))))
      root.errors.append(Trouble())
    }
    for index in 0..<10 {
      root.closures.append(makeCounter())
      root.bind(index)
    }
    for _ in 0..<5 {
      let counter = Counter()
      await counter.up()
      root.counters.append(counter)
    }
    for index in 0..<5 {
      let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
      continuation.yield(index)
      root.streams.append(stream)
      root.continuations.append(continuation)
      root.tasks.append(Task { await wait(index) })
    }
    for _ in 0..<7 {
      root.inner.append(.init())
      root.secrets.append(Secret())
      root.nested.append(.init(Point()))
      root.guarded.append(Guarded())
      root.headers.append(Header.create(minimumCapacity: 4) { _ in 1 })
    }
    for index in 0..<50 {
      root.texts.append(String(repeating: "t", count: 20 + index))
      root.table["\(index)"] = [index]
      root.set.insert(index)
    }
    root.first = root.nodes[0]
    for node in root.nodes.prefix(5) { root.weak.append { [weak node] in node } }
    root.nodes[99].next = root.nodes[98]
  }

  static func main() async {
    await fill()
    // Until every task has come to its sleep.
    try? await Task.sleep(nanoseconds: 200_000_000)
    for (type, count) in alive.withLock({ $0 }).sorted(by: { $0.key < $1.key }) { print("\(count) \(type)") }
    print("ready")
    fflush(stdout)
    var byte: UInt8 = 0
    while read(0, &byte, 1) > 0 {}
    _exit(0)
  }
}
