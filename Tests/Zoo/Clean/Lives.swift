// Objects that are dead, or about to be, or as they should be.

import Foundation
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
  ZooCase("enum-tags-held") { holdTags() },
  ZooCase("indirect-enum-held") { holdIndirect() },
  ZooCase("optional-chain-held") { holdOptionals() },
  ZooCase("mutex-held") { holdMutex() },
  ZooCase("atomic-held") { holdAtomic() },
  ZooCase("collections-held") { holdCollections() },
  ZooCase("collections-emptied") { emptyCollections() },
  ZooCase("copy-on-write-shared") { shareStorage() },
  ZooCase("slices-and-substrings") { keepSlices() },
  ZooCase("strings-of-all-kinds") { keepStrings() },
  ZooCase("many-generic-types") { instantiateTypes() },
  ZooCase("large-objects") { holdLarge() },
  ZooCase("over-aligned-values") { holdAligned() },
  ZooCase("boxed-variables-held") { holdBoxes() },
  ZooCase("notification-observer") { observe() },
  ZooCase("foundation-values") { holdFoundation() },
  ZooCase("foundation-operation-queue") { queueOperation() },
  ZooCase("foundation-thread-dictionary") { fillThreadDictionary() },
  ZooCase("foundation-run-loop-timer") { scheduleTimer() },
  ZooCase("foundation-subclass-held") { holdSubclass() },
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
nonisolated(unsafe) private var keep: [Any] = []

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

// Pointers with tag bits, and boxes.
enum Tagged {
  case a(Thing), b(Thing), c(Owner), d(Thing), e(Thing), f(Owner), g(Thing), h(Thing), i(Thing), j(Thing)
  case k(Thing), l(Thing), m(Thing), n(Thing), o(Thing), p(Thing), q(Thing), r(Thing), s(Thing), t(Thing)
  case none
}
nonisolated(unsafe) private var tagged: [Tagged] = []
nonisolated(unsafe) private var oneTagged = Tagged.none

private func holdTags() {
  tagged = [.a(.ring()), .b(.ring()), .c(Owner()), .j(.ring()), .p(.ring()), .q(.ring()), .t(.ring()), .none]
  oneTagged = .s(.ring())
}

indirect enum Expression {
  case thing(Thing)
  case pair(Expression, Expression)
  case text(String)
}
nonisolated(unsafe) private var expression: Expression?

private func holdIndirect() {
  var tree = Expression.thing(.ring())
  for number in 0..<20 { tree = .pair(tree, .pair(.text("text \(number)"), .thing(.ring()))) }
  expression = tree
}

nonisolated(unsafe) private var deep: Thing???? = nil

private func holdOptionals() {
  deep = .some(.some(.some(.some(.ring()))))
  keep.append(deep as Any)
}

final class Store: Sendable {
  let state = Mutex<[String: UncheckedBox<Thing>]>([:])
  let weight = Atomic(3)
  init() { born(self) }
  deinit { died(self) }
}

private func holdMutex() {
  let store = Store()
  for number in 0..<5 { store.state.withLock { $0["\(number)"] = UncheckedBox(Thing.ring()) } }
  keep.append(store)
}

final class LazyStore: @unchecked Sendable {
  let reference = AtomicLazyReference<UncheckedBox<Thing>>()
  let pointer = Atomic<UnsafeMutableRawPointer?>(nil)
  init() { born(self) }
  deinit { died(self) }
}

private func holdAtomic() {
  let store = LazyStore()
  _ = store.reference.storeIfNil(UncheckedBox(Thing.ring()))
  store.pointer.store(Unmanaged.passRetained(Thing.ring()).toOpaque(), ordering: .relaxed)
  keep.append(store)
}

