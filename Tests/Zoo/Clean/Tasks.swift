// Objects that tasks, actors, streams and Dispatch hold, and that will be used again.

import Dispatch
import Foundation
import Synchronization
import ZooSupport

let taskCases: [ZooCase] = [
  ZooCase("task-suspended", task: suspendTask),
  ZooCase("task-sleeping", task: sleepTask),
  ZooCase("task-group-suspended", task: suspendGroup),
  ZooCase("task-async-let", task: suspendAsyncLet),
  ZooCase("task-awaits-task", task: awaitTask),
  ZooCase("task-local-value", task: bindTaskLocal),
  ZooCase("task-deep-frames", task: { await suspendDeep(levels: 60) }),
  ZooCase("task-frame-enum-and-existential", task: suspendWithValues),
  ZooCase("task-keeps-itself", task: keepRunning),
  ZooCase("actor-queue", task: queueOnActor),
  ZooCase("stream-consumer-waits", task: consumeStream),
  ZooCase("stream-buffer", task: fillStream),
  ZooCase("stream-finished", task: finishStream),
  ZooCase("continuation-resumed", task: resumeContinuation),
  ZooCase("task-cancelled", task: cancelTask),
  ZooCase("async-sequence-chain", task: consumeChain),
  ZooCase("dispatch-after", delayWork),
  ZooCase("dispatch-active-timer", activateTimer),
  ZooCase("dispatch-suspended-global-queue", suspendGlobalQueue),
  ZooCase("dispatch-work-item-kept", keepWorkItem),
  ZooCase("dispatch-notify-pending", pendNotify),
  ZooCase("dispatch-blocked-worker", blockWorker),
  ZooCase("dispatch-queue-specific", setQueueSpecific),
  ZooCase("dispatch-read-source", waitForInput),
]

final class Ticket: Sendable {
  init() { born(self) }
  deinit { died(self) }
}

final class Ring: @unchecked Sendable {
  var next: Ring?
  init() {
    born(self)
    next = self
  }
  deinit { died(self) }
}

/// Where a waiting task's continuation is kept, to be resumed some day.
private let waiting = Mutex<[UnsafeContinuation<Void, Never>]>([])

private func waitForSomeDay(_ suspended: @Sendable () -> Void) async {
  await withUnsafeContinuation { continuation in
    waiting.withLock { $0.append(continuation) }
    suspended()
  }
}

/// Starts a task of which nobody keeps the handle; it says when it waits.
private func startTask(_ body: @escaping @Sendable (_ suspended: @escaping @Sendable () -> Void) async -> Void) async {
  await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
    Task.detached { await body { continuation.resume() } }
  }
}

@Sendable private func suspendTask() async {
  await startTask { suspended in
    let ticket = Ticket()
    let ring = Ring()
    await waitForSomeDay(suspended)
    use(ticket)
    use(ring)
  }
}

@Sendable private func sleepTask() async {
  await startTask { suspended in
    let ring = Ring()
    suspended()
    do { try await Task.sleep(for: .seconds(3_600)) } catch {}
    use(ring)
  }
}

final class Countdown: Sendable {
  private let left: Mutex<Int>
  init(_ count: Int) { left = Mutex(count) }
  func isLast() -> Bool {
    left.withLock { left in
      left -= 1
      return left == 0
    }
  }
}

@Sendable private func suspendGroup() async {
  await startTask { suspended in
    let ring = Ring()
    let left = Countdown(3)
    await withTaskGroup(of: Ticket.self) { group in
      for _ in 0..<3 {
        group.addTask {
          let ticket = Ticket()
          await waitForSomeDay {
            if left.isLast() { suspended() }
          }
          return ticket
        }
      }
      for await ticket in group { use(ticket) }
    }
    use(ring)
  }
}

private func makeTicket(_ suspended: @Sendable () -> Void) async -> Ticket {
  let ticket = Ticket()
  await waitForSomeDay(suspended)
  return ticket
}

@Sendable private func suspendAsyncLet() async {
  await startTask { suspended in
    let ring = Ring()
    async let one = makeTicket(suspended)
    async let other = Ticket()
    await use(one)
    await use(other)
    use(ring)
  }
}

@Sendable private func awaitTask() async {
  await startTask { suspended in
    let ring = Ring()
    let inner = Task.detached { await makeTicket(suspended) }
    use(await inner.value)
    use(ring)
  }
}

enum Request {
  @TaskLocal static var ticket: Ticket?
}

@Sendable private func bindTaskLocal() async {
  await startTask { suspended in
    await Request.$ticket.withValue(Ticket()) {
      await waitForSomeDay(suspended)
      use(Request.ticket)
    }
  }
}

private func suspendDeep(levels: Int) async {
  await startTask { suspended in await descend(levels: levels, suspended) }
}

private func descend(levels: Int, _ suspended: @escaping @Sendable () -> Void) async {
  let ticket = Ticket()
  if levels > 1 { await descend(levels: levels - 1, suspended) } else { await waitForSomeDay(suspended) }
  use(ticket)
}

protocol Payable: Sendable { var ticket: Ticket { get } }
struct Fare: Payable {
  var price = 1.0, zone = 2, hours = 3, name = "a fare"
  let ticket: Ticket
}
enum Journey {
  case walk
  case ride(Ticket)
  indirect case change(Journey, Ring)
}

@Sendable private func suspendWithValues() async {
  await startTask { suspended in
    let journey = Journey.change(.ride(Ticket()), Ring())
    let fare: any Payable = Fare(ticket: Ticket())
    let handlers: [@Sendable () -> Void] = [{ use(fare.ticket) }]
    await waitForSomeDay(suspended)
    handlers[0]()
    if case .change(.ride(let ticket), let ring) = journey {
      use(ticket)
      use(ring)
    }
  }
}

