// Arrays whose elements are not what the program's types say at the moment: they own nothing, or own it twice.

/// As large as an array of three objects, with an address where that has its second element.
final class Neighbour {
  let numbers = (1, 2, 3)
  unowned(unsafe) var other: AnyObject?
  let last = 4
}

/// Two blocks that lead to each other, and are freed.
@inline(never)
private func makeNeighbours() {
  let one = Neighbour()
  let other = Neighbour()
  one.other = other
  other.other = one
  withExtendedLifetime((one, other)) {}
}

@inline(never)
private func literal(_ body: () -> AnyObject) -> [AnyObject] { [Node(number: 1), body(), Node(number: 3)] }

/// An array literal's second element takes long to make, and so does that one's own second element: both arrays lie where the
/// freed neighbours lay, and still hold each other's address.
func makeNestedLiterals(_ body: () -> Void) {
  makeNeighbours()
  let made = literal {
    literal {
      body()
      return Node(number: 2)
    }[0]
  }
  withExtendedLifetime(made) {}
}

/// Elements are moved within their array, as in a sort: the place of the first stays as it was for a while.
func moveElements(_ body: () -> Void) {
  var nodes = (0..<8).map(Node.init)
  nodes.withUnsafeMutableBufferPointer { nodes in
    guard let first = nodes.baseAddress else { return }
    let last = (first + 7).move()
    (first + 7).initialize(to: first.move())
    body()
    first.initialize(to: last)
  }
}
