import HeapBlocks
import SwiftRuntime

/// What was looked at to find the leaks: sums over all live blocks of the heap.
package struct InspectedTotals: Equatable, Sendable {
  /// Swift objects that are alive: array storage, boxes and contexts included.
  package var objects: Int
  /// Side tables, those of dead objects too.
  package var sideTables: Int
  package var blocks: Int
  /// Their chunks, header included.
  package var bytes: Int
  /// What mallinfo2(3) adds up as in use, but for malloc's own blocks: the chunks of live blocks and of those that threads
  /// keep in their caches.
  package var inUseBytes: Int
  /// Instances of classes that are alive, by the module that declares the class, most first.
  package var instances: [ModuleCount]

  package struct ModuleCount: Equatable, Sendable {
    package var module: String
    package var count: Int

    package init(module: String, count: Int) {
      self.module = module
      self.count = count
    }
  }

  package init(
    objects: Int, sideTables: Int, blocks: Int, bytes: Int, inUseBytes: Int, instances: [ModuleCount]
  ) {
    self.objects = objects
    self.sideTables = sideTables
    self.blocks = blocks
    self.bytes = bytes
    self.inUseBytes = inUseBytes
    self.instances = instances
  }
}

extension InspectedTotals {
  init(_ inspection: Inspection) {
    let objects = inspection.objects
    var alive = [Int](repeating: 0, count: objects.types.count)
    var dead = alive
    for block in objects.type.indices {
      if objects.flags[block].contains(.dead) {
        dead[Int(objects.type[block])] += 1
      } else {
        alive[Int(objects.type[block])] += 1
      }
    }
    var modules: [String: Int] = [:]
    (self.objects, sideTables) = (0, 0)
    for (type, entry) in objects.types.enumerated() {
      if entry.kind.isSwiftObject { self.objects += alive[type] }
      if entry.kind == .sideTable { sideTables += alive[type] + dead[type] }
      if entry.kind == .instance, alive[type] > 0, let module = entry.module {
        modules[module, default: 0] += alive[type]
      }
    }
    let arenas = inspection.heap.arenas
    blocks = arenas.reduce(0) { $0 &+ $1.liveCount }
    bytes = arenas.reduce(0) { $0 &+ $1.liveBytes }
    inUseBytes = bytes &+ arenas.reduce(0) { $0 &+ $1.threadCacheBytes }
    instances = modules.map { ModuleCount(module: $0.key, count: $0.value) }
      .sorted { $0.count != $1.count ? $0.count > $1.count : $0.module < $1.module }
  }
}
