// Closures in boxes, collections, tuples and other objects.

import ZooSupport

let keptClosureCases: [ZooCase] = [
  ZooCase("captured-variable") { rememberLogger() },
  ZooCase("captured-variable-generic") { rememberTracer("start") },
  ZooCase("closure-array") { Router().install(base: 4) },
  ZooCase("closure-dictionary") { Dispatcher().register(limit: 5) },
  ZooCase("closure-dictionary-generic") { Telephone<UInt32>.Exchange().plug(line: 9) },
  ZooCase("closure-captures-child") { _ = Gallery() },
  ZooCase("async-closure") { Uploader().prepare(attempts: 3) },
  ZooCase("escaping-autoclosure") { Settings().load() },
  ZooCase("closure-in-tuple") { Toolbar().fill(items: 2) },
]

// A variable that a closure changes lives in a box, and the box's object owns the closure.
final class Logger {
  var flush: (() -> Void)?
  var lines = 0
  init() { born(self) }
  deinit { died(self) }
}

private func rememberLogger() {
  var current: Logger? = Logger()
  current?.flush = {
    current?.lines += 1
    if current?.lines == 1_000 { current = nil }
  }
  current?.flush?()
}

enum Trace<Event> {
  final class Tracer {
    var emit: ((Event) -> Int)?
    var count = 0
    init() { born(self) }
    deinit { died(self) }
  }
}

private func rememberTracer<Event>(_ event: Event) {
  var last: (event: Event, tracer: Trace<Event>.Tracer?) = (event, Trace<Event>.Tracer())
  last.tracer?.emit = {
    last.event = $0
    return last.tracer?.count ?? 0
  }
  precondition(last.tracer?.emit?(event) == 0)
}

// Closures in collections.
final class Router {
  var routes: [(Int) -> Int] = []
  init() { born(self) }
  deinit { died(self) }
  func install(base: Int) {
    routes.append { $0 }
    routes.append { self.routes.count + base + $0 }
  }
}

final class Dispatcher {
  var handlers: [String: (Int) -> Bool] = [:]
  init() { born(self) }
  deinit { died(self) }
  func register(limit: Int) {
    handlers["all"] = { $0 > 0 }
    handlers["few"] = { $0 < limit && self.handlers.count > 1 }
  }
}

struct Telephone<Number: Hashable> {
  final class Exchange {
    var lines: [Number: () -> Number?] = [:]
    var last: Number?
    init() { born(self) }
    deinit { died(self) }
    func plug(line: Number) {
      lines[line] = {
        self.last = line
        return self.last
      }
    }
  }
}

// The closure is kept by the parent and captures the child, which owns the parent.
final class Gallery {
  var reload: (() -> Void)?
  init() {
    born(self)
    let picture = Picture(gallery: self)
    reload = { picture.shown = true }
  }
  deinit { died(self) }
}

final class Picture {
  let gallery: Gallery
  var shown = false
  init(gallery: Gallery) {
    self.gallery = gallery
    born(self)
  }
  deinit { died(self) }
}

// An async closure, never called.
final class Uploader {
  var upload: (() async -> Int)?
  var sent = 0
  init() { born(self) }
  deinit { died(self) }
  func prepare(attempts: Int) { upload = { self.sent + attempts } }
}

// An autoclosure that is kept for later.
final class Deferred {
  let value: () -> Int
  init(_ value: @autoclosure @escaping () -> Int) {
    self.value = value
    born(self)
  }
  deinit { died(self) }
}

final class Settings {
  var fallback: Deferred?
  var size = 12
  init() { born(self) }
  deinit { died(self) }
  func load() { fallback = Deferred(self.size) }
}

// A closure in a tuple of a field.
final class Toolbar {
  var primary: (title: String, action: (() -> Int)?) = ("Save", nil)
  var count = 0
  init() { born(self) }
  deinit { died(self) }
  func fill(items: Int) { primary.action = { self.count + items } }
}
