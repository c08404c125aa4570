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
  ZooCase("raw-buffer-lost", scrubsStack: true, loseBuffer),
  ZooCase("raw-buffer-ring", scrubsStack: true) { RingBuffer(capacity: 4).fill() },
  ZooCase("raw-buffer-ring-generic", scrubsStack: true) { Carousel<Double>.Wheel(3).fill() },
  ZooCase("managed-buffer-elements", scrubsStack: true, fillManagedBuffer),
  ZooCase("managed-buffer-elements-generic", scrubsStack: true, fillPool),
  ZooCase("managed-buffer-header", scrubsStack: true, fillHeader),
  ZooCase("thread-slot-without-destructor", scrubsStack: true, endThread),
  ZooCase("unmapped-region", scrubsStack: true, unmapRegion),
  ZooCase("weak-and-unowned-watchers", watchCycle),
  ZooCase("long-tail", growTail),
  ZooCase("large-knot", knotFriends),
  ZooCase("wide-fields", linkWide),
  ZooCase("stale-word-on-stack", holdStaleWord),
  ZooCase("stale-words-of-closures", holdStaleClosure),
  ZooCase("stale-word-of-over-retained", holdStaleOverRetained),
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

// A raw buffer of objects that was lost with them.
final class Sample {
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func loseBuffer() {
  let samples = UnsafeMutablePointer<Sample>.allocate(capacity: 5)
  for index in 0..<5 { (samples + index).initialize(to: Sample()) }
  blackHole(samples)
}

// A ring buffer in raw memory.
final class RingBuffer {
  private let slots: UnsafeMutablePointer<RingEntry?>
  private let capacity: Int
  init(capacity: Int) {
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: nil, count: capacity)
    self.capacity = capacity
    born(self)
  }
  deinit {
    died(self)
    slots.deinitialize(count: capacity)
    slots.deallocate()
  }
  func fill() { for slot in 0..<capacity { slots[slot] = RingEntry(buffer: self) } }
}

final class RingEntry {
  let buffer: RingBuffer
  init(buffer: RingBuffer) {
    self.buffer = buffer
    born(self)
  }
  deinit { died(self) }
}

enum Carousel<Speed> {
  final class Wheel {
    let horses: UnsafeMutableBufferPointer<Horse>
    var speed: Speed?
    init(_ count: Int) {
      horses = .allocate(capacity: count)
      born(self)
    }
    deinit {
      died(self)
      horses.deinitialize()
      horses.deallocate()
    }
    func fill() {
      for place in horses.indices { horses.initializeElement(at: place, to: Horse(wheel: self)) }
    }
  }

  final class Horse {
    let wheel: Wheel
    init(wheel: Wheel) {
      self.wheel = wheel
      born(self)
    }
    deinit { died(self) }
  }
}

// Elements of a ManagedBuffer.
final class TileBuffer: ManagedBuffer<Int, Tile> {
  deinit {
    died(self)
    withUnsafeMutablePointers { count, tiles in _ = tiles.deinitialize(count: count.pointee) }
  }
}

