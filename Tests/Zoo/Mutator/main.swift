// Changes a large graph from several threads, and leaks nothing, until its standard input is closed: what a live program
// looks like that is inspected in the midst of it.
//
//     ZooMutator [OBJECTS [THREADS]]      175,000 objects and 3 threads, unless told otherwise
//
// Prints "ready" once the graph stands, and at the end the number of changes, and the number of live objects before and
// after the graph was dropped, which is 0.

import Glibc
import Synchronization

func number(_ position: Int, orElse other: Int) -> Int {
  guard CommandLine.arguments.count > position else { return other }
  guard let number = Int(CommandLine.arguments[position]), number > 0 else {
    print("usage: ZooMutator [OBJECTS [THREADS]]")
    exit(64)
  }
  return number
}

let objects = number(1, orElse: 175_000)
let threadCount = number(2, orElse: 3)
let threads = (0..<threadCount).map { position in
  // Once it has run for a while, an item holds two to three others.
  startThread(items: objects / threadCount * 2 / 7, seed: position + 1)
}
while standing.load(ordering: .acquiring) < threadCount { usleep(1_000) }
print("ready")
fflush(nil)
var byte: UInt8 = 0
while read(0, &byte, 1) > 0 {}
let before = live.load(ordering: .relaxed)
stopping.store(true, ordering: .relaxed)
for thread in threads { pthread_join(thread, nil) }
let (changed, after) = (changes.load(ordering: .relaxed), live.load(ordering: .relaxed))
print("\(changed) changes, \(before) live objects, \(after) at the end")