// An object keeps the task that runs its method; a timer of the runtime will wake it.
final class Poller: @unchecked Sendable {
  private var task: Task<Void, Never>?
  private var polls = 0
  init() { born(self) }
  deinit { died(self) }
  func start(_ suspended: @escaping @Sendable () -> Void) {
    task = Task {
      suspended()
      while !Task.isCancelled {
        polls += 1
        do { try await Task.sleep(for: .seconds(3_600)) } catch { return }
      }
    }
  }
}

@Sendable private func keepRunning() async {
  await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
    Poller().start { continuation.resume() }
  }
}

// Jobs wait in the queue of an actor that is busy: its thread is blocked.
actor Clerk {
  private var served = 0
  init() { born(self) }
  deinit { died(self) }
  func serve(_ ticket: Ticket) { served += 1 }
  func block(_ started: @Sendable () -> Void) {
    started()
    DispatchSemaphore(value: 0).wait()
  }
}

@Sendable private func queueOnActor() async {
  let clerk = Clerk()
  await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
    Task.detached { await clerk.block { continuation.resume() } }
  }
  for _ in 0..<3 {
    // Runs up to its call of the actor, and is queued there.
    Task.detached { await clerk.serve(Ticket()) }
  }
}

nonisolated(unsafe) private var source: AsyncStream<Ticket>.Continuation?
nonisolated(unsafe) private var unread: AsyncStream<Ticket>?

@Sendable private func consumeStream() async {
  let (stream, continuation) = AsyncStream.makeStream(of: Ticket.self)
  source = continuation
  continuation.yield(Ticket())
  await startTask { suspended in
    let ring = Ring()
    for await ticket in stream {
      use(ticket)
      suspended()
    }
    use(ring)
  }
}

@Sendable private func fillStream() async {
  let (stream, continuation) = AsyncStream.makeStream(of: Ticket.self)
  for _ in 0..<20 { continuation.yield(Ticket()) }
  continuation.onTermination = { [ring = Ring()] _ in use(ring) }
  source = continuation
  // A stream that nobody keeps is cancelled, and lets its handler go.
  unread = stream
}

@Sendable private func finishStream() async {
  let (stream, continuation) = AsyncStream.makeStream(of: Ticket.self)
  let owner = Ticket()
  continuation.onTermination = { _ in use(owner) }
  continuation.yield(Ticket())
  continuation.finish()
  for await ticket in stream { use(ticket) }
}

@Sendable private func resumeContinuation() async {
  let ticket = await withCheckedContinuation { continuation in
    Task.detached { continuation.resume(returning: Ticket()) }
  }
  use(ticket)
}

@Sendable private func cancelTask() async {
  let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
  let task = Task.detached {
    let ticket = Ticket()
    continuation.yield(1)
    for await _ in stream {}
    use(ticket)
  }
  task.cancel()
  await task.value
}

@Sendable private func consumeChain() async {
  let (stream, continuation) = AsyncStream.makeStream(of: Ticket.self)
  source = continuation
  continuation.yield(Ticket())
  await startTask { suspended in
    let ring = Ring()
    let chain = stream.map { (ticket: $0, ring: ring) }.filter { _ in true }.dropFirst(0)
    for await (ticket, ring) in chain {
      use(ticket)
      use(ring)
      suspended()
    }
  }
}

@Sendable private func delayWork() {
  let ring = Ring()
  let ticket = Ticket()
  DispatchQueue.global().asyncAfter(deadline: .now() + 3_600) {
    use(ring)
    use(ticket)
  }
}

final class Metronome: @unchecked Sendable {
  let timer = DispatchSource.makeTimerSource(queue: .global())
  var ticks = 0
  init() { born(self) }
  deinit { died(self) }
  func start(step: Int) {
    timer.schedule(deadline: .now() + 3_600, repeating: 3_600)
    timer.setEventHandler { self.ticks += step }
    timer.activate()
  }
}

@Sendable private func activateTimer() { Metronome().start(step: 1) }

nonisolated(unsafe) private var queue: DispatchQueue?

@Sendable private func suspendGlobalQueue() {
  let suspended = DispatchQueue(label: "paused")
  suspended.suspend()
  for _ in 0..<3 {
    let ring = Ring()
    suspended.async { use(ring) }
  }
  queue = suspended
}

nonisolated(unsafe) private var item: DispatchWorkItem?

@Sendable private func keepWorkItem() {
  let ring = Ring()
  let ticket = Ticket()
  item = DispatchWorkItem {
    use(ring)
    use(ticket)
  }
}

nonisolated(unsafe) private var group: DispatchGroup?

@Sendable private func pendNotify() {
  let pending = DispatchGroup()
  pending.enter()
  let ring = Ring()
  pending.notify(queue: .global()) { use(ring) }
  group = pending
}

@Sendable private func blockWorker() {
  let started = DispatchSemaphore(value: 0)
  DispatchQueue.global().async {
    let ring = Ring()
    started.signal()
    DispatchSemaphore(value: 0).wait()
    use(ring)
  }
  started.wait()
}

private let ticketKey = DispatchSpecificKey<Ticket>()

@Sendable private func setQueueSpecific() {
  let labelled = DispatchQueue(label: "labelled")
  labelled.setSpecific(key: ticketKey, value: Ticket())
  queue = labelled
}

final class LineReader: @unchecked Sendable {
  private let source: any DispatchSourceRead
  private let ends: [Int32]
  private var lines = 0
  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    self.ends = ends
    source = DispatchSource.makeReadSource(fileDescriptor: ends[0])
    born(self)
  }
  deinit { died(self) }
  func start(step: Int) {
    source.setEventHandler { self.lines += step }
    source.activate()
  }
}

@Sendable private func waitForInput() { LineReader().start(step: 1) }
