/// `clique16`: clusters of 16 nodes; each owns the next of its cluster, and points back to the 15 others.
/// The root is an array of the clusters' heads.
struct Clusters<Back: BackReference, Payload: NodePayload>: GraphRoot {
  let heads: [CliqueNode<Back, Payload>]

  static func build(_ specification: GraphSpecification) -> Clusters {
    let size = CliqueShape.size
    var heads: [CliqueNode<Back, Payload>] = []
    heads.reserveCapacity((specification.nodes + size - 1) / size)
    for first in stride(from: 0, to: specification.nodes, by: size) {
      heads.append(cluster(first..<min(first + size, specification.nodes), payload: specification.payload))
    }
    return Clusters(heads: heads)
  }

  private static func cluster(_ values: Range<Int>, payload: Int) -> CliqueNode<Back, Payload> {
    let head = CliqueNode<Back, Payload>(value: values.lowerBound, payloadBytes: payload)
    var last = head
    for value in values.dropFirst() {
      let node = CliqueNode<Back, Payload>(value: value, payloadBytes: payload)
      last.next = node
      last = node
    }
    var from: CliqueNode<Back, Payload>? = head
    while let node = from {
      var to: CliqueNode<Back, Payload>? = head
      var slot = 0
      while let other = to {
        if other !== node {
          node.others[slot] = Back(other)
          slot += 1
        }
        to = other.next
      }
      from = node.next
    }
    return head
  }

  func cutBackLinks() {
    forEachNode { node in
      for slot in node.others.indices { node.others[slot] = Back(nil) }
    }
  }

  func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void) { heads.forEachStorageBlock(body) }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    forEachNode { node in
      node.forEachOwnBlock(body)
    }
  }

  private func forEachNode(_ body: (CliqueNode<Back, Payload>) -> Void) {
    for head in heads {
      var next: CliqueNode<Back, Payload>? = head
      while let node = next {
        body(node)
        next = node.next
      }
    }
  }
}

enum CliqueShape {
  /// Nodes of a cluster.
  static let size = 16
}

final class CliqueNode<Back: BackReference, Payload: NodePayload>: Node<Payload> {
  var next: CliqueNode?
  var others = InlineArray<15, Back>(repeating: Back(nil))
}
