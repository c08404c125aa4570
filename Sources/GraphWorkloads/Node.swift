/// What every node of every model has: one 8-byte value, the payload, and its place in the counts.
class Node<Payload: NodePayload> {
  let value: Int
  let payload: Payload

  required init(value: Int, payloadBytes: Int) {
    self.value = value
    payload = Payload(bytes: payloadBytes)
    InstanceCounts.countCreated()
  }

  deinit { InstanceCounts.countDeinited() }

  /// Calls `body` with the start of the instance's block and of each that its payload takes.
  final func forEachOwnBlock(_ body: (UnsafeRawPointer) -> Void) {
    body(block(of: self))
    payload.forEachBlock(body)
  }
}
