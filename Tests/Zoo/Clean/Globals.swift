// Cycles and trees that globals, statics and lazy globals hold.

import Synchronization
import ZooSupport

let globalCases: [ZooCase] = [
  ZooCase("global-cycle") { serve() },
  ZooCase("static-singleton") { Cache.shared.warm() },
  ZooCase("lazy-global-dictionary") { catalogue["a"] = CatalogueEntry() },
  ZooCase("global-struct") { settings.theme.font = Font() },
  ZooCase("global-closure") { installHandler(step: 2) },
  ZooCase("global-existential") { currentDrawable = Circle(pen: Pen()) },
  ZooCase("global-large-existential") { currentDrawable = Polygon(pen: Pen()) },
  ZooCase("global-any") { anything = ["key": Pen() as Any, "other": 1] },
  ZooCase("global-mutex") { registry.withLock { $0.append(Worker()) } },
  ZooCase("static-in-generic-type") { Pool<Int>.fill() },
  ZooCase("global-unsafe-pointer") { fillBuffer() },
  ZooCase("global-managed-buffer") { fillManaged() },
  ZooCase("global-error") { rememberError() },
  ZooCase("global-optional-tuple") { pair = (3, Pen(), "a string that is long enough for the heap") },
  ZooCase("global-unowned-cycle") { buildCustomer() },
  ZooCase("global-inline-array") { buildRack() },
  ZooCase("global-task-local-default") { useDefault() },
  ZooCase("global-key-path") { keepKeyPaths() },
  ZooCase("static-let-literals") { readTables() },
]

final class Server {
  var routes: [String: () -> Int] = [:]
  var hits = 0
  init() { born(self) }
  deinit { died(self) }
  func start() {
    routes["/"] = {
      self.hits += 1
      return self.hits
    }
  }
}
nonisolated(unsafe) private var theServer: Server?
private func serve() {
  theServer = Server()
  theServer?.start()
}

final class Cache {
  nonisolated(unsafe) static let shared = Cache()
  private var parent: Cache?
  private var children: [Cache] = []
  init() { born(self) }
  deinit { died(self) }
  func warm() {
    for _ in 0..<5 {
      let child = Cache()
      child.parent = self
      children.append(child)
    }
  }
}

final class CatalogueEntry {
  var entry: CatalogueEntry?
  init() {
    born(self)
    entry = self
  }
  deinit { died(self) }
}
nonisolated(unsafe) private var catalogue: [String: CatalogueEntry] = makeCatalogue()
private func makeCatalogue() -> [String: CatalogueEntry] { ["b": CatalogueEntry()] }

final class Font {
  init() { born(self) }
  deinit { died(self) }
}
struct Theme {
  var name = "dark"
  var font: Font?
}
struct AppSettings {
  var size = 1
  var theme = Theme()
}
nonisolated(unsafe) private var settings = AppSettings()

final class Tally {
  var count = 0
  init() { born(self) }
  deinit { died(self) }
}
nonisolated(unsafe) private var handler: (() -> Int)?
private func installHandler(step: Int) {
  let tally = Tally()
  handler = {
    tally.count += step
    return tally.count
  }
}

protocol Drawable { func draw() }
final class Pen {
  init() { born(self) }
  deinit { died(self) }
}
struct Circle: Drawable {
  let pen: Pen
  func draw() {}
}
struct Polygon: Drawable {
  var corners = (0.0, 1.0, 2.0, 3.0, 4.0)
  let pen: Pen
  func draw() {}
}
nonisolated(unsafe) private var currentDrawable: (any Drawable)?
nonisolated(unsafe) private var anything: Any?
nonisolated(unsafe) private var pair: (Int, Pen, String)?

final class Worker: @unchecked Sendable {
  var next: Worker?
  init() {
    born(self)
    next = self
  }
  deinit { died(self) }
}
private let registry = Mutex<[Worker]>([])

enum Pool<Element> {
  final class Entry {
    var element: Element?
    init() { born(self) }
    deinit { died(self) }
  }
  static func fill() {
    pooled = (0..<4).map { _ in Entry() }
  }
}
/// Generic types have no static stored properties; people put them beside.
nonisolated(unsafe) private var pooled: [AnyObject] = []

final class Brick {
  init() { born(self) }
  deinit { died(self) }
}
nonisolated(unsafe) private var bricks: UnsafeMutableBufferPointer<Brick>?
private func fillBuffer() {
  let buffer = UnsafeMutableBufferPointer<Brick>.allocate(capacity: 7)
  for index in buffer.indices { buffer.initializeElement(at: index, to: Brick()) }
  bricks = buffer
}

nonisolated(unsafe) private var brickBuffer: ManagedBuffer<Int, Brick>?
private func fillManaged() {
  let buffer = ManagedBuffer<Int, Brick>.create(minimumCapacity: 3) { _ in 3 }
  buffer.withUnsafeMutablePointerToElements { elements in
    for index in 0..<3 { (elements + index).initialize(to: Brick()) }
  }
  brickBuffer = buffer
}

struct SourceError: Error {
  let source: Tracer
}
final class Tracer: @unchecked Sendable {
  var last: (any Error)?
  init() { born(self) }
  deinit { died(self) }
}
nonisolated(unsafe) private var lastError: (any Error)?
private func rememberError() {
  let tracer = Tracer()
  do { throw SourceError(source: tracer) } catch {
    tracer.last = error
    lastError = error
  }
}

final class Customer {
  var card: CreditCard?
  init() { born(self) }
  deinit { died(self) }
}
final class CreditCard {
  unowned let customer: Customer
  unowned(unsafe) let sameCustomer: Customer
  init(customer: Customer) {
    self.customer = customer
    sameCustomer = customer
    born(self)
  }
  deinit { died(self) }
}
nonisolated(unsafe) private var customer: Customer?
private func buildCustomer() {
  let new = Customer()
  new.card = CreditCard(customer: new)
  customer = new
}

nonisolated(unsafe) private var rack: InlineArray<3, Brick?> = [nil, nil, nil]
private func buildRack() {
  rack[0] = Brick()
  rack[2] = Brick()
}

enum Trace {
  @TaskLocal static var current = Span()
}
final class Span: Sendable {
  init() { born(self) }
  deinit { died(self) }
}
private func useDefault() { use(Trace.current) }

final class Point {
  var x = 1
  var child: Point?
  init() { born(self) }
  deinit { died(self) }
}
nonisolated(unsafe) private var paths: [AnyKeyPath] = []
nonisolated(unsafe) private var origin: Point?
private func keepKeyPaths() {
  let start: KeyPath<Point, Point?> = \.child
  paths = [\Point.x, start.appending(path: \.?.x), \[Int].count]
  origin = Point()
}

enum Tables {
  static let primes = [2, 3, 5, 7, 11, 13]
  static let names = ["one": 1, "two": 2, "three": 3]
  static let words: Set = ["a", "b", "a word that is stored on the heap"]
}
private func readTables() {
  precondition(Tables.primes.count == 6 && Tables.names["two"] == 2 && Tables.words.count == 3)
}
