/// A node of `ring` and `list`: two links and a value. The root is the first node.
final class ChainNode<Back: BackReference, Payload: NodePayload>: Node<Payload>, GraphRoot, ChainLink {
  var next: ChainNode?
  var back = Back(nil)

  deinit { releaseChain(&next) }

  static func build(_ specification: GraphSpecification) -> ChainNode {
    let first = ChainNode(value: 0, payloadBytes: specification.payload)
    var last = first
    for value in 1..<specification.nodes {
      let node = ChainNode(value: value, payloadBytes: specification.payload)
      node.back = Back(last)
      last.next = node
      last = node
    }
    if specification.topology == .ring { first.back = Back(last) }
    return first
  }

  func cutBackLinks() {
    var node: ChainNode? = self
    while let current = node {
      current.back = Back(nil)
      node = current.next
    }
  }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    var node: ChainNode? = self
    while let current = node {
      current.forEachOwnBlock(body)
      node = current.next
    }
  }
}

/// A node that owns the next one of its kind.
protocol ChainLink: AnyObject {
  var next: Self? { get set }
}

/// Takes a chain of owners apart link by link, as far as nothing else owns them: what the runtime would do by
/// recursion, a stack frame for each node, done in constant memory.
@inline(__always)
func releaseChain<Node: ChainLink>(_ next: inout Node?) {
  var node = next
  next = nil
  while isKnownUniquelyReferenced(&node) {
    let rest = node?.next
    node?.next = nil
    node = rest
  }
}
