@testable import GraphWorkloads
import Testing

/// Where the links of each topology lead.
struct LinkTests {
  private func specification(
    _ topology: Topology, _ backLink: BackLink = .unowned, nodes: Int, payload: Int = 0
  ) throws -> GraphSpecification {
    try GraphSpecification(topology: topology, backLink: backLink, nodes: nodes, payload: payload, seed: 3)
  }

  @Test(arguments: [Topology.ring, .list])
  func `a chain's back links lead to the node before, and close the ring`(topology: Topology) throws {
    let first = ChainNode<WeakReference, NoPayload>.build(try specification(topology, .weak, nodes: 10))
    var nodes: [ChainNode<WeakReference, NoPayload>] = []
    var next: ChainNode<WeakReference, NoPayload>? = first
    while let node = next {
      nodes.append(node)
      next = node.next
    }
    #expect(nodes.map(\.value) == Array(0..<10))
    for (before, node) in zip(nodes, nodes.dropFirst()) { #expect(node.back.target === before) }
    #expect(first.back.target === (topology == .ring ? nodes.last : nil))
    first.cutBackLinks()
    #expect(nodes.allSatisfy { $0.back.target == nil })
  }

  @Test func `a binary tree is complete and its parents are parents`() throws {
    let top = BinaryNode<UnownedReference, NoPayload>.build(try specification(.tree2, nodes: 12))
    var values: [Int] = []
    func visit(_ node: BinaryNode<UnownedReference, NoPayload>) {
      values.append(node.value)
      for child in [node.left, node.right].compactMap({ $0 }) {
        #expect(child.parent.target === node)
        #expect((child.value - 1) / 2 == node.value)
        visit(child)
      }
    }
    visit(top)
    #expect(top.parent.target == nil)
    #expect(values.sorted() == Array(0..<12))
  }

  @Test func `a wide tree's nodes have 16 children`() throws {
    let top = WideNode<UnownedReference, NoPayload>.build(try specification(.tree16, nodes: 16 + 1 + 20))
    #expect(top.children.count == 16)
    #expect(top.children.map(\.children.count) == [16, 4] + Array(repeating: 0, count: 14))
    #expect(top.children.allSatisfy { $0.parent.target === top })
  }

  @Test func `each node of a cluster points at the 15 others`() throws {
    let clusters = Clusters<UnownedReference, NoPayload>.build(try specification(.clique16, nodes: 20))
    var seen: [[Set<Int>]] = []
    for head in clusters.heads {
      var cluster: [CliqueNode<UnownedReference, NoPayload>] = []
      var next: CliqueNode<UnownedReference, NoPayload>? = head
      while let node = next {
        cluster.append(node)
        next = node.next
      }
      seen.append(
        cluster.map { node in
          Set(node.others.indices.compactMap { slot in cluster.firstIndex { $0 === node.others[slot].target } })
        })
    }
    #expect(seen.map(\.count) == [16, 4])
    for cluster in seen {
      for (index, others) in cluster.enumerated() { #expect(others == Set(cluster.indices).subtracting([index])) }
    }
  }

  @Test func `random links are the seed's, whatever the kind of link`() throws {
    let strong = RandomNodes<StrongReference, NoPayload>.build(try specification(.random, .strong, nodes: 50))
    let arena = Arena<RandomRecord, NoPayload>.build(try specification(.random, .index, nodes: 50))
    for (node, record) in zip(strong.nodes, arena.nodes) {
      for slot in node.links.indices {
        #expect(node.links[slot].target === strong.nodes[record.links.links[slot]])
      }
    }
    strong.cutBackLinks()
    #expect(strong.nodes.allSatisfy { node in node.links.indices.allSatisfy { node.links[$0].target == nil } })
  }

  @Test func `a worker's delegate is its owner`() throws {
    let owners = Owners<UnmanagedReference, NoPayload>.build(try specification(.delegate, .unmanaged, nodes: 7)).owners
    #expect(owners.count == 4)
    for owner in owners.dropLast() { #expect(owner.worker?.delegate.target === owner) }
    #expect(owners.last?.worker == nil)
  }

  @Test func `closures capture their object by the kind of link`() throws {
    let strong = ClosureHolders<StrongReference, NoPayload>.build(try specification(.closure, .strong, nodes: 2))
      .holders
    let weak = ClosureHolders<WeakReference, NoPayload>.build(try specification(.closure, .weak, nodes: 2)).holders
    for holder in strong { #expect(holder.handler?.call() == UInt(bitPattern: block(of: holder))) }
    for holder in weak { #expect(holder.handler?.call() == UInt(bitPattern: block(of: holder))) }
    for holder in strong { holder.handler = nil }
    var holder: ClosureHolder<WeakReference, NoPayload>? = ClosureHolder(value: 0, payloadBytes: 0)
    let handler = WeakReference.capture(holder!)
    holder = nil
    #expect(handler.call() == 0)
  }

  @Test func `a subject has a closure for each of its observers`() throws {
    let observers = Observers<WeakReference, NoPayload>.build(try specification(.observer, .weak, nodes: 16 + 16 + 1))
      .observers
    #expect(observers.count == 31)
    for observer in observers.dropLast() {
      #expect(observer.subject?.handlers.count == 15)
      #expect(observer.subject?.handlers[observer.value]?.call() == UInt(bitPattern: block(of: observer)))
    }
    #expect(observers.last?.subject == nil)
  }

  @Test func `a document's elements know parent, sibling and listeners`() throws {
    let document = Document<WeakReference, NoPayload>.build(try specification(.document, .weak, nodes: 1 + 1 + 8 + 3))
    #expect(document.index.count == 12)
    let top = try #require(document.index["e0"])
    #expect(top.parent.target === document)
    #expect(top.children.map(\.name) == (1...8).map { "e\($0)" })
    for (before, child) in zip(top.children, top.children.dropFirst()) {
      #expect(child.previousSibling.target === before)
    }
    for element in document.index.values {
      #expect(element.listeners.map { $0.call() } == [UInt(bitPattern: block(of: element))])
    }
    #expect(document.index["e9"]?.parent.target === document.index["e1"])
    document.cutBackLinks()
    #expect(top.parent.target == nil)
    #expect(document.index.values.allSatisfy { $0.listeners.isEmpty })
  }

  @Test func `positions in an arena lead where references would`() throws {
    let ring = Arena<ChainRecord, NoPayload>.build(try specification(.ring, .index, nodes: 4)).nodes
    #expect(ring.map(\.links.next) == [1, 2, 3, -1])
    #expect(ring.map(\.links.back) == [3, 0, 1, 2])
    let list = Arena<ChainRecord, NoPayload>.build(try specification(.list, .index, nodes: 3)).nodes
    #expect(list.map(\.links.back) == [-1, 0, 1])
    let tree = Arena<BinaryRecord, NoPayload>.build(try specification(.tree2, .index, nodes: 4)).nodes
    #expect(tree.map(\.links.left) == [1, 3, -1, -1])
    #expect(tree.map(\.links.right) == [2, -1, -1, -1])
    #expect(tree.map(\.links.parent) == [-1, 0, 0, 1])
    let wide = Arena<WideRecord, NoPayload>.build(try specification(.tree16, .index, nodes: 18)).nodes
    #expect(wide[0].links.firstChild == 1)
    #expect(wide[1].links.firstChild == 17)
    #expect(wide[17].links.parent == 1)
    let clique = Arena<CliqueRecord, NoPayload>.build(try specification(.clique16, .index, nodes: 18)).nodes
    #expect(clique[15].links.next == -1)
    #expect((0..<15).map { clique[3].links.others[$0] } == [0, 1, 2] + Array(4...15))
    #expect((0..<15).map { clique[16].links.others[$0] } == [17] + Array(repeating: -1, count: 14))
  }
}
