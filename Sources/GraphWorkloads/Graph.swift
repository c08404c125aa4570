/// A graph with one outside reference: its root.
///
/// The life of a graph is `build`, `cutBackLinks` where the back link is `broken`, `dropRoot`. `dropRoot` is the plain
/// drop of the last outside reference. Chains of owners are as long as the graph, and each level of a release that
/// recurses takes stack, so a model whose chain may be long takes it apart in its deinit, link by link, in constant
/// memory (`releaseChain`); trees and clusters are as deep as their logarithm or 16 and are left to the runtime.
package class Graph {
  package let specification: GraphSpecification

  fileprivate init(_ specification: GraphSpecification) { self.specification = specification }

  /// The graph of a specification, not yet built.
  package static func make(_ specification: GraphSpecification) -> Graph {
    if specification.payload == 0 {
      make(specification, NoPayload.self)
    } else {
      make(specification, BytePayload.self)
    }
  }

  private static func make<Payload: NodePayload>(_ specification: GraphSpecification, _: Payload.Type) -> Graph {
    switch specification.backLink {
    case .strong, .broken: make(specification, StrongReference.self, Payload.self)
    case .weak: make(specification, WeakReference.self, Payload.self)
    case .unowned: make(specification, UnownedReference.self, Payload.self)
    case .unownedUnsafe: make(specification, UnownedUnsafeReference.self, Payload.self)
    case .unmanaged: make(specification, UnmanagedReference.self, Payload.self)
    case .index: makeArena(specification, Payload.self)
    }
  }

  private static func make<Back: BackReference, Payload: NodePayload>(
    _ specification: GraphSpecification, _: Back.Type, _: Payload.Type
  ) -> Graph {
    switch specification.topology {
    case .ring, .list: RootedGraph<ChainNode<Back, Payload>>(specification)
    case .tree2: RootedGraph<BinaryNode<Back, Payload>>(specification)
    case .tree16: RootedGraph<WideNode<Back, Payload>>(specification)
    case .clique16: RootedGraph<Clusters<Back, Payload>>(specification)
    case .random: RootedGraph<RandomNodes<Back, Payload>>(specification)
    case .delegate: RootedGraph<Owners<Back, Payload>>(specification)
    case .closure: RootedGraph<ClosureHolders<Back, Payload>>(specification)
    case .observer: RootedGraph<Observers<Back, Payload>>(specification)
    case .document: RootedGraph<Document<Back, Payload>>(specification)
    }
  }

  private static func makeArena<Payload: NodePayload>(_ specification: GraphSpecification, _: Payload.Type) -> Graph {
    switch specification.topology {
    case .ring, .list: RootedGraph<Arena<ChainRecord, Payload>>(specification)
    case .tree2: RootedGraph<Arena<BinaryRecord, Payload>>(specification)
    case .tree16: RootedGraph<Arena<WideRecord, Payload>>(specification)
    case .clique16: RootedGraph<Arena<CliqueRecord, Payload>>(specification)
    case .random: RootedGraph<Arena<RandomRecord, Payload>>(specification)
    case .delegate, .closure, .observer, .document:
      preconditionFailure("GraphSpecification refuses this combination")
    }
  }

  /// Allocates the nodes and links them.
  package func build() { preconditionFailure("abstract") }

  /// Cuts every back link by hand. Takes the graph's owners as its way, so call it while the root is there.
  package func cutBackLinks() { preconditionFailure("abstract") }

  /// Drops the last outside reference.
  package func dropRoot() { preconditionFailure("abstract") }

  /// Calls `body` with the start of every heap block of the nodes: instances, arrays, dictionaries, closure contexts;
  /// not the side tables, which belong to the runtime.
  package func forEachBlock(_ body: (UnsafeRawPointer) -> Void) { preconditionFailure("abstract") }

  /// Calls `body` with the start of the heap block that goes with the root whatever its nodes do: the array of the
  /// first nodes, where the root is one.
  package func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void) { preconditionFailure("abstract") }
}

/// What holds a whole graph: a first node, or a collection of first nodes.
protocol GraphRoot {
  static func build(_ specification: GraphSpecification) -> Self
  func cutBackLinks()
  func forEachBlock(_ body: (UnsafeRawPointer) -> Void)
  func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void)
}

extension GraphRoot {
  /// A root that is a node has no block of its own.
  func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void) {}
}

private final class RootedGraph<Root: GraphRoot>: Graph {
  private var root: Root?

  override init(_ specification: GraphSpecification) { super.init(specification) }

  override func build() { root = Root.build(specification) }
  override func cutBackLinks() { root?.cutBackLinks() }
  override func dropRoot() { root = nil }
  override func forEachBlock(_ body: (UnsafeRawPointer) -> Void) { root?.forEachBlock(body) }
  override func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void) { root?.forEachRootBlock(body) }
}
