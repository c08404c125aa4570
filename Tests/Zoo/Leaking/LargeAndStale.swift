// Large leaks, leaks that are looked at, and leaks to which stale words on the stack point.

import ZooSupport

let largeAndStaleCases: [ZooCase] = [
  ZooCase("weak-and-unowned-watchers", watchCycle),
  ZooCase("unowned-reference-in-global", watchLake),
  ZooCase("long-tail", growTail),
  ZooCase("large-knot", knotFriends),
  ZooCase("wide-fields", linkWide),
  ZooCase("stale-word-on-stack", holdStaleWord),
  ZooCase("stale-words-of-closures", holdStaleClosure),
  ZooCase("stale-word-of-over-retained", holdStaleOverRetained),
]

// Weak and unowned references to the members of a cycle, from what a global holds: they own nothing.
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
  var angler: Angler
}

final class Angler {
  unowned let fish: Fish
  init(fish: Fish) { self.fish = fish }
}

nonisolated(unsafe) private var pondWatch: PondWatch?

@Sendable private func watchCycle() {
  let pond = Pond()
  for _ in 0..<2 { pond.fish.append(Fish(pond: pond)) }
  pondWatch = PondWatch(pond: pond, angler: Angler(fish: pond.fish[0]))
}

// Out of reach: an unowned reference in a global is a word like any other.
final class Lake {
  var boats: [RowingBoat] = []
  init() { born(self) }
  deinit { died(self) }
}

final class RowingBoat {
  let lake: Lake
  init(lake: Lake) {
    self.lake = lake
    born(self)
  }
  deinit { died(self) }
}

struct LakeWatch {
  unowned var boat: RowingBoat
}

nonisolated(unsafe) private var lakeWatch: LakeWatch?

@Sendable private func watchLake() {
  let lake = Lake()
  lake.boats.append(RowingBoat(lake: lake))
  lakeWatch = LakeWatch(boat: lake.boats[0])
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
