/// `closure`: each object owns a closure, which captures the object. The root is an array of the objects.
struct ClosureHolders<Back: BackReference, Payload: NodePayload>: GraphRoot {
  let holders: [ClosureHolder<Back, Payload>]

  static func build(_ specification: GraphSpecification) -> ClosureHolders {
    var holders: [ClosureHolder<Back, Payload>] = []
    holders.reserveCapacity(specification.nodes)
    for value in 0..<specification.nodes {
      let holder = ClosureHolder<Back, Payload>(value: value, payloadBytes: specification.payload)
      holder.handler = Back.capture(holder)
      holders.append(holder)
    }
    return ClosureHolders(holders: holders)
  }

  func cutBackLinks() {
    for holder in holders { holder.handler = nil }
  }

  func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void) { holders.forEachStorageBlock(body) }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    for holder in holders {
      holder.forEachOwnBlock(body)
      holder.handler?.forEachBlock(capturing: holder, body)
    }
  }
}

final class ClosureHolder<Back: BackReference, Payload: NodePayload>: Node<Payload> {
  var handler: Handler?
}

extension Handler {
  /// Calls `body` with the start of the context's block. A closure that captures one object strongly has the object
  /// itself as its context, and no block of its own.
  func forEachBlock(capturing object: AnyObject, _ body: (UnsafeRawPointer) -> Void) {
    guard let context, context != block(of: object) else { return }
    body(context)
  }
}
