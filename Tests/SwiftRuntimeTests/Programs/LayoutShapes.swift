// Objects of every shape, and on stdout the references that each of them holds, as the program itself knows them:
//   object ADDRESS NAME
//   edge PATH OWNERSHIP ADDRESS        of the object before it
// Then it waits for the end of stdin, with every object alive in `keep`.
import Foundation
import Synchronization

nonisolated(unsafe) var keep: [AnyObject] = []

func address(_ object: AnyObject) -> UInt { UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque()) }
func word(_ base: UInt, _ offset: Int) -> UInt {
  UnsafeRawPointer(bitPattern: base)!.loadUnaligned(fromByteOffset: offset, as: UInt.self)
}
func word(_ object: AnyObject, _ offset: Int) -> UInt { word(address(object), offset) }
func storage<Element>(_ array: [Element]) -> UInt { unsafeBitCast(array, to: UInt.self) }
func storage<Key, Value>(_ dictionary: [Key: Value]) -> UInt { unsafeBitCast(dictionary, to: UInt.self) }
func storage<Element>(_ set: Set<Element>) -> UInt { unsafeBitCast(set, to: UInt.self) }

func expect(_ name: String, at object: UInt, _ edges: [(String, String, UInt)]) {
  print("object", object, name)
  for edge in edges { print("edge", edge.0, edge.1, edge.2) }
}
func expect(_ name: String, _ object: AnyObject, _ edges: [(String, AnyObject)]) {
  keep.append(object)
  expect(name, at: address(object), edges.map { ($0.0, "strong", address($0.1)) })
}
func expect(_ name: String, _ object: AnyObject, words edges: [(String, String, UInt)]) {
  keep.append(object)
  expect(name, at: address(object), edges)
}
/// Long enough not to be stored in place, and on the heap.
func text(_ number: Int) -> String { String(repeating: "text ", count: 8 + number % 3) + String(number) }
/// The storage object of such a text: the second word, with its discriminator.
func storage(_ text: String) -> UInt { unsafeBitCast(text, to: (UInt, UInt).self).1 & 0x0fff_ffff_ffff_fff8 }

func leaves(_ count: Int) -> [Leaf] { (0..<count).map { Leaf($0) } }

func plainShapes() {
  let l = leaves(8)
  expect("plain", Plain(l[0], l[1]), [("first", l[0]), ("second", l[1])])
  expect(
    "structs", Structs(l),
    [
      ("pair.left", l[0]), ("pair.right", l[1]), ("tuple.1", l[2]), ("named.0", l[3]), ("maybe.left", l[4]),
    ])
  let texts = Texts()
  expect(
    "texts", texts,
    words: [
      ("long", "strong", storage(texts.long)), ("maybe", "strong", storage(texts.maybe!)),
      ("part", "strong", storage(texts.part.base)),
    ])
  let wrappers = Wrappers(l[0])
  let later = wrappers.later
  expect("wrappers", wrappers, [("_item.wrappedValue", l[0]), ("later", later)])
  let derived = Derived(l[3])
  expect("derived", derived, [("baseLeaf", l[3]), ("more", l[3])])
  expect(
    "generic subclass", Leafier(Pair(left: l[1], right: l[2]), l[3]),
    [
      ("baseLeaf", l[3]), ("more", l[3]), ("element.left", l[1]), ("element.right", l[2]),
    ])
}

func ownerShapes() {
  let l = leaves(9)
  keep.append(contentsOf: l)
  expect(
    "owners", Owners(l),
    words: [
      ("weakLeaf", "weak", address(l[0])), ("weakNamed", "weak", address(l[6])),
      ("unownedLeaf", "unowned", address(l[1])), ("unownedMaybe", "unowned", address(l[2])),
      ("unownedNamed", "unowned", address(l[7])),
      ("unsafeLeaf", "unmanaged", address(l[3])), ("unmanaged", "unmanaged", address(l[4])),
      ("strong", "strong", address(l[5])),
    ])
}

