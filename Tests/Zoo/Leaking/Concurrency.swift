// Actors, tasks, continuations, streams and Dispatch.

import Dispatch
import Synchronization
import ZooSupport

let concurrencyCases: [ZooCase] = [
  ZooCase("actor-pair", task: { await AccountStore().connect() }),
  ZooCase("actor-pair-generic", task: { await Bank<Int>.Vault().cut() }),
  ZooCase("actor-handlers", task: fillMailbox),
  ZooCase("actor-handlers-generic", task: fillDepartment),
  ZooCase("main-actor-class", onMainQueue: { PlayerView().start(rate: 25) }),
  ZooCase("continuation-never-resumed", scrubsStack: true, task: waitForever),
  ZooCase("continuation-never-resumed-generic", scrubsStack: true, task: waitForAnswer),
  ZooCase("continuation-in-own-object", scrubsStack: true, task: closeGate),
  ZooCase("task-in-own-object", scrubsStack: true, task: startFeed),
  ZooCase("task-in-own-object-generic", scrubsStack: true, task: startPump),
  ZooCase("task-awaits-lost-task", scrubsStack: true, task: awaitLost),
  ZooCase("async-stream-termination", openTicker),
  ZooCase("async-stream-termination-generic", openMeter),
  ZooCase("async-stream-own-consumer", scrubsStack: true, task: consumeOwnStream),
  ZooCase("task-group-child", scrubsStack: true, task: loseChild),
  ZooCase("sendable-box", sealBoxes),
]

// An actor and a class.
actor AccountStore {
  var client: StoreClient?
  init() { born(self) }
  deinit { died(self) }
  func connect() { client = StoreClient(store: self) }
}

final class StoreClient: Sendable {
  let store: AccountStore
  init(store: AccountStore) {
    self.store = store
    born(self)
  }
  deinit { died(self) }
}

struct Bank<Amount: Sendable> {
  actor Vault {
    var balance: Amount?
    var keys: [Key] = []
    init() { born(self) }
    deinit { died(self) }
    func cut() { keys = [Key(vault: self), Key(vault: self)] }
  }

  final class Key: Sendable {
    let vault: Vault
    init(vault: Vault) {
      self.vault = vault
      born(self)
    }
    deinit { died(self) }
  }
}

// Closures that an actor keeps, and that were made in it.
actor Mailbox {
  var handlers: [@Sendable (Int) async -> Int] = []
  var unread = 0
  init() { born(self) }
  deinit { died(self) }
  func listen(limit: Int) {
    handlers.append { number in await self.count(number) + limit }
  }
  func count(_ number: Int) -> Int {
    unread += number
    return unread
  }
}

@Sendable private func fillMailbox() async {
  let mailbox = Mailbox()
  await mailbox.listen(limit: 3)
  for handler in await mailbox.handlers { _ = await handler(1) }
}

enum Office {
  actor Department<Paper: Sendable> {
    var inbox: [String: @Sendable () async -> Paper] = [:]
    var last: Paper?
    init() { born(self) }
    deinit { died(self) }
    func accept(_ paper: Paper, as name: String) {
      inbox[name] = {
        await self.file(paper)
        return paper
      }
    }
    func file(_ paper: Paper) { last = paper }
  }
}

@Sendable private func fillDepartment() async {
  let department = Office.Department<String>()
  await department.accept("two chairs", as: "invoice")
  _ = await department.inbox["invoice"]?()
}

// A class of the main actor.
@MainActor
final class PlayerView {
  var refresh: (() -> Void)?
  var frames = 0
  init() { born(self) }
  deinit { died(self) }
  func start(rate: Int) { refresh = { self.frames += rate } }
}

// A task that waits for what never comes.
final class PendingJob: Sendable {
  init() { born(self) }
  deinit { died(self) }
}

/// Runs a task that nobody keeps until it waits for good; it says so itself, once.
private func startSuspended(
  _ body: @escaping @Sendable (_ suspended: @escaping @Sendable () -> Void) async -> Void
) async {
  await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
    Task.detached { await body { continuation.resume() } }
  }
}

@Sendable private func waitForever() async {
  await startSuspended { suspended in
    let job = PendingJob()
    await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in suspended() }
    use(job)
  }
}

enum Quiz {
  final class Question<Answer: Sendable>: Sendable {
    let right: Answer
    init(right: Answer) {
      self.right = right
      born(self)
    }
    deinit { died(self) }

    func ask(_ asked: @Sendable () -> Void) async -> Answer? {
      let given = await withUnsafeContinuation { (_: UnsafeContinuation<Answer, Never>) in asked() }
      return given
    }
  }
}

