// Objects of all kinds, in values and collections of all kinds, that a global holds.

import Foundation
import Synchronization
import ZooSupport

let heldCases: [ZooCase] = [
  ZooCase("enum-tags-held") { holdTags() },
  ZooCase("indirect-enum-held") { holdIndirect() },
  ZooCase("optional-chain-held") { holdOptionals() },
  ZooCase("generic-optional-emptied") { emptyGenericOptionals() },
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
  ZooCase("string-breadcrumbs") { holdStrings() },
]

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

struct Wide<First, Second> {
  enum Choice { case first(First), second(Second), both(First, Second), none }
  var first: First
  var second: Second?
  var pair: (First, Second)?
  var choice: Choice
}

/// An absent value is told by one word of it; in the others lies what was there before.
private func emptyGenericOptionals() {
  let thing = Thing.ring()
  keepFullAndEmpty(Wide(first: 3, second: thing, pair: nil, choice: .second(thing)))
  keepFullAndEmpty(Wide(first: thing, second: "text", pair: (thing, "text"), choice: .both(thing, "text")))
}

private func keepFullAndEmpty<Value>(_ value: Value) {
  var values: [String: Value?] = [:]
  values["full"] = value
  values["empty"] = .some(nil)
  keep.append(values)
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

/// A long string that is not ASCII keeps what it learnt of its UTF-16 offsets behind its text.
private func holdStrings() {
  for length in 40..<80 {
    var text = ""
    for number in 0..<length { text += "né\(number)" }
    keep += [text, text.utf16.index(text.utf16.startIndex, offsetBy: text.utf16.count / 2)] as [Any]
  }
  keep.append(Thing.ring())
}
