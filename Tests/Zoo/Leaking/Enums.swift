// Cycles through enum payloads.

import ZooSupport

let enumCases: [ZooCase] = [
  ZooCase("enum-payload") { _ = Loader() },
  ZooCase("enum-payload-generic") { _ = Oven<Int>.Baker() },
  ZooCase("indirect-enum", buildFormula),
  ZooCase("indirect-enum-generic", buildPlan),
  ZooCase("multi-payload-classes", joinRails),
  ZooCase("multi-payload-classes-generic", joinPipes),
  ZooCase("twenty-cases", paintPalette),
  ZooCase("enum-values-in-dictionary", trackOrders),
  ZooCase("result-of-load", fetchArticle),
  ZooCase("optional-of-optional", nestOptionals),
  ZooCase("enum-with-closure", scheduleAlarm),
  ZooCase("enum-with-closure-generic", scheduleSiren),
]

// A state with a payload.
enum LoaderState {
  case idle
  case loading(LoaderRequest)
  case done(String)
}

final class Loader {
  var state = LoaderState.idle
  init() {
    born(self)
    state = .loading(LoaderRequest(loader: self))
  }
  deinit { died(self) }
}

final class LoaderRequest {
  let loader: Loader
  init(loader: Loader) {
    self.loader = loader
    born(self)
  }
  deinit { died(self) }
}

struct Oven<Temperature> {
  enum Phase {
    case cold
    case heating(to: Temperature, by: Baker)
    case hot(Temperature, minutes: Int)
  }

  final class Baker {
    var phase = Phase.cold
    init() {
      born(self)
      if let target = 220 as? Temperature { phase = .heating(to: target, by: self) }
    }
    deinit { died(self) }
  }
}

// Boxes of an indirect enum between two objects.
indirect enum Formula {
  case number(Double)
  case cell(SheetCell)
  case sum(Formula, Formula)
}

final class SheetCell {
  var formula = Formula.number(0)
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func buildFormula() {
  let one = SheetCell()
  let other = SheetCell()
  one.formula = .sum(.number(1), .cell(other))
  other.formula = .sum(.cell(one), .sum(.number(2), .number(3)))
}

enum Planner {
  indirect enum Plan<Step> {
    case step(Step)
    case reviewed(by: Reviewer<Step>, Plan)
    case both(Plan, Plan)
  }

  final class Reviewer<Step> {
    var plan: Plan<Step>?
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func buildPlan() {
  let reviewer = Planner.Reviewer<String>()
  reviewer.plan = .both(.step("measure"), .reviewed(by: reviewer, .step("cut")))
}

// Several payloads of one word: the case lies in spare bits of the pointer.
enum Rail {
  case buffer(BufferStop)
  case straight(Straight)
  case curve(Curve)
  case none
}

final class BufferStop {
  init() { born(self) }
  deinit { died(self) }
}

final class Straight {
  var next = Rail.none
  var previous = Rail.none
  init() { born(self) }
  deinit { died(self) }
}

final class Curve {
  var next = Rail.none
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func joinRails() {
  let straight = Straight()
  let curve = Curve()
  straight.next = .curve(curve)
  straight.previous = .buffer(BufferStop())
  curve.next = .straight(straight)
}

enum Plumbing<Flow> {
  enum Joint {
    case pipe(Pipe)
    case tap(Tap)
    case flow(Flow)
    case open
  }

  final class Pipe {
    var ends: (Joint, Joint) = (.open, .open)
    init() { born(self) }
    deinit { died(self) }
  }

  final class Tap {
    var joint = Joint.open
    init() { born(self) }
    deinit { died(self) }
  }
}

@Sendable private func joinPipes() {
  let pipe = Plumbing<Int32>.Pipe()
  let tap = Plumbing<Int32>.Tap()
  pipe.ends = (.flow(3), .tap(tap))
  tap.joint = .pipe(pipe)
}

// So many payload cases that the tag reaches the pointer's upper bits.
enum Paint {
  case c00(Colour), c01(Colour), c02(Colour), c03(Colour), c04(Colour), c05(Colour), c06(Colour), c07(Colour)
  case c08(Colour), c09(Colour), c10(Colour), c11(Colour), c12(Colour), c13(Colour), c14(Colour), c15(Colour)
  case c16(Colour), c17(Colour), c18(Colour), c19(Colour)
}

final class Colour {
  var mixed: Paint?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func paintPalette() {
  let makers: [(Colour) -> Paint] = [
    Paint.c00, Paint.c03, Paint.c07, Paint.c08, Paint.c12, Paint.c15, Paint.c16, Paint.c18, Paint.c19,
  ]
  let first = Colour()
  var last = first
  for make in makers {
    let colour = Colour()
    last.mixed = make(colour)
    last = colour
  }
  last.mixed = .c19(first)
}

// Enums as a dictionary's values.
enum OrderStatus {
  case placed
  case shipped(Courier)
  case lost(reason: String)
}

final class OrderBook {
  var orders: [Int: OrderStatus] = [:]
  init() { born(self) }
  deinit { died(self) }
}

final class Courier {
  let book: OrderBook
  init(book: OrderBook) {
    self.book = book
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func trackOrders() {
  let book = OrderBook()
  book.orders = [
    1: .placed, 2: .shipped(Courier(book: book)), 3: .lost(reason: "a van that nobody has seen since"),
    4: .shipped(Courier(book: book)),
  ]
}

// Result, with the value that knows where it came from.
enum ArticleError: Error { case offline }

final class ArticleFetch {
  var result: Result<Article, ArticleError> = .failure(.offline)
  init() { born(self) }
  deinit { died(self) }
}

final class Article {
  let fetch: ArticleFetch
  init(fetch: ArticleFetch) {
    self.fetch = fetch
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func fetchArticle() {
  let fetch = ArticleFetch()
  fetch.result = .success(Article(fetch: fetch))
}

// Optional of an optional.
final class Matryoshka {
  var inner: Matryoshka??
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func nestOptionals() {
  let outer = Matryoshka()
  let inner = Matryoshka()
  outer.inner = .some(.some(inner))
  inner.inner = .some(.some(outer))
}

// A closure as a payload.
enum Alarm {
  case off
  case at(hour: Int, action: () -> Int)
  case every(minutes: Int)
}

final class AlarmClock {
  var alarm = Alarm.off
  var rings = 0
  init() { born(self) }
  deinit { died(self) }
  func set(volume: Int) { alarm = .at(hour: 7) { self.rings + volume } }
}

@Sendable private func scheduleAlarm() { AlarmClock().set(volume: 5) }

enum Firehouse {
  enum Signal<Tone> {
    case silent
    case sound(Tone, until: () -> Tone?)
  }

  final class Siren<Tone> {
    var signal = Signal<Tone>.silent
    var last: Tone?
    init() { born(self) }
    deinit { died(self) }
    func wail(_ tone: Tone) {
      signal = .sound(tone) {
        self.last = tone
        return self.last
      }
    }
  }
}

@Sendable private func scheduleSiren() { Firehouse.Siren<Double>().wail(440) }
