/// `observer`: a subject owns a dictionary of closures, one for each of its 15 observers, who own the subject; each
/// closure captures its observer. The root is an array of all observers. The last group may be smaller; a single node
/// left over is an observer without a subject.
struct Observers<Back: BackReference, Payload: NodePayload>: GraphRoot {
  let observers: [Observer<Back, Payload>]

  private static var groupSize: Int { 16 }

  static func build(_ specification: GraphSpecification) -> Observers {
    let nodes = specification.nodes
    var observers: [Observer<Back, Payload>] = []
    observers.reserveCapacity(nodes - nodes / groupSize)
    for first in stride(from: 0, to: nodes, by: groupSize) {
      let group = first..<min(first + groupSize, nodes)
      guard group.count > 1 else {
        observers.append(Observer(value: first, payloadBytes: specification.payload))
        continue
      }
      let subject = Subject<Back, Payload>(value: first, payloadBytes: specification.payload)
      subject.handlers.reserveCapacity(group.count - 1)
      for value in group.dropFirst() {
        let observer = Observer<Back, Payload>(value: value, payloadBytes: specification.payload)
        observer.subject = subject
        subject.handlers[value] = Back.capture(observer)
        observers.append(observer)
      }
    }
    return Observers(observers: observers)
  }

  func cutBackLinks() {
    for observer in observers { observer.subject?.handlers = [:] }
  }

  func forEachRootBlock(_ body: (UnsafeRawPointer) -> Void) { observers.forEachStorageBlock(body) }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    var last: Subject<Back, Payload>?
    for observer in observers {
      observer.forEachOwnBlock(body)
      guard let subject = observer.subject else { continue }
      subject.handlers[observer.value]?.forEachBlock(capturing: observer, body)
      // A subject's observers stand next to each other.
      if subject !== last {
        subject.forEachOwnBlock(body)
        subject.handlers.forEachStorageBlock(body)
        last = subject
      }
    }
  }
}

final class Subject<Back: BackReference, Payload: NodePayload>: Node<Payload> {
  var handlers: [Int: Handler] = [:]
}

final class Observer<Back: BackReference, Payload: NodePayload>: Node<Payload> {
  var subject: Subject<Back, Payload>?
}