func existentialShapes() {
  let l = leaves(9)
  let c = DerivedShape(l[8])
  let s = ShapeClass()
  let all = Existentials(l, c, s)
  // named 16, maybeNamed 32, anyObject 48, inline 56, boxed 96, asClass 136, anything 176
  let box = word(all, 96)
  let string = all.anyText as! String
  let error = withUnsafePointer(to: &all.error) { word(UInt(bitPattern: $0), 0) }
  expect(
    "existentials", all,
    words: [
      ("named", "strong", address(l[0])), ("maybeNamed", "strong", address(l[1])),
      ("anyObject", "strong", address(l[2])),
      ("inline.leaf", "strong", address(l[3])), ("boxed", "strong", box), ("asClass", "strong", address(s)),
      ("anything.left", "strong", address(l[5])), ("anything.right", "strong", address(l[6])),
      ("anyText", "strong", storage(string)), ("error", "strong", error), ("composed", "strong", address(c)),
    ])
  expect("existential box", at: box, [("value.leaf", "strong", address(l[4]))])
  expect("error box", at: error, [("value.leaf", "strong", address(l[7]))])
  let constrained = Constrained(l[0])
  expect("constrained existential", constrained, [("tagged.leaf", l[0])])
  expect("any of class", AnyHolder(l[1]), [("value", l[1])])
  expect("any of optional", AnyHolder(Optional(l[1]) as Any), [("value", l[1])])
  let tuple = AnyHolder((l[1], 3, l[2]))
  expect("any of tuple", tuple, [("value.0", l[1]), ("value.2", l[2])])
  let array = leaves(2)
  expect("any of array", AnyHolder(array), words: [("value", "strong", storage(array))])
  let enumerated = AnyHolder(Either<Leaf, Int>.left(l[3]))
  expect("any of enum", enumerated, [("value.left", l[3])])
  expect("any of small enum", AnyHolder(Two.other(c)), [("value.other", c)])
}

func enumShapes() {
  let l = leaves(9)
  let base = Base(l[0])
  expect(
    "enums 1", Enums(.one(l[0]), .one(l[1]), .two(l[2], l[3])),
    [
      ("mode.one", l[0]), ("maybe.one", l[1]), ("mode2.two.0", l[2]), ("mode2.two.1", l[3]),
    ])
  expect("enums 2", Enums(.off, nil, .number(Int(bitPattern: address(l[0])))), [])
  let string = text(7)
  expect("enums 3", Enums(.text("short"), .off, .text(string)), words: [("mode2.text", "strong", storage(string))])
  expect("holder of two", Holder(Two.strong(l[1])), [("value.strong", l[1])])
  expect("holder of two, other", Holder(Two.other(base)), [("value.other", base)])
  expect("holder of maybe two", Holder<Two?>(.other(base)), [("value.other", base)])
  expect("holder of no two", Holder<Two?>(nil), [])
  for (number, twenty) in [Twenty.a0(l[0]), .a9(l[1]), .b0(l[2]), .b9(l[3])].enumerated() {
    expect("holder of twenty", Holder(twenty), [("value.\(["a0", "a9", "b0", "b9"][number])", l[number])])
  }
  expect("generic enum, left", Holder(Either<Leaf, Pair>.left(l[4])), [("value.left", l[4])])
  expect("generic enum, right", Holder(Either<Int, Leaf>.right(l[5])), [("value.right", l[5])])
  expect("generic enum, number", Holder(Either<Int, Leaf>.left(Int(bitPattern: address(l[5])))), [])
  expect("wide small", Holder(Wide.small(3, l[6])), [("value.small.1", l[6])])
  expect(
    "wide large", Holder(Wide.large(Int(bitPattern: address(l[1])), Int(bitPattern: address(l[2])), l[7])),
    [("value.large.2", l[7])])
  expect("wide none", Holder(Wide.none), [])
  expect("result", Holder(Result<Leaf, SmallFailure>.success(l[1])), [("value.success", l[1])])
  expect("single", Holder(Single.some(4, l[2])), [("value.some.1", l[2])])
  expect("single none", Holder(Single.b), [])
  expect("nested optional", Holder<Leaf??>(.some(.some(l[3]))), [("value", l[3])])
  expect("nested optional none", Holder<Leaf??>(.some(nil)), [])
  let watch = Holder<Watch?>(Watch(target: base.baseLeaf, leaf: l[1], other: l[2]))
  expect(
    "optional with weak", watch,
    words: [
      ("value.target", "weak", address(base.baseLeaf)), ("value.leaf", "strong", address(l[1])),
      ("value.other", "strong", address(l[2])),
    ])
  let stale = Holder<Watch?>(Watch(target: base.baseLeaf, leaf: l[1], other: l[2]))
  stale.value = nil
  expect("optional with weak, emptied", stale, [])
  expect("tree leaf", Holder(Tree.end), [])
  let tree = Holder(Tree.node(.leaf(l[6]), .end))
  let box = word(tree, 16) & 0x00ff_ffff_ffff_fff8
  let inner = word(box, 16) & 0x00ff_ffff_ffff_fff8
  expect("tree", tree, words: [("value.node", "strong", box)])
  expect("tree box", at: box, [("value.0.node", "strong", inner)].map { _ in ("value.0.leaf", "strong", inner) })
  expect("tree inner box", at: inner, [("value", "strong", address(l[6]))])
  let list = Holder(List.cons(l[1], .cons(l[2], .end)))
  let cell = word(list, 16) & 0x00ff_ffff_ffff_fff8
  let next = word(cell, 24) & 0x00ff_ffff_ffff_fff8
  expect("list", list, words: [("value.cons", "strong", cell)])
  expect("list cell", at: cell, [("value.0", "strong", address(l[1])), ("value.1.cons", "strong", next)])
  expect("list end", at: next, [("value.0", "strong", address(l[2]))])
}