final class Tile {
  let buffer: AnyObject
  init(buffer: AnyObject) {
    self.buffer = buffer
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func fillManagedBuffer() {
  let buffer = TileBuffer.create(minimumCapacity: 4) { _ in 3 }
  born(buffer)
  buffer.withUnsafeMutablePointerToElements { tiles in
    for index in 0..<3 { (tiles + index).initialize(to: Tile(buffer: buffer)) }
  }
}

enum Swimming {
  struct Lane<Swimmer> {
    var swimmer: Swimmer
    var pool: AnyObject
  }

  final class Pool<Swimmer>: ManagedBuffer<Int, Lane<Swimmer>> {
    deinit {
      died(self)
      withUnsafeMutablePointers { count, lanes in _ = lanes.deinitialize(count: count.pointee) }
    }
  }
}

@Sendable private func fillPool() {
  let pool = Swimming.Pool<String>.create(minimumCapacity: 2) { _ in 2 }
  born(pool)
  pool.withUnsafeMutablePointerToElements { lanes in
    for index in 0..<2 { (lanes + index).initialize(to: Swimming.Lane(swimmer: "swimmer \(index)", pool: pool)) }
  }
}

// Its header.
final class Chunk: ManagedBuffer<ChunkHeader, UInt8> {
  deinit { died(self) }
}

struct ChunkHeader {
  var count: Int
  var owner: ChunkOwner?
}

final class ChunkOwner {
  var chunk: AnyObject?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func fillHeader() {
  let owner = ChunkOwner()
  let chunk = Chunk.create(minimumCapacity: 64) { _ in ChunkHeader(count: 0, owner: owner) }
  born(chunk)
  owner.chunk = chunk
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

// Weak and unowned references to the members of a cycle, from a global: they own nothing.
final class Pond {
  var fish: [Fish] = []
  init() { born(self) }
  deinit { died(self) }
}

final class Fish {
  let pond: Pond
  init(pond: Pond) {
    self.pond = pond
    born(self)
  }
  deinit { died(self) }
}

struct PondWatch {
  weak var pond: Pond?
  unowned var first: Fish
}

nonisolated(unsafe) private var pondWatch: PondWatch?

@Sendable private func watchCycle() {
  let pond = Pond()
  for _ in 0..<2 { pond.fish.append(Fish(pond: pond)) }
  pondWatch = PondWatch(pond: pond, first: pond.fish[0])
}

// A small cycle that keeps a long chain.
final class Locomotive {
  var wagon: Wagon?
  var driver: Driver?
  init() { born(self) }
  deinit { died(self) }
}

final class Driver {
  let engine: Locomotive
  init(engine: Locomotive) {
    self.engine = engine
    born(self)
  }
  deinit { died(self) }
}

final class Wagon {
  let next: Wagon?
  init(next: Wagon?) {
    self.next = next
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func growTail() {
  let engine = Locomotive()
  engine.driver = Driver(engine: engine)
  for _ in 0..<5_000 { engine.wagon = Wagon(next: engine.wagon) }
}

// Many cycles in one knot.
final class Friend {
  var friends: [Friend] = []
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func knotFriends() {
  let friends = (0..<200).map { _ in Friend() }
  for (index, friend) in friends.enumerated() {
    friend.friends = [friends[(index + 1) % 200], friends[(index * 7 + 3) % 200], friends[(index * 31 + 5) % 200]]
  }
}

// Objects larger than a page, with the references at their ends.
final class WideRow {
  var left: WideRow?
  var cells: InlineArray<600, Int> = .init(repeating: 0)
  var right: WideRow?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func linkWide() {
  let one = WideRow()
  let other = WideRow()
  one.right = other
  other.left = one
}

// Words on a live stack that point at the leaked objects and own nothing.
final class StaleNode {
  var next: StaleNode?
  init() { born(self) }
  deinit { died(self) }
}

@inline(never)
private func buildStaleRing() -> [UInt] {
  let nodes = (0..<1_000).map { _ in StaleNode() }
  for index in nodes.indices { nodes[index].next = nodes[(index + 1) % nodes.count] }
  return [0, 333, 999].map { UInt(bitPattern: Unmanaged.passUnretained(nodes[$0]).toOpaque()) }
}

@Sendable private func holdStaleWord() {
  inspectWithWords(buildStaleRing())
}

/// Ends the process with the words in this frame.
@inline(never)
func inspectWithWords(_ words: [UInt]) {
  withUnsafeTemporaryAllocation(of: UInt.self, capacity: words.count) { stack in
    _ = stack.initialize(from: words)
    blackHole(UnsafeRawPointer(stack.baseAddress))
    inspectHere()
    blackHole(UnsafeRawPointer(stack.baseAddress))
  }
}

final class StaleModel {
  var changed: (() -> Int)?
  var value = 1
  init() { born(self) }
  deinit { died(self) }
  func bind(offset: Int) { changed = { self.value + offset } }
}

@inline(never)
private func buildStaleModel() -> [UInt] {
  let model = StaleModel()
  model.bind(offset: 3)
  let words = unsafeBitCast(model.changed, to: (UInt, UInt).self)
  return [UInt(bitPattern: Unmanaged.passUnretained(model).toOpaque()), words.1]
}

@Sendable private func holdStaleClosure() {
  inspectWithWords(buildStaleModel())
}

// Out of reach: a count of one, and a word that may be the owner.
final class Voucher {
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func holdStaleOverRetained() {
  inspectWithWords([UInt(bitPattern: Unmanaged.passRetained(Voucher()).toOpaque())])
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
