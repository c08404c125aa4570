package import AllocationStacks
import HeapBlocks
import ObjectGraph
import ProcessImage
import SwiftRuntime

/// Where objects of a leak were allocated, or the blocks of one without objects.
package struct LeakAllocation: Equatable, Sendable {
  package var type: String
  /// How many of the leak's objects (or blocks) of this type were allocated there.
  package var objects: Int
  package var stack: AllocationStack

  package init(type: String, objects: Int, stack: AllocationStack) {
    self.type = type
    self.objects = objects
    self.stack = stack
  }
}

/// Counts the stacks that allocated a leak's objects, and names those that made most of them.
struct AllocationTally {
  private struct Key: Hashable {
    var kind: UInt32
    var stack: Int
  }

  private var counts: [Key: Int] = [:]
  private let sites: AllocationSites

  /// Stacks that are named, of each type and in all.
  private static let mostOfType = 3
  private static let most = 8

  init(_ sites: AllocationSites) { self.sites = sites }

  mutating func add(kind: UInt32, address: Address) {
    guard let stack = sites.stack(ofBlockAt: address) else { return }
    counts[Key(kind: kind, stack: stack), default: 0] += 1
  }

  /// The types of `order` first, in that order; of each type the stack that made most first.
  func allocations(_ types: [TypeEntry], order: [String]) -> [LeakAllocation] {
    let named = counts.filter { !types[Int($0.key.kind)].kind.isStorage }
    let ranks = Dictionary(zip(order, 0...), uniquingKeysWith: { first, _ in first })
    let rank = { (key: Key) in ranks[types[Int(key.kind)].name] ?? order.count }
    let sorted = (named.isEmpty ? counts : named).sorted { left, right in
      (rank(left.key), left.key.kind, -left.value, left.key.stack)
        < (rank(right.key), right.key.kind, -right.value, right.key.stack)
    }
    var taken: [UInt32: Int] = [:]
    let chosen = sorted.filter { entry in
      taken[entry.key.kind, default: 0] += 1
      return taken[entry.key.kind, default: 0] <= Self.mostOfType
    }.prefix(Self.most)
    sites.resolve(chosen.lazy.map(\.key.stack))
    return chosen.map {
      LeakAllocation(type: types[Int($0.key.kind)].name, objects: $0.value, stack: sites.stack($0.key.stack))
    }
  }
}
