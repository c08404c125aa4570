// A program with a heap that is known, for the tests of the inspector's commands.
//
// Usage: InspectedProgram heap | exit STATUS | kill SIGNAL | loop
//   heap   builds the heap below, says "ready", and ends when its stdin does
//   exit   builds it and exits with STATUS
//   kill   builds it and sends itself SIGNAL
//   loop   builds it and works on two threads until its stdin ends

import Dispatch
import Glibc
import Synchronization

final class Node {
  var next: Node?
  let number: Int
  init(number: Int) { self.number = number }
}

final class Cell<Value> {
  let value: Value
  init(_ value: Value) { self.value = value }
}

final class Model {
  var onChange: [(Int) -> Int] = []
  var factor = 3

  func bind() {
    for offset in 0..<5 { onChange.append { [factor] in $0 * factor + offset } }
  }
}

struct Trouble: Error {
  let code: Int
}

final class Kept {
  let number = 1
}

final class Holder {
  unowned let kept: Kept
  init(_ kept: Kept) { self.kept = kept }
}

actor Counter {
  var count = 0
  func next() -> Int {
    count += 1
    return count
  }
}

/// What the heap is held by.
struct Heap {
  var nodes: [Node] = []
  var cells: [Cell<String>] = []
  var numbers: [Cell<Int>] = []
  var model = Model()
  var byName: [String: Node] = [:]
  var names: Set<String> = []
  var errors: [any Error] = []
  var holders: [Holder] = []
  var counters: [Counter] = []
  weak var observed: Node?

  @inline(never)
  static func build() -> Heap {
    var heap = Heap()
    heap.nodes = (0..<1000).map(Node.init)
    heap.cells = (0..<7).map { Cell("a text that is too long to be stored inline, number \($0)") }
    heap.numbers = (0..<11).map(Cell.init)
    heap.model.bind()
    for node in heap.nodes.prefix(100) { heap.byName["node number \(node.number) of the heap"] = node }
    heap.names = Set(heap.byName.keys)
    heap.errors = (0..<4).map(Trouble.init)
    heap.holders = (0..<3).map { _ in Holder(Kept()) }
    heap.counters = (0..<2).map { _ in Counter() }
    heap.observed = heap.nodes.first
    return heap
  }
}

/// Continuations of tasks that wait.
let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

func waitForever() async {
  await withCheckedContinuation { continuation in waiting.withLock { $0.append(continuation) } }
}

func startTasks(_ count: Int) {
  for _ in 0..<count { Task { await waitForever() } }
  while waiting.withLock({ $0.count }) < count { usleep(1000) }
}

/// Allocates and frees on two threads, for ever.
func startWork() {
  for _ in 0..<2 {
    DispatchQueue.global().async {
      while true {
        let nodes = (0..<100).map(Node.init)
        withExtendedLifetime(nodes) {}
      }
    }
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
let heap = Heap.build()
startTasks(3)
switch (arguments.first, arguments.dropFirst().first.flatMap { Int32($0) }) {
case ("heap", nil):
  print("ready")
  fflush(nil)
  while readLine() != nil {}
case ("exit", let status?): exit(status)
case ("kill", let signal?): kill(getpid(), signal)
case ("loop", nil):
  startWork()
  print("ready")
  fflush(nil)
  while readLine() != nil {}
default:
  print("usage: InspectedProgram heap | exit STATUS | kill SIGNAL | loop")
  exit(64)
}
withExtendedLifetime(heap) {}
