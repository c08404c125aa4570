// Dispatch, and state behind locks.

import Dispatch
import Synchronization
import ZooSupport

let dispatchCases: [ZooCase] = [
  ZooCase("dispatch-work-item", scrubsStack: true, prepareWorkItem),
  ZooCase("dispatch-work-item-generic", scrubsStack: true, prepareWorkOrder),
  ZooCase("dispatch-suspended-queue", scrubsStack: true, suspendQueue),
  ZooCase("dispatch-inactive-source", scrubsStack: true, createTimer),
  ZooCase("dispatch-group-never-left", scrubsStack: true, enterGroup),
  ZooCase("mutex-state", scrubsStack: true, lockInventory),
  ZooCase("mutex-state-generic", scrubsStack: true, lockStock),
  ZooCase("mutex-closure-list", scrubsStack: true, lockHooks),
  ZooCase("atomic-lazy-reference", scrubsStack: true, initialiseLazily),
]

// A work item that names the object which keeps it.
final class Thumbnail: @unchecked Sendable {
  var item: DispatchWorkItem?
  var size = 0
  init() { born(self) }
  deinit { died(self) }
  func prepare(width: Int) { item = DispatchWorkItem { self.size = width } }
}

@Sendable private func prepareWorkItem() { Thumbnail().prepare(width: 64) }

enum Carpentry {
  final class WorkOrder<Material: Sendable>: @unchecked Sendable {
    var items: [DispatchWorkItem] = []
    var used: [Material] = []
    init() { born(self) }
    deinit { died(self) }
    func plan(_ materials: [Material]) {
      items = materials.map { material in DispatchWorkItem(qos: .utility) { self.used.append(material) } }
    }
  }
}

@Sendable private func prepareWorkOrder() { Carpentry.WorkOrder<String>().plan(["oak", "brass"]) }

// A suspended queue of the object's own.
final class Indexer: @unchecked Sendable {
  let queue = DispatchQueue(label: "indexer")
  var indexed = 0
  init() { born(self) }
  deinit { died(self) }
  func start(at first: Int) {
    queue.suspend()
    queue.async { self.indexed = first }
  }
}

@Sendable private func suspendQueue() { Indexer().start(at: 4) }

// A timer that was never activated.
final class Heartbeat: @unchecked Sendable {
  let timer = DispatchSource.makeTimerSource()
  var beats = 0
  init() { born(self) }
  deinit { died(self) }
  func prepare(step: Int) {
    timer.schedule(deadline: .distantFuture)
    timer.setEventHandler { self.beats += step }
  }
}

@Sendable private func createTimer() { Heartbeat().prepare(step: 2) }

// A group that is entered and never left.
final class BatchImport: @unchecked Sendable {
  let group = DispatchGroup()
  var done = 0
  init() { born(self) }
  deinit { died(self) }
  func start(files: Int) {
    group.enter()
    group.notify(queue: .global()) { self.done = files }
  }
}

@Sendable private func enterGroup() { BatchImport().start(files: 12) }

// State in a mutex.
final class Inventory: Sendable {
  struct State {
    var items: [StockItem] = []
    var revision = 0
  }
  let state = Mutex(State())
  init() { born(self) }
  deinit { died(self) }
}

final class StockItem: @unchecked Sendable {
  let inventory: Inventory
  init(inventory: Inventory) {
    self.inventory = inventory
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func lockInventory() {
  let inventory = Inventory()
  for _ in 0..<3 { inventory.state.withLock { $0.items.append(StockItem(inventory: inventory)) } }
}

struct Trade<Good: Sendable> {
  final class Warehouse: Sendable {
    let newest = Mutex<Pallet?>(nil)
    let good: Good
    init(good: Good) {
      self.good = good
      born(self)
    }
    deinit { died(self) }
  }

  final class Pallet: Sendable {
    let warehouse: Warehouse
    init(warehouse: Warehouse) {
      self.warehouse = warehouse
      born(self)
    }
    deinit { died(self) }
  }
}

@Sendable private func lockStock() {
  let warehouse = Trade<String>.Warehouse(good: "tea")
  warehouse.newest.withLock { $0 = Trade.Pallet(warehouse: warehouse) }
}

// Closures in a mutex.
final class Hooks: Sendable {
  private let hooks = Mutex<[@Sendable () -> Int]>([])
  init() { born(self) }
  deinit { died(self) }
  func add(weight: Int) {
    hooks.withLock { $0.append { self.count() + weight } }
  }
  func count() -> Int { hooks.withLock { $0.count } }
}

@Sendable private func lockHooks() { Hooks().add(weight: 2) }

// An atomic reference, stored once.
final class Configuration: Sendable {
  let defaults = AtomicLazyReference<Defaults>()
  init() { born(self) }
  deinit { died(self) }
}

final class Defaults: Sendable {
  let configuration: Configuration
  init(configuration: Configuration) {
    self.configuration = configuration
    born(self)
  }
  deinit { died(self) }
}

@Sendable private func initialiseLazily() {
  let configuration = Configuration()
  _ = configuration.defaults.storeIfNil(Defaults(configuration: configuration))
}
