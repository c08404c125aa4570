// Starts the one case that the arguments name, and ends the process where it is to be looked at.
//
//     ZooLeaking list                             the names, a line each
//     ZooLeaking NAME [--wait] [--stale] [--self-check]
//
// Without an option the process ends as soon as the case has run: at its exit it is inspected. --wait prints "ready" and
// waits until stdin is closed, to be inspected alive. --stale leaves the addresses of the case's objects on the stack.
// --self-check prints how many objects live.

internal import CZoo
import Dispatch
internal import Glibc
import Synchronization

/// A small program of its own.
package struct ZooCase: Sendable {
  package enum Body: Sendable {
    case plain(@Sendable () -> Void)
    /// Runs as a task; the main thread waits for its end.
    case asynchronous(@Sendable () async -> Void)
    /// Runs as the main actor. As in any program that calls `dispatchMain`, the main thread has ended by then.
    case onMainQueue(@MainActor @Sendable () -> Void)
  }

  let name: String
  let body: Body
  /// Whether words that the case left on the stacks of the main thread and of the runtime's are overwritten: for what
  /// counts cannot prove, a stale word makes the answer a matter of luck.
  let scrubsStack: Bool

  package init(_ name: String, scrubsStack: Bool = false, _ body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = .plain(body)
    self.scrubsStack = scrubsStack
  }

  package init(_ name: String, scrubsStack: Bool = false, task body: @escaping @Sendable () async -> Void) {
    self.name = name
    self.body = .asynchronous(body)
    self.scrubsStack = scrubsStack
  }

  package init(_ name: String, onMainQueue body: @escaping @MainActor @Sendable () -> Void) {
    self.name = name
    self.body = .onMainQueue(body)
    self.scrubsStack = false
  }
}

struct Run {
  var waits = false
  var leavesStaleWords = false
  var checksItself = false

  /// Written once, before the case starts.
  nonisolated(unsafe) static var current = Run()
}

/// The main function of a zoo's executable.
package func runZoo(_ cases: [ZooCase], arguments: [String] = CommandLine.arguments) -> Never {
  let names = arguments.dropFirst()
  if names.first == "list" {
    for zooCase in cases { print(zooCase.name) }
    exit(0)
  }
  guard let name = names.first, let chosen = cases.first(where: { $0.name == name }) else { usage() }
  for option in names.dropFirst() {
    switch option {
    case "--wait": Run.current.waits = true
    case "--stale": Run.current.leavesStaleWords = true
    case "--self-check": Run.current.checksItself = true
    default: usage()
    }
  }
  start(chosen)
  if chosen.scrubsStack {
    if case .asynchronous = chosen.body { scrubPool() }
    zoo_scrub_stack()
  }
  inspectHere()
  exit(0)
}

private func usage() -> Never {
  say("usage: list | NAME [--wait] [--stale] [--self-check]\n", to: 2)
  exit(64)
}

@inline(never)
private func start(_ chosen: ZooCase) {
  switch chosen.body {
  case .plain(let body): body()
  case .asynchronous(let body): runBlocking(body)
  case .onMainQueue(let body):
    DispatchQueue.main.async {
      MainActor.assumeIsolated(body)
      inspectHere()
    }
    dispatchMain()
  }
}

/// The moment at which the process is looked at: it ends here. A case whose objects are held by its own frames, or by
/// something that ends with it, calls this itself. The compiler sees a function that returns, and keeps what is used
/// afterwards.
///
/// A task that said that it waits may not have left its thread yet, so that this waits until no other thread runs.
@inline(never)
package func inspectHere(waitsForQuiet: Bool = true) {
  if waitsForQuiet { zoo_wait_until_quiet() }
  StaleWords.onStack {
    if Run.current.checksItself { say(liveCounts() + "\n", to: 1) }
    if Run.current.waits {
      say("ready\n", to: 1)
      var byte: UInt8 = 0
      while read(0, &byte, 1) > 0 {}
    }
    exit(0)
  }
}

/// Unbuffered: no stream's buffer is among what is looked at.
private func say(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { precondition(write(descriptor, $0.baseAddress, $0.count) == $0.count) }
}

/// Runs a job on each of the threads on which tasks run, all at the same time, so that none of them has words of the
/// case's tasks in its frames any more. Dispatch keeps freed continuations in a list of each thread's, with what they
/// held: each thread uses up its own by starting tasks while none of the others can run them.
private func scrubPool() {
  let threads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  let tasks = 100
  let arrived = Arrivals()
  let done = DispatchSemaphore(value: 0)
  for _ in 0..<threads {
    Task.detached {
      zoo_scrub_stack()
      // A second at most: there may be fewer threads.
      let end = ContinuousClock.now + .seconds(1)
      arrived.count.add(1, ordering: .relaxed)
      while arrived.count.load(ordering: .relaxed) < threads, ContinuousClock.now < end { sched_yield() }
      for _ in 0..<tasks { Task.detached { done.signal() } }
      done.signal()
    }
  }
  for _ in 0..<threads * (tasks + 1) { done.wait() }
}

private final class Arrivals: Sendable {
  let count = Atomic(0)
}

/// Runs a task to its end.
package func runBlocking(_ body: @escaping @Sendable () async -> Void) {
  let done = DispatchSemaphore(value: 0)
  Task {
    await body()
    done.signal()
  }
  done.wait()
}
