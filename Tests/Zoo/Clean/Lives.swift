// Objects that are dead, or about to be, or as they should be.

import Glibc
import Synchronization
import ZooSupport

let lifeCases: [ZooCase] = [
  ZooCase("zombie-unowned") { keepZombie() },
  ZooCase("zombie-unowned-many") { keepZombies() },
  ZooCase("weak-to-the-dead") { rememberDead() },
  ZooCase("weak-to-the-living") { rememberLiving() },
  ZooCase("freed-cycle") { breakCycle() },
  ZooCase("freed-garbage-small") { discard(count: 10_000) },
  ZooCase("freed-garbage-mixed-sizes") { discardMixed() },
  ZooCase("freed-by-other-threads") { discardElsewhere() },
  ZooCase("other-arenas") { fillArenas() },
  ZooCase("other-arenas-cycle") { fillArenasWithRings() },
  ZooCase("weak-delegate") { delegateWeakly() },
  ZooCase("weak-parent-tree") { growTree() },
  ZooCase("capture-list-weak-self") { bindWeakly() },
  ZooCase("capture-list-unowned-self") { bindUnowned() },
  ZooCase("handler-cleared") { clearHandler() },
]

class Thing {
  var other: Thing?
  init() { born(self) }
  deinit { died(self) }
  static func ring() -> Thing {
    let one = Thing()
    one.other = one
    return one
  }
}

/// What the program keeps until its end.
nonisolated(unsafe) var keep: [Any] = []

// A dead object whose memory an unowned reference keeps.
struct Watch {
  unowned let thing: Thing
  unowned let owner: Owner
}

final class Owner {
  var things = [Thing(), Thing()]
  var inner: Owner?
  init() { born(self) }
  deinit { died(self) }
}

private func keepZombie() {
  let owner = Owner()
  keep.append(Watch(thing: owner.things[0], owner: owner))
}

private func keepZombies() {
  let owners = (0..<100).map { _ in Owner() }
  for (index, owner) in owners.enumerated() {
    owner.inner = index > 0 && index < 50 ? owners[index - 1] : nil
    keep.append(Watch(thing: owner.things[1], owner: owner))
  }
}

struct WeakThing {
  weak var thing: Thing?
}

private func rememberDead() {
  for _ in 0..<50 {
    let thing = Thing()
    keep.append(WeakThing(thing: thing))
  }
}

private func rememberLiving() {
  for _ in 0..<50 {
    let ring = Thing.ring()
    keep.append((ring, WeakThing(thing: ring)))
  }
}

private func breakCycle() {
  for _ in 0..<100 {
    let one = Thing()
    let other = Thing()
    one.other = other
    other.other = one
    other.other = nil
  }
}

private func discard(count: Int) {
  var things: [Thing] = []
  for _ in 0..<count {
    let thing = Thing()
    thing.other = Thing()
    things.append(thing)
  }
  // Every second one first, so that free blocks of all kinds lie between the others.
  for index in stride(from: 0, to: things.count, by: 2) { things[index].other = nil }
  things.removeAll()
}

private func discardMixed() {
  for size in [1, 10, 100, 1_000, 10_000, 100_000] {
    var arrays = (0..<20).map { _ in Array(repeating: Thing() as Thing?, count: size) }
    for index in stride(from: 1, to: 20, by: 3) { arrays[index].removeAll() }
    precondition(arrays.count == 20)
  }
}

/// Runs the body on a thread of its own, to its end.
private func onThread(_ body: @escaping @Sendable () -> Void) {
  let box = Unmanaged.passRetained(ThreadBody(body: body))
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { argument in
      Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }, box.toOpaque())
  precondition(status == 0 && pthread_join(thread, nil) == 0)
}

final class ThreadBody: Sendable {
  let body: @Sendable () -> Void
  init(body: @escaping @Sendable () -> Void) { self.body = body }
}

private func discardElsewhere() {
  let things = (0..<1_000).map { _ in Thing.ring() }
  let shared = UncheckedBox(things)
  for part in 0..<4 {
    onThread {
      for index in stride(from: part, to: 1_000, by: 4) { shared.value[index].other = nil }
      discard(count: 500)
    }
  }
}

final class UncheckedBox<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}

private func fillArenas() {
  let shared = UncheckedBox<[Thing]>([])
  for _ in 0..<6 {
    onThread {
      for _ in 0..<200 { shared.value.append(Thing()) }
    }
  }
  keep.append(shared)
}

private func fillArenasWithRings() {
  // The threads live at the same time, so that each has its own arena.
  let things = Mutex<[UncheckedBox<Thing>]>([])
  let running = Atomic(0)
  let bodies = (0..<4).map { _ in
    { @Sendable in
      running.add(1, ordering: .relaxed)
      while running.load(ordering: .relaxed) < 4 { sched_yield() }
      for _ in 0..<50 {
        let ring = UncheckedBox(Thing.ring())
        things.withLock { $0.append(ring) }
      }
    }
  }
  let threads = bodies.map { body in
    var thread = pthread_t()
    let box = Unmanaged.passRetained(ThreadBody(body: body))
    let status = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    precondition(status == 0)
    return thread
  }
  for thread in threads { pthread_join(thread, nil) }
  keep.append(things.withLock { $0 })
}

// What is done right.
protocol WeakDelegate: AnyObject {}
final class Loader {
  weak var delegate: (any WeakDelegate)?
  init() { born(self) }
  deinit { died(self) }
}
final class Screen: WeakDelegate {
  let loader = Loader()
  init() { born(self) }
  deinit { died(self) }
  func load() { loader.delegate = self }
}

private func delegateWeakly() {
  for number in 0..<10 {
    let screen = Screen()
    screen.load()
    if number < 5 { keep.append(screen) }
  }
}

final class TreeNode {
  weak var parent: TreeNode?
  unowned var root: TreeNode!
  var children: [TreeNode] = []
  init(parent: TreeNode?, levels: Int) {
    self.parent = parent
    born(self)
    root = parent?.root ?? self
    guard levels > 0 else { return }
    children = (0..<3).map { _ in TreeNode(parent: self, levels: levels - 1) }
  }
  deinit { died(self) }
}

private func growTree() {
  keep.append(TreeNode(parent: nil, levels: 4))
  _ = TreeNode(parent: nil, levels: 4)
}

final class Model {
  var onChange: (() -> Void)?
  var onEnd: (() -> Int)?
  var changes = 0
  init() { born(self) }
  deinit { died(self) }
  func bindWeakly(step: Int) { onChange = { [weak self] in self?.changes += step } }
  func bindUnowned(step: Int) {
    onChange = { [unowned self] in changes += step }
    onEnd = { [unowned(unsafe) self] in changes + step }
  }
  func bindStrongly(step: Int) { onChange = { self.changes += step } }
}

private func bindWeakly() {
  for step in 1...4 {
    let model = Model()
    model.bindWeakly(step: step)
    if step > 2 { keep.append(model) }
  }
}

private func bindUnowned() {
  for step in 1...4 {
    let model = Model()
    model.bindUnowned(step: step)
    if step > 2 { keep.append(model) }
  }
}

private func clearHandler() {
  let model = Model()
  model.bindStrongly(step: 2)
  model.onChange?()
  model.onChange = nil
}
