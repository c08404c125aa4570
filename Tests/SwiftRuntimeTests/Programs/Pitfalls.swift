// What looks like a Swift object and is none, and what is one and looks unlike it. Each thing that is made writes a line
// `NAME ADDRESS`; then `ready`. Ends when its stdin does.
import Dispatch
import Glibc

func line(_ name: String, _ address: UnsafeRawPointer) { print(name, UInt(bitPattern: address)) }
func line(_ name: String, _ object: AnyObject) {
  line(name, UnsafeRawPointer(Unmanaged.passUnretained(object).toOpaque()))
}

final class Plain { var a = 1, b = 2 }
final class Held { var a = 1, b = 2 }
final class Buffer {
  let memory = UnsafeMutablePointer<Int>.allocate(capacity: 12)
  init() { memory.initialize(repeating: 0, count: 12) }
}
final class WeakHolder { weak var object: Held? }
final class UnownedHolder {
  unowned var object: Held
  init(_ object: Held) { self.object = object }
}
final class Model {
  var handler: (() -> Model)?
  var count: (() -> Int)?
  // The context of a closure that captures one object is that object.
  func capture() -> () -> Model { { self } }
}
struct Trouble: Error { var a = 1, b = 2 }
/// Boxes of a captured variable and of an indirect case are of one kind.
final class Summing {
  let next: () -> Double
  init() {
    var sum = 0.0
    next = {
      sum += 1
      return sum
    }
  }
}
indirect enum Tree { case leaf(Double), pair(Tree, Tree) }
struct Wide { var a = 1, b = 2, c = 3, d = 4 }

func generic<T>(_ value: T) -> () -> T {
  var copy = value
  return {
    let old = copy
    copy = value
    return old
  }
}

nonisolated(unsafe) var kept: [Any] = []
nonisolated(unsafe) var errors: [any Error] = []
nonisolated(unsafe) var zombies: [UnownedHolder] = []

/// A block of malloc with the given words.
func block(_ size: Int, _ words: [UInt]) -> UnsafeMutableRawPointer {
  let memory = malloc(size)!
  memset(memory, 0, size)
  for (index, word) in words.enumerated() { memory.storeBytes(of: word, toByteOffset: index * 8, as: UInt.self) }
  return memory
}

@inline(never) func makeZombie(_ name: String, weakly: WeakHolder?) {
  let object = Held()
  weakly?.object = object
  zombies.append(UnownedHolder(object))
  line(name, object)
}

@inline(never) func makeGone(_ holder: WeakHolder) {
  let object = Held()
  holder.object = object
}

nonisolated(unsafe) var continuations: [UnsafeContinuation<Void, Never>] = []
nonisolated(unsafe) var lock = pthread_mutex_t()
func locked<Value>(_ body: () -> Value) -> Value {
  pthread_mutex_lock(&lock)
  defer { pthread_mutex_unlock(&lock) }
  return body()
}
func innermost() async {
  await withUnsafeContinuation { continuation in locked { continuations.append(continuation) } }
  print("never")
}
func outermost() async -> Int {
  await innermost()
  return 1
}

@main struct Main {
  static func main() async {
    let plain = Plain()
    kept.append(plain)
    line("plain", plain)
    let metadata = UInt(bitPattern: unsafeBitCast(Plain.self as AnyClass, to: UnsafeRawPointer.self))

    // A metadata pointer alone is no object: counts of 0, without an unowned reference, and of a pointer.
    let lookalikes = [
      block(32, [metadata, 0]), block(32, [metadata, 1]), block(32, [metadata, 2]), block(32, [metadata, metadata]),
      // A side table that is not readable, and one that leads elsewhere.
      block(32, [metadata, 0xC000_0000_0000_0100]),
      block(32, [metadata, 0xC000_0000_0000_0000 | UInt(bitPattern: block(32, [metadata])) >> 3]),
      // The class's descriptor, and a function, in the place of metadata.
      block(32, [metadata + 8, 3]), block(32, [UInt(bitPattern: dlsym(nil, "malloc")), 3]),
    ]
    for (index, memory) in lookalikes.enumerated() { line("lookalike\(index)", memory) }

    let immortal = Held()
    UnsafeMutableRawPointer(Unmanaged.passRetained(immortal).toOpaque()).storeBytes(
      of: 0x8000_0004_FFFF_FFFF, toByteOffset: 8, as: UInt.self)
    line("immortal", immortal)

    makeZombie("zombie", weakly: nil)
    let zombieHolder = WeakHolder()
    makeZombie("zombieWithSideTable", weakly: zombieHolder)
    kept.append(zombieHolder)

    let weakly = WeakHolder()
    let held = Held()
    weakly.object = held
    kept += [weakly, held] as [Any]
    line("weaklyHeld", held)
    let gone = WeakHolder()
    makeGone(gone)
    kept.append(gone)
    line("holderOfGone", gone)

    let model = Model()
    model.handler = model.capture()
    let number = Int.random(in: 1...5)
    let other = Plain()
    model.count = { number + other.a }
    kept.append(model)
    line("model", model)

    kept.append(generic([1, 2, 3]))
    kept.append(generic(Wide()))
    errors.append(Trouble())
    kept.append(Wide())

    kept += [Summing(), Tree.pair(.leaf(1), .leaf(2))] as [Any]

    let buffer = Buffer()
    kept.append(buffer)
    line("buffer", buffer.memory)

    let queue = DispatchQueue(label: "a queue of the test")
    let source = DispatchSource.makeTimerSource(queue: queue)
    source.schedule(deadline: .now() + .seconds(3600))
    source.setEventHandler {}
    source.resume()
    kept += [queue, source] as [Any]

    let suspended = Task { await outermost() }
    let cancelled = Task { await outermost() }
    cancelled.cancel()
    kept += [suspended, cancelled] as [Any]
    line("suspendedTask", unsafeBitCast(suspended, to: UnsafeRawPointer.self))
    line("cancelledTask", unsafeBitCast(cancelled, to: UnsafeRawPointer.self))

    if let make = dlsym(nil, "make_widget") {
      let widget = unsafeBitCast(make, to: (@convention(c) () -> UnsafeMutableRawPointer).self)()
      line("widget", widget)
      for number in 0..<64 { line("falseSideTable\(number)", block(40, [UInt(bitPattern: widget), 0, 3, 1])) }
    }
    if let hold = dlsym(nil, "hold_block") {
      line("heldByLibrary", unsafeBitCast(hold, to: (@convention(c) () -> UnsafeMutableRawPointer).self)())
    }
    while locked({ continuations.count }) < 2 { try? await Task.sleep(nanoseconds: 1_000_000) }
    try? await Task.sleep(nanoseconds: 100_000_000)
    print("ready")
    fflush(stdout)
    var byte: UInt8 = 0
    while read(0, &byte, 1) > 0 {}
    _exit(0)
  }
}
