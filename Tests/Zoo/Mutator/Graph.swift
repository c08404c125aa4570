// The graph that the threads change, a part for each.

import Glibc
import Synchronization

let live = Atomic(0)
let changes = Atomic(0)
let stopping = Atomic(false)
/// Threads whose part of the graph stands.
let standing = Atomic(0)

/// An element of a doubly linked ring, with a payload that comes and goes. Its back link is unowned: nothing that is
/// taken out of the ring is leaked.
final class Item {
  var next: Item?
  unowned(unsafe) var previous: Item!
  var tags: [String] = []
  var children: [Item] = []
  var note: Any?
  var work: (() -> Int)?
  init() { live.add(1, ordering: .relaxed) }
  deinit { live.subtract(1, ordering: .relaxed) }
}

/// A thread's part of the graph: rings of items, which only this thread changes.
final class Part {
  private var rings: [Item] = []
  private var lengths: [Int] = []
  private var byNumber: [Int: Item] = [:]
  private var random: UInt64

  init(items: Int, seed: UInt64) {
    random = seed
    let ring = 50
    for _ in 0..<max(1, items / ring) { rings.append(Part.makeRing(count: ring)) }
    lengths = Array(repeating: ring, count: rings.count)
  }

  /// A ring is a cycle: it is cut before it is dropped.
  deinit { for ring in rings { Part.cut(ring) } }

  private static func makeRing(count: Int) -> Item {
    let first = Item()
    var last = first
    for _ in 1..<count {
      let item = Item()
      item.previous = last
      last.next = item
      last = item
    }
    last.next = first
    first.previous = last
    return first
  }

  private static func cut(_ ring: Item) {
    var item = ring.previous.next
    ring.previous.next = nil
    // One by one: a release that runs down the chain would use a frame for each.
    while let current = item {
      item = current.next
      current.next = nil
    }
  }

  private func pick(below limit: Int) -> Int {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(truncatingIfNeeded: (random >> 33) % UInt64(limit))
  }

  /// One of several kinds of change to one item.
  func change() {
    let place = pick(below: rings.count)
    let item = rings[place]
    switch pick(below: 8) {
    case 0 where lengths[place] < 100:
      let new = Item()
      new.previous = item
      new.next = item.next
      item.next?.previous = new
      item.next = new
      item.children.append(new)
      lengths[place] += 1
    case 1 where lengths[place] > 2:
      guard let gone = item.next else { return }
      item.next = gone.next
      gone.next?.previous = item
      gone.next = nil
      // It may stay as a child, without children of its own: the graph keeps its size.
      gone.children.removeAll()
      if item.children.count > 4 { item.children.removeAll() }
      lengths[place] -= 1
    case 2: item.tags.append("a tag that is too long to be small: \(place)")
    case 3: item.tags.removeAll()
    case 4: item.note = pick(below: 2) == 0 ? Item() : [place: Item()]
    case 5:
      let captured = Item()
      item.work = { captured.tags.count + place }
    case 6:
      byNumber[pick(below: 1_000)] = Item()
      byNumber[pick(below: 1_000)] = nil
    default: rings[place] = item.next ?? item
    }
  }
}

/// Starts a thread that builds a part of the graph and changes it until `stopping`.
func startThread(items: Int, seed: Int) -> pthread_t {
  let task = ThreadTask(items: items, seed: seed)
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { argument in
      Unmanaged<ThreadTask>.fromOpaque(argument!).takeRetainedValue().run()
      return nil
    }, Unmanaged.passRetained(task).toOpaque())
  precondition(status == 0)
  return thread
}

private final class ThreadTask: Sendable {
  let items: Int
  let seed: Int

  init(items: Int, seed: Int) {
    self.items = items
    self.seed = seed
  }

  func run() {
    let part = Part(items: items, seed: UInt64(seed))
    standing.add(1, ordering: .releasing)
    while !stopping.load(ordering: .relaxed) {
      for _ in 0..<1_000 { part.change() }
      changes.add(1_000, ordering: .relaxed)
    }
  }
}