func collectionShapes() {
  let l = leaves(9)
  let array = Holder([l[0], l[1], l[2]])
  array.value.reserveCapacity(40)
  array.value.append(l[3]); array.value.append(l[4]); array.value.removeLast()
  expect("array", array, words: [("value", "strong", storage(array.value))])
  expect("array storage", at: storage(array.value), (0..<4).map { ("[]", "strong", address(l[$0])) })
  let structs = [Pair(left: l[0], right: nil), Pair(left: l[1], right: l[2])]
  expect("array of structs", Holder(structs), words: [("value", "strong", storage(structs))])
  expect(
    "array of structs, storage", at: storage(structs),
    [
      ("[].left", "strong", address(l[0])), ("[].left", "strong", address(l[1])), ("[].right", "strong", address(l[2])),
    ])
  let modes: [Mode] = [.one(l[0]), .off, .number(Int(bitPattern: address(l[7]))), .two(l[1], l[2])]
  expect("array of enums", Holder(modes), words: [("value", "strong", storage(modes))])
  expect(
    "array of enums, storage", at: storage(modes),
    [
      ("[].one", "strong", address(l[0])), ("[].two.0", "strong", address(l[1])), ("[].two.1", "strong", address(l[2])),
    ])
  let anys: [Any] = [1, l[3], Pair(left: l[4], right: nil), "short"]
  expect("array of any", Holder(anys), words: [("value", "strong", storage(anys))])
  expect(
    "array of any, storage", at: storage(anys), [("[]", "strong", address(l[3])), ("[].left", "strong", address(l[4]))])
  let maybes: [Leaf?] = [nil, l[5], nil]
  expect("array of optionals", Holder(maybes), words: [("value", "strong", storage(maybes))])
  expect("array of optionals, storage", at: storage(maybes), [("[]", "strong", address(l[5]))])
  let nested = [[l[0]], [l[1], l[2]]]
  expect("nested array", Holder(nested), words: [("value", "strong", storage(nested))])
  expect("nested array, storage", at: storage(nested), nested.map { ("[]", "strong", storage($0)) })
  let contiguous = ContiguousArray([l[0]])
  let place = unsafeBitCast(contiguous, to: UInt.self)
  expect("contiguous array", Holder(contiguous), words: [("value", "strong", place)])
  let slice = [l[0], l[1], l[2]]
  expect("array slice", Holder(slice[1...]), words: [("value", "strong", storage(slice))])
  let texts = [text(11), "short", text(12)]
  expect("array of texts", Holder(texts), words: [("value", "strong", storage(texts))])
  expect(
    "array of texts, storage", at: storage(texts),
    [("[]", "strong", storage(texts[0])), ("[]", "strong", storage(texts[2]))])
  expect("empty array", Holder([Leaf]()), words: [("value", "strong", storage([Leaf]()))])
  let functions = [{ keep.append(l[0]) }, { print("nothing") }]
  let holder = Holder(functions)
  expect("array of functions", holder, words: [("value", "strong", storage(holder.value))])
  let stored = storage(holder.value)
  expect(
    "array of functions, storage", at: stored,
    [word(stored, 40), word(stored, 56)].filter { $0 != 0 }.map { ("[].context", "strong", $0) })

  var dictionary: [String: Leaf] = [:]
  for number in 0..<40 { dictionary[number % 2 == 0 ? text(number) : "k\(number)"] = l[number % 9] }
  for number in 0..<25 { dictionary[number % 2 == 0 ? text(number) : "k\(number)"] = nil }
  expect("dictionary", Holder(dictionary), words: [("value", "strong", storage(dictionary))])
  expect(
    "dictionary, storage", at: storage(dictionary),
    dictionary.flatMap { entry in
      [("[value]", "strong", address(entry.value))]
        + (entry.key.utf8.count > 15 ? [("[key]", "strong", storage(entry.key))] : [])
    })
  let pairs = [1: Pair(left: l[0], right: l[1]), 2: Pair(left: l[2], right: nil)]
  expect("dictionary of structs", Holder(pairs), words: [("value", "strong", storage(pairs))])
  expect(
    "dictionary of structs, storage", at: storage(pairs),
    [
      ("[value].left", "strong", address(l[0])), ("[value].right", "strong", address(l[1])),
      ("[value].left", "strong", address(l[2])),
    ])
  let objects = Dictionary(uniqueKeysWithValues: l.map { (ObjectIdentifier($0), [$0]) })
  expect("dictionary of arrays", Holder(objects), words: [("value", "strong", storage(objects))])
  expect(
    "dictionary of arrays, storage", at: storage(objects), objects.values.map { ("[value]", "strong", storage($0)) })
  let set = Set((0..<20).map { text($0) })
  expect("set", Holder(set), words: [("value", "strong", storage(set))])
  expect("set, storage", at: storage(set), set.map { ("[]", "strong", storage($0)) })
  expect("empty dictionary", Holder([Int: Leaf]()), words: [("value", "strong", storage([Int: Leaf]()))])
}

