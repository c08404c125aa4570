/// `delegate`: each owner owns a worker, whose delegate is the owner. The root is an array of the owners.
/// With an odd count the last owner has no worker.
struct Owners<Back: BackReference, Payload: NodePayload>: GraphRoot {
  let owners: [Owner<Back, Payload>]

  static func build(_ specification: GraphSpecification) -> Owners {
    var owners: [Owner<Back, Payload>] = []
    owners.reserveCapacity((specification.nodes + 1) / 2)
    for value in stride(from: 0, to: specification.nodes, by: 2) {
      let owner = Owner<Back, Payload>(value: value, payloadBytes: specification.payload)
      if value + 1 < specification.nodes {
        let worker = Worker<Back, Payload>(value: value + 1, payloadBytes: specification.payload)
        worker.delegate = Back(owner)
        owner.worker = worker
      }
      owners.append(owner)
    }
    return Owners(owners: owners)
  }

  func cutBackLinks() {
    for owner in owners { owner.worker?.delegate = Back(nil) }
  }

  func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void) { owners.forEachStorageBlock(body) }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    for owner in owners {
      owner.forEachOwnBlock(body)
      guard let worker = owner.worker else { continue }
      worker.forEachOwnBlock(body)
    }
  }
}

final class Owner<Back: BackReference, Payload: NodePayload>: Node<Payload> {
  var worker: Worker<Back, Payload>?
}

final class Worker<Back: BackReference, Payload: NodePayload>: Node<Payload> {
  var delegate = Back(nil)
}
