// Objects that only frames, registers and threads hold at the moment at which the process is inspected.

import CZoo
import Glibc
import Synchronization
import ZooSupport

let stackCases: [ZooCase] = [
  ZooCase("stack-cycle") { holdLocal() },
  ZooCase("stack-struct") { holdStruct() },
  ZooCase("stack-deep-recursion") { descend(levels: 200) },
  ZooCase("stack-temporary-buffer") { holdTemporary() },
  ZooCase("stack-inout-array") { holdInout() },
  ZooCase("stack-of-blocked-thread") { blockThread() },
  ZooCase("stack-non-escaping-closure") { holdNonEscaping() },
  ZooCase("stack-existential") { holdExistential() },
  ZooCase("stack-enum") { holdEnum() },
  ZooCase("register-of-spinning-thread") { spinThread() },
  ZooCase("vector-register-of-spinning-thread") { spinInVectorRegister() },
  ZooCase("thread-start-argument") { passArgument() },
  ZooCase("thread-specific-value") { setSpecific() },
  ZooCase("thread-specific-value-of-other-thread") { setSpecificElsewhere() },
  ZooCase("c-thread-local") { setThreadLocal() },
  ZooCase("coroutine-stack") { startCoroutine() },
  ZooCase("coroutine-in-mapped-region") { runCoroutineInRegion() },
  ZooCase("thread-stack-in-mapped-region") { startThreadInRegion() },
  ZooCase("signal-stack") { raiseOnStack() },
  ZooCase("deinit-running") { inspectInDeinit() },
  ZooCase("init-running") { inspectInInit() },
  ZooCase("collection-being-changed") { inspectInMap() },
  ZooCase("main-thread-has-ended", onMainQueue: { keepForMainQueue() }),
]

final class Leaf {
  var leaf: Leaf?
  init() { born(self) }
  deinit { died(self) }
  static func ring() -> Leaf {
    let one = Leaf()
    let other = Leaf()
    one.leaf = other
    other.leaf = one
    return one
  }
}

@inline(never)
private func holdLocal() {
  let ring = Leaf.ring()
  inspectHere()
  use(ring)
}

struct Bundle {
  var number = 4
  var leaves: [Leaf]
  var more: (Leaf, Leaf)?
}

@inline(never)
private func holdStruct() {
  let bundle = Bundle(leaves: [Leaf(), Leaf()], more: (Leaf(), Leaf()))
  inspectHere()
  use(bundle.leaves.last)
  use(bundle.more?.0)
  use(bundle.more?.1)
}

@inline(never)
private func descend(levels: Int) {
  let leaf = Leaf()
  if levels > 1 { descend(levels: levels - 1) } else { inspectHere() }
  use(leaf)
}

@inline(never)
private func holdTemporary() {
  withUnsafeTemporaryAllocation(of: Leaf.self, capacity: 5) { leaves in
    for index in leaves.indices { leaves.initializeElement(at: index, to: Leaf()) }
    blackHole(UnsafeRawPointer(leaves.baseAddress))
    inspectHere()
    leaves.deinitialize()
  }
}

@inline(never)
private func holdInout() {
  var leaves = [Leaf()]
  grow(&leaves)
  use(leaves.first)
}

@inline(never)
private func grow(_ leaves: inout [Leaf]) {
  for _ in 0..<20 { leaves.append(Leaf()) }
  inspectHere()
}

/// Starts a thread that never ends, and returns once it says that it is ready.
private func startThread(_ body: @escaping @Sendable (_ ready: () -> Void) -> Void) {
  let context = ThreadContext(body: body)
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { argument in
      let context = Unmanaged<ThreadContext>.fromOpaque(argument!).takeUnretainedValue()
      context.body { context.ready.store(true, ordering: .releasing) }
      return nil
    }, Unmanaged.passUnretained(context).toOpaque())
  precondition(status == 0)
  threads.append(context)
  while !context.ready.load(ordering: .acquiring) { sched_yield() }
}

/// What every thread is started with; the program keeps it.
final class ThreadContext: Sendable {
  let body: @Sendable (_ ready: () -> Void) -> Void
  let ready = Atomic(false)
  init(body: @escaping @Sendable (_ ready: () -> Void) -> Void) { self.body = body }
}
nonisolated(unsafe) private var threads: [ThreadContext] = []

private func blockThread() {
  startThread { ready in
    let ring = Leaf.ring()
    ready()
    while true {
      pause()
      use(ring)
    }
  }
}

@inline(never)
private func call(_ body: () -> Void) { body() }

@inline(never)
private func holdNonEscaping() {
  let leaf = Leaf.ring()
  let other = Leaf()
  call {
    inspectHere()
    use(leaf)
    use(other)
  }
}

protocol Growing { func grow() }
struct Bush: Growing {
  var height = 1.0, width = 2.0, depth = 3.0
  let leaf: Leaf
  func grow() { use(leaf) }
}

@inline(never)
private func makeGrowing() -> any Growing { Bush(leaf: Leaf.ring()) }

