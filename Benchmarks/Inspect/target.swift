// What bench_inspect.py inspects: a heap of known size. Usage: target objects|ring COUNT [--wait]
//
// `objects` holds COUNT objects in an array, one in ten with a string and an array of its own; `ring` leaks one ring of
// COUNT nodes. With --wait it says "ready" and goes on when its stdin closes; without, it exits.

final class Node {
  var next: Node?
  let number: Int
  init(number: Int) { self.number = number }
}

final class Item {
  let number: Int
  var title: String?
  var children: [Item] = []
  init(number: Int) { self.number = number }
}

@inline(never)
func leakRing(of count: Int) {
  guard count > 0 else { return }
  let first = Node(number: 0)
  var last = first
  for number in 1..<max(count, 1) {
    let node = Node(number: number)
    last.next = node
    last = node
  }
  last.next = first
}

@inline(never)
func makeItems(_ count: Int) -> [Item] {
  (0..<count).map { number in
    let item = Item(number: number)
    if number % 10 == 0 {
      item.title = "a title that is too long to be stored inline: \(number)"
      item.children = [Item(number: -1)]
    }
    return item
  }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let count = Int(arguments[2]), count >= 0 else {
  fatalError("usage: target objects|ring COUNT [--wait]")
}
var items: [Item] = []
switch arguments[1] {
case "objects": items = makeItems(count)
case "ring": leakRing(of: count)
default: fatalError("unknown heap \(arguments[1])")
}
if arguments.contains("--wait") {
  print("ready")
  while readLine() != nil {}
}
withExtendedLifetime(items) {}