@Sendable private func waitForAnswer() async {
  await startSuspended { suspended in
    let question = Quiz.Question(right: "42")
    _ = await question.ask(suspended)
    use(question)
  }
}

// The continuation is kept by an object that only the waiting task keeps.
final class Gate: Sendable {
  let waiter = Mutex<UnsafeContinuation<Void, Never>?>(nil)
  init() { born(self) }
  deinit { died(self) }
  func pass(_ suspended: @Sendable () -> Void) async {
    await withUnsafeContinuation { continuation in
      waiter.withLock { $0 = continuation }
      suspended()
    }
  }
  func open() { waiter.withLock { $0?.resume() } }
}

@Sendable private func closeGate() async {
  await startSuspended { suspended in
    let gate = Gate()
    await gate.pass(suspended)
    use(gate)
  }
}

// An object keeps a task that runs its method, which never ends.
final class NewsFeed: @unchecked Sendable {
  private var task: Task<Void, Never>?
  private let (updates, source) = AsyncStream.makeStream(of: Int.self)
  private var shown = 0
  init() { born(self) }
  deinit { died(self) }

  func start(_ suspended: @escaping @Sendable () -> Void) {
    task = Task {
      source.yield(1)
      for await update in updates {
        shown += update
        suspended()
      }
    }
  }
}

@Sendable private func startFeed() async {
  await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
    NewsFeed().start { continuation.resume() }
  }
}

enum Plant {
  final class Pump<Fluid: Sendable>: @unchecked Sendable {
    var worker: Task<Fluid?, any Error>?
    let inlet: AsyncThrowingStream<Fluid, any Error>
    let valve: AsyncThrowingStream<Fluid, any Error>.Continuation
    init() {
      (inlet, valve) = AsyncThrowingStream.makeStream()
      born(self)
    }
    deinit { died(self) }

    func start(with first: Fluid, _ suspended: @escaping @Sendable () -> Void) {
      worker = Task.detached {
        self.valve.yield(first)
        var last: Fluid?
        for try await fluid in self.inlet {
          last = fluid
          suspended()
        }
        return last
      }
    }
  }
}

@Sendable private func startPump() async {
  await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
    Plant.Pump<String>().start(with: "water") { continuation.resume() }
  }
}

// One lost task waits for another.
@Sendable private func awaitLost() async {
  await startSuspended { suspended in
    let job = PendingJob()
    let inner = Task.detached {
      let job = PendingJob()
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in suspended() }
      use(job)
    }
    await inner.value
    use(job)
  }
}

// A stream whose termination handler names the owner of the stream.
final class Ticker: @unchecked Sendable {
  let ticks: AsyncStream<Int>
  let source: AsyncStream<Int>.Continuation
  var stopped = 0
  init() {
    (ticks, source) = AsyncStream.makeStream()
    born(self)
  }
  deinit { died(self) }
  func open(code: Int) { source.onTermination = { _ in self.stopped = code } }
}

@Sendable private func openTicker() {
  let ticker = Ticker()
  ticker.open(code: 3)
  ticker.source.yield(1)
}

struct PowerGrid<Voltage: Sendable> {
  final class Meter: @unchecked Sendable {
    var readings: AsyncThrowingStream<Voltage, any Error>?
    var last: Voltage?
    init() { born(self) }
    deinit { died(self) }
    func open(at initial: Voltage) {
      readings = AsyncThrowingStream { source in
        source.yield(initial)
        source.onTermination = { _ in self.last = initial }
      }
    }
  }
}

@Sendable private func openMeter() { PowerGrid<Float>.Meter().open(at: 230) }

// The consumer of a stream is the only one who keeps what feeds it.
final class Faucet: Sendable {
  let source: AsyncStream<Int>.Continuation
  init(source: AsyncStream<Int>.Continuation) {
    self.source = source
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func consumeOwnStream() async {
  await startSuspended { suspended in
    let (stream, source) = AsyncStream.makeStream(of: Int.self)
    let faucet = Faucet(source: source)
    faucet.source.yield(7)
    for await _ in stream { suspended() }
    use(faucet)
  }
}

// A group that waits for a child that never ends.
@Sendable private func loseChild() async {
  await startSuspended { suspended in
    let job = PendingJob()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        let job = PendingJob()
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in suspended() }
        use(job)
      }
    }
    use(job)
  }
}

// A box that makes things Sendable, in a chain of optionals.
struct Sealed<Value>: @unchecked Sendable {
  var value: Value
}

final class Envelope: @unchecked Sendable {
  var reply: Sealed<Envelope?>?
  init() { born(self) }
  deinit { died(self) }
}

@Sendable private func sealBoxes() {
  let letter = Envelope()
  let answer = Envelope()
  letter.reply = Sealed(value: answer)
  answer.reply = Sealed(value: letter)
}