final class Key: Hashable {
  let number: Int
  init(_ number: Int) {
    self.number = number
    born(self)
  }
  deinit { died(self) }
  static func == (one: Key, other: Key) -> Bool { one.number == other.number }
  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

private func holdCollections() {
  keep.append(Dictionary(uniqueKeysWithValues: (0..<40).map { (Key($0), Thing.ring()) }))
  keep.append(Set((0..<40).map(Key.init)))
  keep.append([[[Thing.ring()], []], [[Thing.ring(), Thing.ring()]]])
  keep.append(ContiguousArray(repeating: Thing.ring() as Thing?, count: 5))
  keep.append([1: [2: [3: Thing.ring()]]])
  keep.append(("tuple", 1, Thing.ring(), { [thing = Thing.ring()] in use(thing) }))
}

private func emptyCollections() {
  var dictionary = Dictionary(uniqueKeysWithValues: (0..<100).map { (Key($0), Thing()) })
  for number in 0..<99 { dictionary[Key(number)] = nil }
  var array = (0..<100).map { _ in Thing() }
  array.removeLast(99)
  var set = Set((0..<100).map(Key.init))
  for number in 1..<100 { set.remove(Key(number)) }
  keep += [dictionary, array, set]
}

private func shareStorage() {
  let original = (0..<10).map { _ in Thing.ring() }
  var copies = Array(repeating: original, count: 10)
  copies[3].append(Thing())
  copies[4].removeLast()
  keep.append(copies)
}

private func keepSlices() {
  let things = (0..<50).map { _ in Thing.ring() }
  let text = String(repeating: "a long text, of which only a part is kept; ", count: 20)
  keep += [things[10..<12], things.reversed(), things.lazy.map { $0 }]
  keep += [text.dropFirst(100).prefix(30), Array(text.utf8)[3...]]
}

private func keepStrings() {
  keep += ["small", "a literal that is far longer than fifteen bytes", String(repeating: "heap ", count: 50)]
  keep += [Substring("a substring of something longer than fifteen bytes"), Character("é"), "🇨🇭🇨🇭🇨🇭🇨🇭🇨🇭"]
  keep += [Data(repeating: 7, count: 5), Data(repeating: 7, count: 5_000), "a, b, c".split(separator: ",")]
  keep.append(NSString(string: "a bridged string that is not small either"))
}

struct Wrapper<Inner> {
  var inner: Inner
}
final class Cell<Value> {
  var value: Value
  init(_ value: Value) {
    self.value = value
    born(self)
  }
  deinit { died(self) }
}

private func nest(_ value: some Any, levels: Int) {
  keep.append(Cell(value))
  if levels > 0 {
    nest(Wrapper(inner: value), levels: levels - 1)
    nest([value], levels: levels - 1)
  }
}

private func instantiateTypes() { nest(1, levels: 4) }

final class Page {
  var first: Page?
  var bytes: InlineArray<5_000, UInt8> = .init(repeating: 1)
  var last: Page?
  init() { born(self) }
  deinit { died(self) }
}

private func holdLarge() {
  let pages = (0..<20).map { _ in Page() }
  for index in pages.indices {
    pages[index].first = pages[0]
    pages[index].last = pages[(index + 1) % pages.count]
  }
  keep.append(pages[0])
}

final class Vectors {
  var one: SIMD64<UInt8> = .one
  var thing = Thing.ring()
  var other: SIMD16<Double> = .zero
  init() { born(self) }
  deinit { died(self) }
}

private func holdAligned() { keep += (0..<5).map { _ in Vectors() } }

private func holdBoxes() {
  var count = 0
  var thing: Thing? = .ring()
  let counter = {
    count += 1
    if count > 1_000 { thing = nil }
    return count
  }
  let both: [() -> Int] = [counter, { count + (thing == nil ? 1 : 0) }]
  keep.append(both)
}

// Foundation.
private func observe() {
  let ring = UncheckedBox(Thing.ring())
  let token = NotificationCenter.default.addObserver(forName: .init("zoo"), object: nil, queue: nil) { _ in
    use(ring.value)
  }
  keep.append(token)
}

private func holdFoundation() {
  keep += [NSMutableArray(array: [Thing.ring(), 1, "two"]), NSMutableDictionary(dictionary: ["key": Thing.ring()])]
  keep += [URL(string: "https://example.org/path?query=1") as Any, UUID(), Date(), Decimal(12), IndexSet([1, 5])]
  keep += [NSError(domain: "zoo", code: 1, userInfo: ["thing": Thing.ring()]), CharacterSet.alphanumerics]
}

private func queueOperation() {
  let queue = OperationQueue()
  queue.isSuspended = true
  let ring = UncheckedBox(Thing.ring())
  queue.addOperation { use(ring.value) }
  let block = BlockOperation { use(ring.value) }
  block.completionBlock = { use(ring.value) }
  queue.addOperation(block)
  keep.append(queue)
}

private func fillThreadDictionary() { Thread.current.threadDictionary["thing"] = Thing.ring() }

private func scheduleTimer() {
  let ring = UncheckedBox(Thing.ring())
  let timer = Timer(timeInterval: 3_600, repeats: true) { _ in use(ring.value) }
  RunLoop.main.add(timer, forMode: .default)
}

final class ThingDecoder: JSONDecoder, @unchecked Sendable {
  var thing: Thing?
  override init() {
    super.init()
    born(self)
  }
  deinit { died(self) }
}

private func holdSubclass() {
  let decoder = ThingDecoder()
  decoder.thing = .ring()
  keep.append(decoder)
}
