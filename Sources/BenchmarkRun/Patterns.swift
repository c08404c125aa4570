package import HeapProbe

/// The three patterns of reference counting, on live objects: a chain, a ring of strong references, a ring of weak ones.
/// For each step the strong count of every object is read from the runtime; at the end, what three weak references see.
package enum Pattern: CaseIterable, Sendable {
  case chain, strongRing, weakRing

  /// What one weak reference sees at the end.
  package enum Sight: Sendable, Equatable {
    case object(address: UInt)
    case dead
  }

  package struct Step: Sendable, Equatable {
    /// What was done, in Swift.
    package let code: String
    /// The strong counts of a, b and c; `nil` for one that is dead.
    package let strongCounts: [Int?]
  }

  package struct Story: Sendable {
    package let steps: [Step]
    /// What weak references to a, b and c see.
    package let sights: [Sight]
  }

  /// The links that make the pattern, in Swift.
  private var code: String {
    switch self {
    case .chain: "a.next = b; b.next = c"
    case .strongRing: "a.next = b; b.next = c; c.next = a"
    case .weakRing: "a.weakNext = b; b.weakNext = c; c.weakNext = a"
    }
  }

  /// Plays the pattern, and reads the strong counts at each step. The strong ring's objects stay in this process's memory.
  package func watched() -> Story {
    let names = Names()
    let watch = Watch(names)
    var steps = [Step(code: "a = Node(); b = Node(); c = Node()", strongCounts: watch.strongCounts)]
    link(names)
    steps.append(Step(code: code, strongCounts: watch.strongCounts))
    names.a = nil
    steps.append(Step(code: "a = nil", strongCounts: watch.strongCounts))
    names.b = nil
    steps.append(Step(code: "b = nil", strongCounts: watch.strongCounts))
    names.c = nil
    steps.append(Step(code: "c = nil", strongCounts: watch.strongCounts))
    return Story(steps: steps, sights: watch.sights)
  }

  /// Heap bytes that making, linking and dropping three nodes leaves in use, with nobody watching: a weak reference that
  /// watches would keep a side table in use. Exact with the thread cache off, and while no other thread allocates.
  package func heapBytesLeft() throws(HeapProbeError) -> Int {
    try Allocator.fillHoles()
    let before = try HeapCounters.read().inUse
    do {
      let names = Names()
      link(names)
      names.a = nil
      names.b = nil
      names.c = nil
    }
    return try HeapCounters.read().inUse - before
  }

  private func link(_ names: Names) {
    switch self {
    case .chain, .strongRing:
      names.a?.next = names.b
      names.b?.next = names.c
      if self == .strongRing { names.c?.next = names.a }
    case .weakRing:
      names.a?.weakNext = names.b
      names.b?.weakNext = names.c
      names.c?.weakNext = names.a
    }
  }
}

private final class Node {
  var next: Node?
  weak var weakNext: Node?
}

/// Three variables. Fields of an object, so that the optimiser cannot drop a reference before the pattern does.
private final class Names {
  var a: Node? = Node()
  var b: Node? = Node()
  var c: Node? = Node()
}

/// Watches three objects without owning them.
private struct Watch {
  private let references: [WeakNode]

  init(_ names: Names) {
    references = [names.a, names.b, names.c].map { WeakNode($0) }
  }

  var strongCounts: [Int?] { references.map(\.strongCount) }

  var sights: [Pattern.Sight] {
    references.map { reference in
      reference.node.map { .object(address: UInt(bitPattern: Unmanaged.passUnretained($0).toOpaque())) } ?? .dead
    }
  }
}

/// A weak reference, and the object's address without a reference, to read its counts by.
private final class WeakNode {
  weak var node: Node?
  private let address: UnsafeRawPointer?

  init(_ node: Node?) {
    self.node = node
    address = node.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }
  }

  var strongCount: Int? {
    guard node != nil else { return nil }
    // Safety: the object is alive, as the line above says, and only this thread could end it.
    return address.map { ReferenceCounts(ofObjectAt: $0).strong }
  }
}