@inline(never)
private func holdExistential() {
  let growing = makeGrowing()
  inspectHere()
  growing.grow()
}

enum Growth {
  case one(Leaf)
  case two(Leaf, Leaf)
  indirect case many(Growth, Growth)
}

@inline(never)
private func holdEnum() {
  let growth = Growth.many(.one(Leaf.ring()), .two(Leaf(), Leaf()))
  inspectHere()
  withExtendedLifetime(growth) { blackHole(nil) }
}

private func spinThread() {
  startThread { ready in
    let leaf = Leaf()
    ready()
    while true { use(leaf) }
  }
  inspectHere(waitsForQuiet: false)
}

private func spinInVectorRegister() {
  putIntoSlot()
  startThread { ready in
    ready()
    zoo_slot_spin(15)
  }
  while zoo_slot(15) != nil { sched_yield() }
  zoo_scrub_stack()
  inspectHere(waitsForQuiet: false)
}

@inline(never)
private func putIntoSlot() { zoo_slot_set(15, Unmanaged.passRetained(Leaf()).toOpaque()) }

private func passArgument() {
  // The argument is the only reference to the object, and lies in the thread's own block until it starts.
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { argument in
      while true {
        pause()
        zoo_use(argument)
      }
    }, Unmanaged.passRetained(Leaf.ring()).toOpaque())
  precondition(status == 0)
}

private func setSpecific() {
  var key = pthread_key_t()
  pthread_key_create(&key) { Unmanaged<Leaf>.fromOpaque($0!).release() }
  pthread_setspecific(key, Unmanaged.passRetained(Leaf.ring()).toOpaque())
}

private func setSpecificElsewhere() {
  startThread { ready in
    for _ in 0..<40 {
      var key = pthread_key_t()
      pthread_key_create(&key, nil)
      pthread_setspecific(key, Unmanaged.passRetained(Leaf()).toOpaque())
    }
    ready()
    while true { pause() }
  }
}

private func setThreadLocal() {
  zoo_thread_slot_set(Unmanaged.passRetained(Leaf.ring()).toOpaque())
  startThread { ready in
    zoo_thread_slot_set(Unmanaged.passRetained(Leaf()).toOpaque())
    ready()
    while true { pause() }
  }
}

private func startCoroutine() {
  let status = zoo_coroutine_start(
    { _ in
      let leaf = Leaf.ring()
      zoo_coroutine_yield()
      use(leaf)
    }, nil)
  precondition(status == 0)
}

/// A mapping of 512 KiB whose middle is free for a stack, with references below and above it.
@inline(never)
private func mapRegionAroundStack() -> UnsafeMutableRawPointer {
  let size = 512 << 10
  let region = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
  for offset in [0, size - 8] {
    region.storeBytes(
      of: Unmanaged.passRetained(Leaf.ring()).toOpaque(), toByteOffset: offset, as: UnsafeMutableRawPointer.self)
  }
  return region + (128 << 10)
}

private func runCoroutineInRegion() {
  let stack = mapRegionAroundStack()
  zoo_scrub_stack()
  let body: zoo_callback = { _ in
    let leaf = Leaf()
    inspectHere()
    use(leaf)
  }
  precondition(zoo_coroutine_start_on(stack, 128 << 10, body, nil) == 0)
}

private func startThreadInRegion() {
  let body: zoo_callback = { _ in
    let leaf = Leaf()
    while true {
      pause()
      use(leaf)
    }
  }
  precondition(zoo_thread_start_on(mapRegionAroundStack(), 128 << 10, body) == 0)
}

private func raiseOnStack() {
  let size = 64 << 10
  var stack = stack_t()
  stack.ss_sp = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  stack.ss_size = size
  precondition(sigaltstack(&stack, nil) == 0)
  var action = sigaction()
  action.__sigaction_handler.sa_handler = { _ in
    let leaf = Leaf.ring()
    inspectHere()
    use(leaf)
  }
  action.sa_flags = SA_ONSTACK
  precondition(sigaction(SIGUSR1, &action, nil) == 0)
  raise(SIGUSR1)
}

// The fields of an object that is being deinitialised are alive, and still its own.
final class Nest {
  let leaves = [Leaf.ring(), Leaf()]
  let single = Leaf()
  init() { born(self) }
  deinit {
    inspectHere()
    died(self)
  }
}

@inline(never)
private func inspectInDeinit() { use(Nest()) }

final class HalfBuilt {
  let first: Leaf
  let second: Leaf
  init() {
    first = Leaf.ring()
    inspectHere()
    second = Leaf()
    born(self)
  }
  deinit { died(self) }
}

@inline(never)
private func inspectInInit() { use(HalfBuilt()) }

@inline(never)
private func inspectInMap() {
  let leaves = (0..<10).map { index in
    if index == 9 { inspectHere() }
    return Leaf()
  }
  use(leaves.first)
}

nonisolated(unsafe) private var kept: Leaf?
private func keepForMainQueue() { kept = Leaf.ring() }
