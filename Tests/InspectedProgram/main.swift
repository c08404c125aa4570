// A program with a heap that is known, for the tests of the inspector's commands.
//
// Usage: InspectedProgram heap | exit STATUS | echo STATUS | kill SIGNAL | loop | freed | sparse | large | ended | queued | literals
//          | moved | worker | damaged SIZE
//   heap     builds the heap below, says "ready", and ends when its stdin does
//   exit     builds it and exits with STATUS
//   echo     builds it, prints what it reads, and exits with STATUS
//   kill     builds it and sends itself SIGNAL
//   loop     builds it and works on two threads until its stdin ends
//   freed    as heap, with 300 `Survivor`s between 48 MB of freed blocks
//   sparse   as heap, with 64 GiB of address space, of which one page is in use
//   large    as heap, with 300 MiB of memory in use
//   ended    as heap, with another thread than the main one, which has ended, to answer
//   queued   as heap, with two tasks that have not begun
//   literals as heap, in the midst of two array literals
//   moved    as heap, in the midst of moving an array's elements
//   worker   as heap, with a worker of libdispatch about to call what a work item names
//   damaged  as heap, with SIZE written over the size of a block
// Those that say "ready" answer lines from stdin: "check" with what they still are, "trim" with the same after a
// malloc_trim, "worker" with the number of a thread of `loop`.

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

/// Tasks that the main thread would have to run, which does something else.
func queueTasks(_ count: Int) {
  for number in 0..<count { Task { @MainActor in print(number) } }
}

/// Memory of `bytes`, each page of it in use.
func useMemory(_ bytes: Int) {
  let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  for offset in stride(from: 0, to: bytes, by: 4096) { memory?.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self) }
}

/// Ends the main thread; another one does `body`, and ends the process.
func endMainThread(_ body: @escaping @Sendable () -> Void) -> Never {
  DispatchQueue.global().async {
    body()
    exit(0)
  }
  pthread_exit(nil)
}

final class Survivor {
  let number: Int
  init(number: Int) { self.number = number }
}

/// Leaves 300 objects that lie apart, and what was between them freed.
@inline(never)
func scatterSurvivors() -> [Survivor] {
  var nodes: [Node] = []
  var survivors: [Survivor] = []
  survivors.reserveCapacity(300)
  nodes.reserveCapacity(1_000_000)
  for number in 0..<300 {
    for other in 0..<3333 { nodes.append(Node(number: other)) }
    survivors.append(Survivor(number: number))
  }
  return survivors
}

/// Writes over the size of a block that is never freed.
func damage(size: UInt) {
  let block = calloc(1, 4096)
  block?.storeBytes(of: size, toByteOffset: -8, as: UInt.self)
}

/// This thread's number, which Linux says in `/proc/thread-self`: PID/task/TID.
func currentThread() -> Int32 {
  var link = [CChar](repeating: 0, count: 64)
  let count = readlink("/proc/thread-self", &link, link.count)
  return String(decoding: link.prefix(max(count, 0)).map(UInt8.init), as: UTF8.self).split(separator: "/").last.flatMap
  { Int32($0) }
    ?? 0
}

/// A thread that lives for ever, if there is one.
let worker = Atomic<Int32>(0)

/// Allocates and frees on two threads, for ever.
func startWork() {
  for _ in 0..<2 {
    DispatchQueue.global().async {
      worker.store(currentThread(), ordering: .relaxed)
      while true {
        let nodes = (0..<100).map(Node.init)
        withExtendedLifetime(nodes) {}
      }
    }
  }
  while worker.load(ordering: .relaxed) == 0 { usleep(1000) }
}

/// Calls malloc_trim(3), whose header no module of ours has.
func trimHeap() {
  typealias Function = @convention(c) (Int) -> Int32
  guard let symbol = dlsym(nil, "malloc_trim") else { return }
  _ = unsafeBitCast(symbol, to: Function.self)(0)
}

/// Says that the heap is built, and answers until stdin ends.
func answer(_ heap: Heap) {
  print("ready")
  fflush(nil)
  while let line = readLine() {
    if line == "worker" {
      print(worker.load(ordering: .relaxed))
      fflush(nil)
      continue
    }
    if line == "trim" { trimHeap() }
    let sum = heap.nodes.reduce(0) { $0 + $1.number }
    let texts = heap.cells.reduce(0) { $0 + $1.value.utf8.count }
    let tasks = waiting.withLock { $0.count }
    print("\(line): nodes \(sum), texts \(texts), tasks \(tasks), closures \(heap.model.onChange.map { $0(1) })")
    fflush(nil)
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
// Safety: never written again, and used by one thread.
nonisolated(unsafe) let heap = Heap.build()
startTasks(3)
switch (arguments.first, arguments.dropFirst().first.flatMap { Int32($0) }) {
case ("heap", nil): answer(heap)
case ("exit", let status?): exit(status)
case ("echo", let status?):
  while let line = readLine(strippingNewline: false) { print(line, terminator: "") }
  exit(status)
case ("kill", let signal?): kill(getpid(), signal)
case ("loop", nil):
  startWork()
  answer(heap)
case ("freed", nil):
  let survivors = scatterSurvivors()
  answer(heap)
  withExtendedLifetime(survivors) {}
case ("sparse", nil):
  let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
  mmap(nil, 64 << 30, PROT_READ | PROT_WRITE, flags, -1, 0)?.storeBytes(of: 1, as: UInt8.self)
  answer(heap)
case ("large", nil):
  useMemory(300 << 20)
  answer(heap)
case ("ended", nil):
  endMainThread { answer(heap) }
case ("queued", nil):
  queueTasks(2)
  answer(heap)
case ("literals", nil): makeNestedLiterals { answer(heap) }
case ("moved", nil): moveElements { answer(heap) }
case ("worker", nil):
  holdWorkItem()
  answer(heap)
case ("damaged", let size?):
  damage(size: UInt(bitPattern: Int(size)))
  answer(heap)
  // What is damaged must not be freed at the end.
  _exit(0)
default:
  print(
    "usage: InspectedProgram heap | exit STATUS | echo STATUS | kill SIGNAL | loop | freed | sparse | large | ended | queued"
      + " | literals | moved | worker | damaged SIZE"
  )
  exit(64)
}
withExtendedLifetime(heap) {}
