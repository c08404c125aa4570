// What LayoutShapes.swift expects of code that is kept: closures and bound methods, actors, tasks and continuations.
import Foundation

func change(_ body: @escaping () -> Void) -> () -> Void { body }
func generic<T, U>(_ t: T, _ u: U) -> () -> Void {
  {
    keep.append(Holder(t)); keep.append(Holder(u))
  }
}
func genericOfObject<T: AnyObject>(_ t: T, _ n: Int) -> () -> Void {
  {
    keep.append(t); print(n)
  }
}
func genericOfHolder<T>(_ h: Holder<T>, _ n: Int) -> () -> Void {
  {
    keep.append(h); print(n, T.self)
  }
}

func functionShapes() {
  let l = leaves(9)
  let one = Caller()
  one.onChange = {
    keep.append(l[0]); keep.append(l[1])
  }
  // `l` itself is captured.
  expect("closure over an array", one, words: [("onChange.context", "strong", word(one, 24))])
  let two = Caller()
  let (a, b) = (l[0], l[1])
  two.onChange = {
    keep.append(a); keep.append(b)
  }
  let context = word(two, 24)
  expect("closure over two", two, words: [("onChange.context", "strong", context)])
  expect(
    "closure over two, context", at: context,
    [("capture[0]", "strong", address(a)), ("capture[1]", "strong", address(b))])
  let three = Caller()
  three.onChange = { keep.append(a) }
  expect("closure over one object", three, [("onChange.context", a)])
  let four = Caller()
  four.onChange = three.act
  expect("bound method", four, words: [("onChange.context", "strong", word(four, 24))])
  let five = Caller()
  var variable: Leaf? = a
  five.onChange = {
    variable = nil; keep.append(b)
  }
  let fifth = word(five, 24)
  expect("closure over a variable", five, words: [("onChange.context", "strong", fifth)])
  let box = word(fifth, 16)
  expect(
    "closure over a variable, context", at: fifth,
    [("capture[0]", "strong", box), ("capture[1]", "strong", address(b))])
  expect("variable's box", at: box, [("value", "strong", address(a))])
  keep.append(Holder(variable as Any))
  let six = Caller()
  six.onChange = { [weak a, unowned b] in print(a as Any, b) }
  let sixth = word(six, 24)
  expect("closure with weak and unowned", six, words: [("onChange.context", "strong", sixth)])
  let seven = Caller()
  seven.onChange = generic(a, 5)
  let seventh = word(seven, 24)
  expect("generic closure", seven, words: [("onChange.context", "strong", seventh)])
  let eight = Caller()
  eight.onChange = generic(Pair(left: a, right: b), text(3))
  expect("generic closure, structs", eight, words: [("onChange.context", "strong", word(eight, 24))])
  let nine = Caller()
  nine.onChange = genericOfObject(a, 3)
  expect("generic closure over an object", nine, words: [("onChange.context", "strong", word(nine, 24))])
  let ten = Caller()
  ten.onChange = genericOfHolder(Holder(b), 3)
  expect("generic closure over a generic object", ten, words: [("onChange.context", "strong", word(ten, 24))])
}

func actorShapes() async {
  let counter = Counter(3)
  let leaf = await counter.leafAddress
  expect("actor", counter, words: [("leaf", "strong", leaf)])
  nonisolated(unsafe) var pending: CheckedContinuation<Void, Never>?
  let started = Holder(0)
  nonisolated(unsafe) let holder = started
  let task = Task.detached {
    await withCheckedContinuation { (c: CheckedContinuation<Void, Never>) in
      pending = c; holder.value = 1
    }
  }
  while started.value == 0 { usleep(1000) }
  usleep(20000)
  let held = Holder(task)
  expect("task", held, words: [("value", "strong", word(held, 16))])
  let continuation = Holder(pending!)
  expect("continuation", continuation, words: [("value.canary", "strong", word(continuation, 16))])
  let (stream, input) = AsyncStream<Int>.makeStream()
  keep.append(Holder(stream)); keep.append(Holder(input))
  await withUnsafeContinuation { (c: UnsafeContinuation<Void, Never>) in
    let raw = Holder(c)
    expect("unsafe continuation", raw, words: [])
    c.resume()
  }
}
