/// The nodes of `tree2` and `tree16`. The root is the top; the trees are complete: node i of the level order has the
/// children that an implicit heap gives it, so the depth is the logarithm of the count.

final class BinaryNode<Back: BackReference, Payload: NodePayload>: Node<Payload>, GraphRoot {
  var left: BinaryNode?
  var right: BinaryNode?
  var parent = Back(nil)

  static func build(_ specification: GraphSpecification) -> BinaryNode {
    build(0, specification)
  }

  private static func build(_ position: Int, _ specification: GraphSpecification) -> BinaryNode {
    let node = BinaryNode(value: position, payloadBytes: specification.payload)
    if 2 * position + 1 < specification.nodes {
      let left = build(2 * position + 1, specification)
      left.parent = Back(node)
      node.left = left
    }
    if 2 * position + 2 < specification.nodes {
      let right = build(2 * position + 2, specification)
      right.parent = Back(node)
      node.right = right
    }
    return node
  }

  func cutBackLinks() {
    parent = Back(nil)
    left?.cutBackLinks()
    right?.cutBackLinks()
  }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    forEachOwnBlock(body)
    left?.forEachBlock(body)
    right?.forEachBlock(body)
  }
}

final class WideNode<Back: BackReference, Payload: NodePayload>: Node<Payload>, GraphRoot {
  var children: [WideNode] = []
  var parent = Back(nil)

  static var fanOut: Int { 16 }

  static func build(_ specification: GraphSpecification) -> WideNode {
    build(0, specification)
  }

  private static func build(_ position: Int, _ specification: GraphSpecification) -> WideNode {
    let node = WideNode(value: position, payloadBytes: specification.payload)
    let first = fanOut * position + 1
    guard first < specification.nodes else { return node }
    node.children.reserveCapacity(fanOut)
    for child in first..<min(first + fanOut, specification.nodes) {
      let child = build(child, specification)
      child.parent = Back(node)
      node.children.append(child)
    }
    return node
  }

  func cutBackLinks() {
    parent = Back(nil)
    for child in children { child.cutBackLinks() }
  }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    forEachOwnBlock(body)
    children.forEachStorageBlock(body)
    for child in children { child.forEachBlock(body) }
  }
}
