// Closures that capture what owns them.

import ZooSupport

let closureCases: [ZooCase] = [
  ZooCase("closure-captures-self") { ViewModel().bind() },
  ZooCase("closure-captures-self-generic") { Editor.Cell<String>("text").connect() },
  ZooCase("closure-captures-self-and-value") { Counter().start(by: 3) },
  ZooCase("closure-captures-self-and-value-generic") { Clockwork.Gear<Int8>().mesh(with: 12) },
  ZooCase("bound-method") { _ = SignupForm() },
  ZooCase("bound-method-generic") { _ = Dashboard<Int>.Widget() },
  ZooCase("nested-closures") { Importer().prepare(files: 7) },
  ZooCase("weak-outside-strong-inside") { startRetries() },
  ZooCase("closure-in-struct") { Job().submit(priority: 2) },
  ZooCase("closure-in-struct-generic") { Factory<String>.Machine().equip("drill") },
  ZooCase("lazy-closure") { renderReport() },
  ZooCase("lazy-closure-generic") { renderChart() },
  ZooCase("recursive-closure") { countDown(from: 3) },
  ZooCase("recursive-closure-generic") { walk(["a", "b"]) },
  ZooCase("capture-list-of-another") { linkSliders() },
]

// The closure captures self alone: self is its context.
final class ViewModel {
  var onChange: (() -> Void)?
  var changes = 0
  init() { born(self) }
  deinit { died(self) }
  func bind() { onChange = { self.changes += 1 } }
}

enum Editor {
  final class Cell<Content> {
    var content: Content
    var commit: ((Content) -> Void)?
    init(_ content: Content) {
      self.content = content
      born(self)
    }
    deinit { died(self) }
    func connect() { commit = { self.content = $0 } }
  }
}

// Two captures: the context is a block of its own.
final class Counter {
  var tick: (() -> Void)?
  var value = 0
  init() { born(self) }
  deinit { died(self) }
  func start(by step: Int) { tick = { self.value += step } }
}

enum Clockwork {
  final class Gear<Teeth: FixedWidthInteger> {
    var turn: (() -> Teeth)?
    var position: Teeth = 0
    init() { born(self) }
    deinit { died(self) }
    func mesh(with teeth: Teeth) {
      turn = {
        self.position &+= teeth
        return self.position
      }
    }
  }
}

// A method of self, passed as a closure.
final class Button {
  var action: (() -> Void)?
  init() { born(self) }
  deinit { died(self) }
}

final class SignupForm {
  let submit = Button()
  var sent = false
  init() {
    born(self)
    submit.action = tapped
  }
  deinit { died(self) }
  func tapped() { sent = true }
}

enum Dashboard<Reading> {
  final class Knob {
    var turned: ((Reading) -> Bool)?
    init() { born(self) }
    deinit { died(self) }
  }

  final class Widget {
    let knob = Knob()
    var last: Reading?
    init() {
      born(self)
      knob.turned = show
    }
    deinit { died(self) }
    func show(_ reading: Reading) -> Bool {
      last = reading
      return true
    }
  }
}

// A closure in a closure: the outer one is kept, the inner one as well once the outer has run.
final class Importer {
  var start: (() -> Void)?
  var finish: (() -> Int)?
  var imported = 0
  init() { born(self) }
  deinit { died(self) }

  func prepare(files: Int) {
    start = {
      self.finish = {
        self.imported += files
        return self.imported
      }
    }
    start?()
  }
}

// `[weak self]` outside, and a strong capture again inside.
final class Connection {
  var connect: (() -> Void)?
  var retry: (() -> Int)?
  var attempts = 0
  init() { born(self) }
  deinit { died(self) }

  func arm(delay: Int) {
    connect = { [weak self] in
      guard let self else { return }
      self.retry = {
        self.attempts += delay
        return self.attempts
      }
    }
  }
}

private func startRetries() {
  let connection = Connection()
  connection.arm(delay: 2)
  connection.connect?()
}

// Closures in a struct of the object.
struct JobHandlers {
  var progress: ((Double) -> Void)?
  var done: (() -> Int)?
}

final class Job {
  var handlers = JobHandlers()
  var state = 0
  init() { born(self) }
  deinit { died(self) }
  func submit(priority: Int) { handlers.done = { self.state + priority } }
}

struct Factory<Part> {
  struct Hooks {
    var name: String
    var produce: ((Int) -> Part)?
  }

  final class Machine {
    var hooks = Hooks(name: "press")
    var made = 0
    init() { born(self) }
    deinit { died(self) }
    func equip(_ part: Part) {
      hooks.produce = { count in
        self.made += count
        return part
      }
    }
  }
}

// A lazy closure, stored at its first use.
final class Report {
  var pages = 3
  lazy var render: (String) -> String = { "\($0) of \(self.pages)" }
  init() { born(self) }
  deinit { died(self) }
}

private func renderReport() {
  let report = Report()
  precondition(report.render("page 1") == "page 1 of 3")
}

enum Plot {
  final class Chart<Point> {
    var points: [Point]
    lazy var measure: (Int) -> Int = { scale in self.points.count * scale }
    init(_ points: [Point]) {
      self.points = points
      born(self)
    }
    deinit { died(self) }
  }
}

private func renderChart() {
  let chart = Plot.Chart([1.5, 2.5])
  precondition(chart.measure(4) == 8)
}

// A local closure that calls itself through the variable that holds it. The witness shows that nobody frees it.
final class Witness {
  var steps = 0
  init() { born(self) }
  deinit { died(self) }
}

private func countDown(from start: Int) {
  let witness = Witness()
  var step: ((Int) -> Void)?
  step = { left in
    witness.steps += 1
    if left > 0 { step?(left - 1) }
  }
  step?(start)
}

enum Traversal {
  final class Visit<Item> {
    var seen: [Item] = []
    init() { born(self) }
    deinit { died(self) }
  }
}

private func walk<Item>(_ items: [Item]) {
  let visit = Traversal.Visit<Item>()
  var next: (ArraySlice<Item>) -> Int = { _ in 0 }
  next = { rest in
    guard let first = rest.first else { return visit.seen.count }
    visit.seen.append(first)
    return next(rest.dropFirst())
  }
  precondition(next(items[...]) == items.count)
}

// A capture list that names another object, strongly, both ways.
final class Slider {
  var moved: ((Int) -> Void)?
  var position = 0
  init() { born(self) }
  deinit { died(self) }
}

private func linkSliders() {
  let left = Slider()
  let right = Slider()
  left.moved = { [right] in right.position = $0 }
  right.moved = { [left] in left.position = $0 }
}
