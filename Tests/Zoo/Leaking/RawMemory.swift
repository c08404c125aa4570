// Memory that Swift does not count: C contexts, unmanaged references, raw buffers.

import CZoo
import Glibc
import ZooSupport

let rawMemoryCases: [ZooCase] = [
  ZooCase("over-retained", scrubsStack: true, overRetain),
  ZooCase("over-retained-generic", scrubsStack: true, overRetainGeneric),
  ZooCase("over-retained-head", scrubsStack: true, overRetainHead),
  ZooCase("over-retained-in-cycle", scrubsStack: true, overRetainCycle),
  ZooCase("unmanaged-array", scrubsStack: true, dropUnmanaged),
  ZooCase("c-context-of-own-handler", scrubsStack: true) { Watcher().start() },
  ZooCase("c-context-of-own-handler-generic", scrubsStack: true) { Device<Int>.Driver().attach() },
  ZooCase("c-list-freed", scrubsStack: true, shutDownLibrary),
  ZooCase("c-block-lost", scrubsStack: true, loseBlock),
  ZooCase("c-handlers-in-ring", scrubsStack: true, ringHandlers),
  ZooCase("thread-slot-without-destructor", scrubsStack: true, endThread),
  ZooCase("unmapped-region", scrubsStack: true, unmapRegion),
  ZooCase("pointer-field-to-owner", scrubsStack: true, keepPointer),
]

// Retained once more than released.
final class Ticket {
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func overRetain() {
  for _ in 0..<4 { _ = Unmanaged.passRetained(Ticket()) }
}

enum Theatre {
  final class Pass<Row> {
    let row: Row
    init(row: Row) {
      self.row = row
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func overRetainGeneric() {
  let pass = Theatre.Pass(row: ("A", 12))
  _ = Unmanaged.passUnretained(pass).retain()
}

// What is over-retained keeps others.
final class Convoy {
  var trucks: [Truck] = []
  init() { born(self) }
  deinit { died(self) }
}

final class Truck {
  var load = "gravel, and enough of it for a heap string"
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func overRetainHead() {
  let convoy = Convoy()
  convoy.trucks = (0..<5).map { _ in Truck() }
  _ = Unmanaged.passRetained(convoy)
}

// A cycle, one member of which is over-retained besides.
final class Planet {
  var moon: Moon?
  init() { born(self) }
  deinit { died(self) }
}

final class Moon {
  let planet: Planet
  init(planet: Planet) {
    self.planet = planet
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func overRetainCycle() {
  let planet = Planet()
  planet.moon = Moon(planet: planet)
  _ = Unmanaged.passRetained(planet)
}

// An array of unmanaged references, dropped without releasing them.
final class Glyph {
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func dropUnmanaged() {
  var glyphs: [Unmanaged<Glyph>] = []
  for _ in 0..<6 { glyphs.append(.passRetained(Glyph())) }
  precondition(glyphs.count == 6)
}

// A C handler whose context is the object that keeps the handler.
final class Watcher {
  private var handler: UnsafeMutablePointer<zoo_handler>?
  var events = 0
  init() { born(self) }
  deinit {
    died(self)
    zoo_handler_free(handler)
  }

  func start() {
    handler = zoo_handler_create(
      { Unmanaged<Watcher>.fromOpaque($0!).takeUnretainedValue().events += 1 }, Unmanaged.passRetained(self).toOpaque())
  }
}

struct Device<Register> {
  final class Driver {
    var register: Register?
    var interrupt: UnsafeMutablePointer<zoo_handler>?
    init() { born(self) }
    deinit {
      died(self)
      zoo_handler_free(interrupt)
    }
    func attach() {
      interrupt = zoo_handler_create({ zoo_use($0) }, Unmanaged.passRetained(self).toOpaque())
    }
  }
}

// A C library that frees its list and not the contexts.
final class CodecPlugin {
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func shutDownLibrary() {
  for _ in 0..<3 { zoo_register({ zoo_use($0) }, Unmanaged.passRetained(CodecPlugin()).toOpaque()) }
  zoo_unregister_all()
}

// Blocks of malloc that nobody freed.
@Sendable private func loseBlock() {
  for _ in 0..<3 { blackHole(strdup("a path that was duplicated and then forgotten")) }
}

// Two C handlers, each with the other's object as context.
final class Peer {
  var handler: UnsafeMutablePointer<zoo_handler>?
  init() { born(self) }
  deinit {
    died(self)
    zoo_handler_free(handler)
  }
}

@Sendable private func ringHandlers() {
  let one = Peer()
  let other = Peer()
  one.handler = zoo_handler_create({ zoo_use($0) }, Unmanaged.passRetained(other).toOpaque())
  other.handler = zoo_handler_create({ zoo_use($0) }, Unmanaged.passRetained(one).toOpaque())
}

// A thread's slot without a destructor, and the thread has ended.
final class ThreadState {
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func endThread() {
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { _ in
      var key = pthread_key_t()
      pthread_key_create(&key, nil)
      pthread_setspecific(key, Unmanaged.passRetained(ThreadState()).toOpaque())
      return nil
    }, nil)
  precondition(status == 0 && pthread_join(thread, nil) == 0)
}

// References in a mapping that is gone.
final class Frame {
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func unmapRegion() {
  let size = 4096
  let region = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
  let frames = region.bindMemory(to: Frame.self, capacity: 8)
  for index in 0..<8 { (frames + index).initialize(to: Frame()) }
  munmap(region, size)
}

// An object that owns the memory in which it keeps itself.
final class Anchor {
  let place = UnsafeMutablePointer<Anchor>.allocate(capacity: 1)
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func keepPointer() {
  let anchor = Anchor()
  anchor.place.initialize(to: anchor)
}
