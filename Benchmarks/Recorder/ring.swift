/// A ring of nodes that stay: what recording costs a program that allocates and keeps. Arguments: nodes [hold].
/// Prints the seconds that building took; with `hold` it then waits for the end of its input.

import Glibc

final class Node {
  var next: Node?
  init(next: Node?) { self.next = next }
}

let count = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 3_000_000
let clock = ContinuousClock()
var first: Node? = nil
let time = clock.measure {
  let last = Node(next: nil)
  var node = last
  for _ in 1..<count { node = Node(next: node) }
  last.next = node
  first = last
}
setbuf(stdout, nil)
guard first?.next != nil else { fatalError("the ring is not there") }
print(Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
if CommandLine.arguments.count > 2 { _ = readLine() }
withExtendedLifetime(first) {}
