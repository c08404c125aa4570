// Cycles through existentials, Any and errors.

import ZooSupport

let existentialCases: [ZooCase] = [
  ZooCase("any-holds-object", attachUserInfo),
  ZooCase("any-holds-object-generic", attachLabel),
  ZooCase("any-holds-large-struct", attachContext),
  ZooCase("existential-holds-large-struct", styleShape),
  ZooCase("existential-holds-large-struct-generic", styleTile),
  ZooCase("existential-holds-small-struct", rankPlayer),
  ZooCase("error-holds-source", failToLoad),
  ZooCase("error-holds-source-generic", failToParse),
  ZooCase("dictionary-of-any", fillUserInfo),
  ZooCase("protocol-composition", composeDelegates),
  ZooCase("any-object-field", linkAnyObjects),
  ZooCase("any-iterator", iterate),
  ZooCase("any-iterator-generic", iterateAgain),
]

// Any, with an object in it.
final class Request {
  var userInfo: Any?
  init() { born(self) }
  deinit { died(self) }
}

final class RequestLog {
  let request: Request
  init(request: Request) {
    self.request = request
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func attachUserInfo() {
  let request = Request()
  request.userInfo = RequestLog(request: request)
}

enum Parcel<Weight> {
  final class Box {
    var weight: Weight?
    var contents: [Any] = []
    init() { born(self) }
    deinit { died(self) }
  }

  final class Label {
    var box: Any
    init(box: Box) {
      self.box = box
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func attachLabel() {
  let box = Parcel<Double>.Box()
  box.contents = [12, "fragile", Parcel.Label(box: box)]
}

// Any, with a struct that does not fit into it.
struct RenderContext {
  var width = 640, height = 480, scale = 2.0, depth = 24
  var surface: Surface
}

final class Surface {
  var context: Any = ()
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func attachContext() {
  let surface = Surface()
  surface.context = RenderContext(surface: surface)
}

// An existential of a protocol: a large struct in a box of its own.
protocol Shape { var area: Double { get } }

struct Rectangle: Shape {
  var width = 3.0, height = 4.0, x = 0.0, y = 0.0
  var layer: ShapeLayer
  var area: Double { width * height }
}

final class ShapeLayer {
  var shape: (any Shape)?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func styleShape() {
  let layer = ShapeLayer()
  layer.shape = Rectangle(layer: layer)
}

protocol Tiling {
  associatedtype Edge
  var edges: [Edge] { get }
}

enum Floor {
  struct Hexagon<Edge>: Tiling {
    var edges: [Edge]
    var colour: (Double, Double, Double)
    var tiler: Tiler<Edge>
  }

  final class Tiler<Edge> {
    var tile: (any Tiling)?
    var spare: [Edge] = []
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func styleTile() {
  let tiler = Floor.Tiler<Int16>()
  tiler.tile = Floor.Hexagon(edges: [1, 2], colour: (0, 0.5, 1), tiler: tiler)
}

// A small struct in place.
protocol Ranked { var rank: Int { get } }

struct Ranking: Ranked {
  let rank: Int
  let ladder: Ladder
}

final class Ladder {
  var top: (any Ranked)?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func rankPlayer() {
  let ladder = Ladder()
  ladder.top = Ranking(rank: 1, ladder: ladder)
}

// An error that names its source.
struct LoadError: Error {
  let code: Int
  let source: ModelLoader
}

final class ModelLoader: @unchecked Sendable {
  var lastError: (any Error)?
  init() { born(self) }
  deinit { died(self) }
  func load() throws { throw LoadError(code: 404, source: self) }
}

@Sendable private func failToLoad() {
  let loader = ModelLoader()
  do {
    try loader.load()
  } catch {
    loader.lastError = error
  }
}

enum Grammar {
  struct ParseError<Input>: Error where Input: Sendable {
    let input: Input
    let parser: Parser<Input>
  }

  final class Parser<Input: Sendable>: @unchecked Sendable {
    var failures: [any Error] = []
    init() { born(self) }
    deinit { died(self) }
    func parse(_ input: Input) throws { throw ParseError(input: input, parser: self) }
  }
}

@Sendable private func failToParse() {
  let parser = Grammar.Parser<String>()
  for input in ["(", ")"] {
    do {
      try parser.parse(input)
    } catch {
      parser.failures.append(error)
    }
  }
}

// A dictionary of anything.
final class Message {
  var userInfo: [String: Any] = [:]
  init() { born(self) }
  deinit { died(self) }
}

final class Sender {
  var sent: [Message] = []
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func fillUserInfo() {
  let sender = Sender()
  let message = Message()
  message.userInfo = ["sender": sender, "date": 12.5, "subject": "no subject at all, but a long one"]
  sender.sent.append(message)
}

// A composition of two protocols of classes.
protocol Focusable: AnyObject { func focus() }
protocol Scrollable: AnyObject { func scroll() }

final class ScrollBar {
  var target: (any Focusable & Scrollable)?
  init() { born(self) }
  deinit { died(self) }
}

final class TextArea: Focusable, Scrollable {
  let bar = ScrollBar()
  init() {
    born(self)
    bar.target = self
  }
  deinit { died(self) }
  func focus() {}
  func scroll() {}
}

@Sendable private func composeDelegates() { _ = TextArea() }

// AnyObject.
final class Slot {
  var content: AnyObject?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func linkAnyObjects() {
  let slots = [Slot(), Slot(), Slot()]
  for index in slots.indices { slots[index].content = slots[(index + 1) % slots.count] }
}

// A type-erased iterator that asks its owner.
final class LineReader {
  var lines: AnyIterator<Int>?
  var line = 0
  init() { born(self) }
  deinit { died(self) }
  func open(limit: Int) {
    lines = AnyIterator {
      self.line += 1
      return self.line < limit ? self.line : nil
    }
  }
}

@Sendable private func iterate() {
  let reader = LineReader()
  reader.open(limit: 3)
  _ = reader.lines?.next()
}

struct Stream<Unit: Sendable> {
  final class Tap {
    var units: AnySequence<Unit>
    let store: [Unit]
    init(_ store: [Unit]) {
      self.store = store
      units = AnySequence([])
      born(self)
    }
    deinit { died(self) }
    func open() { units = AnySequence { [store] in TapIterator(tap: self, left: store.count) } }
  }

  struct TapIterator: IteratorProtocol {
    let tap: Tap
    var left: Int
    mutating func next() -> Unit? {
      left -= 1
      return left >= 0 ? tap.store[left] : nil
    }
  }
}

@Sendable private func iterateAgain() {
  let tap = Stream<Int>.Tap([1, 2, 3])
  tap.open()
  precondition(Array(tap.units).count == 3)
}
