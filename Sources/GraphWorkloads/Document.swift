/// `document`: a page's tree of elements as a browser keeps it. Elements own their children, 8 at most; the document
/// owns an index of all elements by name; back: parent, previous sibling, and the capture of each element's listener.
/// The root is the document.
final class Document<Back: BackReference, Payload: NodePayload>: Node<Payload>, GraphRoot {
  var index: [String: Element<Back, Payload>] = [:]

  private static var fanOut: Int { 8 }

  static func build(_ specification: GraphSpecification) -> Document {
    let document = Document(value: 0, payloadBytes: specification.payload)
    guard specification.nodes > 1 else { return document }
    document.index.reserveCapacity(specification.nodes - 1)
    let top = document.makeElement(0, specification)
    top.parent = Back(document)
    return document
  }

  /// The element at a position of the level order, with all below it.
  private func makeElement(_ position: Int, _ specification: GraphSpecification) -> Element<Back, Payload> {
    let element = Element<Back, Payload>(value: position, payloadBytes: specification.payload)
    element.listeners = [Back.capture(element)]
    index[element.name] = element
    let first = Self.fanOut * position + 1
    let elements = specification.nodes - 1
    guard first < elements else { return element }
    element.children.reserveCapacity(Self.fanOut)
    for position in first..<min(first + Self.fanOut, elements) {
      let child = makeElement(position, specification)
      child.parent = Back(element)
      child.previousSibling = Back(element.children.last)
      element.children.append(child)
    }
    return element
  }

  func cutBackLinks() {
    for element in index.values {
      element.parent = Back(nil)
      element.previousSibling = Back(nil)
      element.listeners = []
    }
  }

  func forEachBlock(_ body: (UnsafeRawPointer) -> Void) {
    forEachOwnBlock(body)
    index.forEachStorageBlock(body)
    for element in index.values {
      element.forEachOwnBlock(body)
      element.children.forEachStorageBlock(body)
      element.listeners.forEachStorageBlock(body)
      for listener in element.listeners { listener.forEachBlock(capturing: element, body) }
    }
  }
}

final class Element<Back: BackReference, Payload: NodePayload>: Node<Payload> {
  var children: [Element] = []
  var parent = Back(nil)
  var previousSibling = Back(nil)
  var listeners: [Handler] = []
  /// Short enough to lie in the string itself.
  let name: String

  required init(value: Int, payloadBytes: Int) {
    name = "e\(value)"
    super.init(value: value, payloadBytes: payloadBytes)
  }
}