func specialShapes() {
  let l = leaves(9)
  keep.append(l[2])
  let locked = Locked(l)
  expect(
    "mutex", locked,
    words: [
      ("before", "strong", address(l[0])), ("mutex.value", "strong", address(l[2])), ("after", "strong", address(l[1])),
      ("text", "strong", storage(Mode.describe)),
    ])
  let value = LockedValue(l[3])
  let numbers = value.mutex.withLock { storage($0) }
  expect(
    "mutex in a generic class", value, words: [("mutex.value", "strong", numbers), ("value", "strong", address(l[3]))])
  let buffer = Buffer.create(minimumCapacity: 4) { _ in Pair(left: l[4], right: nil) }
  buffer.withUnsafeMutablePointerToElements { ($0).initialize(to: l[5]) }
  expect("managed buffer", buffer, [("header.left", l[4])])
  let operation = Strange()
  operation.mine = l[6]
  operation.tail = l[7]
  print("partial", address(operation), "foundation subclass")
  keep.append(operation)
  print("edge mine strong", address(l[6]))
  print("edge tail strong", address(l[7]))
}

func moreShapes() {
  let l = leaves(9)
  for leaf in l[6...] { keep.append(leaf) }
  expect("noncopyable", Unique(l), [("before", l[0]), ("handle.leaf", l[1]), ("after", l[2])])
  expect("inline array", Inline4(l), [("leaves[]", l[0]), ("leaves[]", l[2])])
  let delegated = Delegated()
  let watched = Weak(object: l[7])
  delegated.observers[ObjectIdentifier(l[7])] = watched
  delegated.stages = [(text(4), { keep.append(l[8]) })]
  let close = delegated.onClose
  keep.append(Holder(close))
  expect(
    "delegate", delegated,
    words: [
      ("observers", "strong", storage(delegated.observers)), ("stages", "strong", storage(delegated.stages)),
      ("onClose.context", "strong", word(delegated, 56)),
    ])
  expect("dictionary of weak", at: storage(delegated.observers), [("[value].object", "weak", address(l[7]))])
  expect(
    "array of tuples", at: storage(delegated.stages),
    [
      ("[].0", "strong", storage(delegated.stages[0].name)),
      ("[].1.context", "strong", word(storage(delegated.stages), 56)),
    ])
  expect("closure over unowned self", at: word(delegated, 56), [("value", "unowned", address(delegated))])
  expect("no references", Moves(l[1]), [("leaf", l[1])])
  let foundation = Foundationals(l[2])
  expect(
    "foundation values", foundation,
    words: [
      ("large._representation.slice.storage", "strong", word(foundation, 40) & 0x00ff_ffff_ffff_fff8),
      ("leaf", "strong", address(l[2])),
    ])
  var zombie: Zombie? = Zombie(l[3])
  let dead = address(zombie!)
  let mourner = Mourner(zombie!)
  zombie = nil
  expect("unowned of a dead object", mourner, words: [("dead", "unowned", dead)])
  expect("dead object", at: dead, [])
  for (name, value, edges) in [
    ("mode", Nested.outer(.two(l[0], l[1])), [("value.outer.two.0", l[0]), ("value.outer.two.1", l[1])]),
    ("mode off", .outer(.off), []),
    ("pair", .pair(.strong(l[2]), l[3]), [("value.pair.0.strong", l[2]), ("value.pair.1", l[3])]),
    ("pair nil", .pair(.strong(l[2]), nil), [("value.pair.0.strong", l[2])]),
    ("any", .any(l[4]), [("value.any", l[4])]),
    ("any number", .any(5), []), ("function of object", .function { keep.append(l[0]) }, nil as [(String, AnyObject)]?),
  ] as [(String, Nested, [(String, AnyObject)]?)] {
    if let edges { expect("nested enum, \(name)", Holder(value), edges) }
  }
  expect(
    "nested enum, weak", Holder(Nested.weak(Weak(object: l[7]))), words: [("value.weak.object", "weak", address(l[7]))])
  let error = Holder(Result<Int, any Error>.failure(Flat.two(l[5])))
  let box = word(error, 16)
  expect("result with error", error, words: [("value.failure", "strong", box)])
  expect("error box of an enum", at: box, [("value.two", "strong", address(l[5]))])
  expect("subclass of a generic class", Sub(l[0], l[1]), [("t.0", l[1]), ("own", l[0])])
  expect("nested generic", Outer<Leaf>.Inner(l[2], l[3]), [("t", l[2]), ("u", l[3])])
  let hashable = Holder(AnyHashable("short"))
  expect("any hashable", hashable, [])
  let keyed: [AnyHashable: Any] = [1: l[4], "two": 5]
  expect("dictionary of any", Holder(keyed), words: [("value", "strong", storage(keyed))])
  expect("dictionary of any, storage", at: storage(keyed), [("[value]", "strong", address(l[4]))])
}

plainShapes()
ownerShapes()
existentialShapes()
enumShapes()
collectionShapes()
functionShapes()
specialShapes()
moreShapes()
await actorShapes()
print("ready")
fflush(nil)
while readLine() != nil {}
print(keep.count)
