// Measures its own process on its main thread, with nothing else running in it, and prints a line per check:
// NAME=VALUE. HeapProbeTests starts it and says which values are right.

import Glibc
import HeapProbe

func report(_ name: String, _ value: Int) { print("\(name)=\(value)") }

let first = try Checkpoint.take()
let second = try Checkpoint.take()
let firstDifference = second.heap.inUse - first.heap.inUse
// What the first use of the others allocates is not the matter here.
_ = try ThreadCache.empty().blocksPerSize

var differences = 0
for _ in 0..<1000 {
  let one = try Checkpoint.take()
  let other = try Checkpoint.take()
  if other.heap != one.heap { differences += 1 }
}

let size = 1 << 20
let before = try Checkpoint.take()
let block = malloc(size)
let planted = try Checkpoint.take()
free(block)
let after = try Checkpoint.take()

let touchedSize = 64 << 20
try ResidentMemory.resetPeak()
let untouched = try Checkpoint.take()
let mapping = mmap(nil, touchedSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
memset(mapping, 1, touchedSize)
let touched = try Checkpoint.take()
munmap(mapping, touchedSize)
let unmapped = try Checkpoint.take()
try ResidentMemory.resetPeak()
let peakAfterReset = try ResidentMemory.peak()

let frames = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 64)
_ = CallStack.capture(into: frames)
let beforeCaptures = try HeapCounters.read().inUse
for _ in 0..<100 { _ = CallStack.capture(into: frames) }
let capturedBytes = try HeapCounters.read().inUse - beforeCaptures

/// How many times the touched size, rounded: the kernel's counts of pages may lag by some.
func sizes(_ bytes: Int) -> Int { (bytes + touchedSize / 2) / touchedSize }

/// Heap bytes that 100 blocks leave in use once they are freed, with the cache filled before or not.
func rest(ofBlocksOf bytes: Int, filling: Bool) throws -> Int {
  let blocks = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>.allocate(capacity: 100)
  defer { blocks.deallocate() }
  var cache = try ThreadCache.empty()
  let before = try HeapCounters.read().inUse
  for index in blocks.indices { blocks[index] = malloc(bytes) }
  if filling { cache.fill() }
  for block in blocks { free(block) }
  let rest = try HeapCounters.read().inUse - before
  if !filling { cache.fill() }
  return rest
}

_ = try rest(ofBlocksOf: 24, filling: true)
let filled = try [24, 40, 56, 200, 1032].map { try rest(ofBlocksOf: $0, filling: true) }
let unfilled = try rest(ofBlocksOf: 40, filling: false)

report("the process's first two checkpoints", firstDifference)
report("checkpoints that differ from the one before", differences)
report("planted bytes in use", planted.heap.inUse - before.heap.inUse)
report("planted bytes mapped", planted.heap.mapped - before.heap.mapped)
report("bytes in use after free", after.heap.inUse - before.heap.inUse)
report("resident", sizes(touched.resident.resident - untouched.resident.resident))
report("private dirty", sizes(touched.resident.privateDirty - untouched.resident.privateDirty))
report("resident after unmapping", sizes(unmapped.resident.resident - untouched.resident.resident))
report("peak after unmapping", sizes(unmapped.peakResident - untouched.resident.resident))
report("peak after reset", sizes(peakAfterReset - untouched.resident.resident))
report("faults", touched.minorFaults > untouched.minorFaults ? 1 : 0)
report("bytes captured stacks leave in use", capturedBytes)
report("blocks a thread caches", try ThreadCache.empty().blocksPerSize)
for (bytes, rest) in zip([24, 40, 56, 200, 1032], filled) { report("filled, \(bytes)", rest) }
report("unfilled, 40", unfilled)
