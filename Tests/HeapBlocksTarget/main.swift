// A Swift program that says where its objects are: for the tests of HeapBlocks. Usage: HeapBlocksTarget LIST
// It writes the address and the usable size of every object and array storage that it holds to LIST, says "ready", and ends
// with its standard input.
import Glibc

final class Node {
  var next: Node?
  var payload: [Int]
  init(_ size: Int) { payload = Array(repeating: size, count: size) }
}

final class Wide {
  var words: (Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0)
}

nonisolated(unsafe) var kept: [AnyObject] = []
var triples: [UInt64] = []

func work(_ count: Int) -> [AnyObject] {
  var objects: [AnyObject] = []
  for index in 0..<count {
    let node = Node(index % 50)
    objects.append(index % 3 == 0 ? Wide() : node)
    if index % 7 == 0 { objects.remove(at: objects.count / 2) }
  }
  return objects
}

/// A thread of its own, with an arena of its own.
func run(_ body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?) {
  var thread = pthread_t()
  guard pthread_create(&thread, nil, body, nil) == 0 else { exit(2) }
  pthread_join(thread, nil)
}

for _ in 0..<4 {
  run { _ in
    kept += work(5_000)
    return nil
  }
}
kept += work(20_000)
// <malloc.h> is not in Swift's module of the C library.
typealias UsableSize = @convention(c) (UnsafeMutableRawPointer) -> Int
guard let symbol = dlsym(nil, "malloc_usable_size") else { exit(2) }
let usableSize = unsafeBitCast(symbol, to: UsableSize.self)
triples.reserveCapacity(3 * kept.count)
for object in kept {
  let address = Unmanaged.passUnretained(object).toOpaque()
  triples += [UInt64(UInt(bitPattern: address)), 0, UInt64(usableSize(address))]
}
guard CommandLine.arguments.count == 2, let file = fopen(CommandLine.arguments[1], "w"),
  fwrite(triples, 8, triples.count, file) == triples.count, fclose(file) == 0
else { exit(2) }
puts("ready")
fflush(nil)
while getchar() >= 0 {}
