import SeededRandom

/// `random`: the root, an array, owns every node; each node has 4 back links to random nodes, itself not excluded.
struct RandomNodes<Back: BackReference, Payload: NodePayload>: GraphRoot {
  let nodes: [RandomNode<Back, Payload>]

  static func build(_ specification: GraphSpecification) -> RandomNodes {
    var nodes: [RandomNode<Back, Payload>] = []
    nodes.reserveCapacity(specification.nodes)
    for value in 0..<specification.nodes {
      nodes.append(RandomNode(value: value, payloadBytes: specification.payload))
    }
    var generator = SplitMix64(seed: specification.seed)
    for node in nodes {
      for slot in node.links.indices {
        node.links[slot] = Back(nodes[generator.next(below: nodes.count)])
      }
    }
    return RandomNodes(nodes: nodes)
  }

  func cutBackLinks() {
    for node in nodes {
      for slot in node.links.indices { node.links[slot] = Back(nil) }
    }
  }

  func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void) { nodes.forEachStorageBlock(body) }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    for node in nodes {
      node.forEachOwnBlock(body)
    }
  }
}

final class RandomNode<Back: BackReference, Payload: NodePayload>: Node<Payload> {
  var links = InlineArray<4, Back>(repeating: Back(nil))
}
