import SeededRandom

/// `index`: the same shapes without references. All nodes lie in one array, links are positions in it, and dropping the
/// arena drops everything. The root is the arena; its elements are what is counted.
final class Arena<Record: ArenaRecord, Payload: NodePayload>: GraphRoot {
  struct Node {
    var links: Record
    let value: Int
    let payload: Payload
  }

  let nodes: [Node]

  private init(nodes: [Node]) {
    self.nodes = nodes
    InstanceCounts.countCreated(nodes.count)
  }

  deinit { InstanceCounts.countDeinited(nodes.count) }

  static func build(_ specification: GraphSpecification) -> Arena {
    var generator = SplitMix64(seed: specification.seed)
    var nodes: [Node] = []
    nodes.reserveCapacity(specification.nodes)
    for position in 0..<specification.nodes {
      nodes.append(
        Node(
          links: Record(position: position, specification: specification, generator: &generator),
          value: position, payload: Payload(bytes: specification.payload)))
    }
    return Arena(nodes: nodes)
  }

  /// Positions own nothing: there is nothing to cut.
  func cutBackLinks() {}

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    body(block(of: self))
    nodes.forEachStorageBlock(body)
    for node in nodes { node.payload.forEachBlock(body) }
  }
}

/// The links of one node as positions in the arena.
protocol ArenaRecord {
  init(position: Int, specification: GraphSpecification, generator: inout SplitMix64)
}

/// The position that means "no node".
private let none = -1

/// The position, or `none` if there is no such node.
private func existing(_ position: Int, _ specification: GraphSpecification) -> Int {
  position >= 0 && position < specification.nodes ? position : none
}

struct ChainRecord: ArenaRecord {
  var next: Int
  var back: Int

  init(position: Int, specification: GraphSpecification, generator: inout SplitMix64) {
    next = existing(position + 1, specification)
    let closesRing = position == 0 && specification.topology == .ring
    back = closesRing ? specification.nodes - 1 : existing(position - 1, specification)
  }
}

struct BinaryRecord: ArenaRecord {
  var left: Int
  var right: Int
  var parent: Int

  init(position: Int, specification: GraphSpecification, generator: inout SplitMix64) {
    left = existing(2 * position + 1, specification)
    right = existing(2 * position + 2, specification)
    parent = position == 0 ? none : (position - 1) / 2
  }
}

/// The children of a node of the level order stand next to each other.
struct WideRecord: ArenaRecord {
  var firstChild: Int
  var parent: Int

  init(position: Int, specification: GraphSpecification, generator: inout SplitMix64) {
    firstChild = existing(16 * position + 1, specification)
    parent = position == 0 ? none : (position - 1) / 16
  }
}

struct CliqueRecord: ArenaRecord {
  var next: Int
  var others: InlineArray<15, Int>

  init(position: Int, specification: GraphSpecification, generator: inout SplitMix64) {
    let size = CliqueShape.size
    let first = position / size * size
    next = position + 1 < first + size ? existing(position + 1, specification) : none
    others = InlineArray { slot in
      existing(first + slot < position ? first + slot : first + slot + 1, specification)
    }
  }
}

struct RandomRecord: ArenaRecord {
  var links: InlineArray<4, Int>

  init(position: Int, specification: GraphSpecification, generator: inout SplitMix64) {
    links = InlineArray(repeating: none)
    for slot in links.indices { links[slot] = generator.next(below: specification.nodes) }
  }
}
