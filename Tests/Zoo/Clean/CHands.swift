// Objects whose references lie in memory that Swift knows nothing of.

import CZoo
import Glibc
import ZooSupport

let cHandsCases: [ZooCase] = [
  ZooCase("c-global-context") { zoo_slot_set(0, retained(Part.ring())) },
  ZooCase("c-list-of-contexts") { for _ in 0..<4 { zoo_register({ zoo_use($0) }, retained(Part.ring())) } },
  ZooCase("c-address-of-self-owner") { keepAlive() },
  ZooCase("c-address-of-self-owner-closure") { keepAliveByClosure() },
  ZooCase("c-chain-of-blocks") { chainBlocks() },
  ZooCase("c-interior-pointer") { keepInterior() },
  ZooCase("c-tagged-pointer") { keepTagged() },
  ZooCase("c-pointer-with-upper-tag") { keepTaggedAbove() },
  ZooCase("c-complemented-pointer") { keepComplement() },
  ZooCase("c-reallocated-table") { growTable() },
  ZooCase("c-aligned-block") { alignBlock() },
  ZooCase("c-large-block") { largeBlock() },
  ZooCase("c-search-tree") { plantTree() },
  ZooCase("c-open-file-cookie") { openCookie() },
  ZooCase("c-exit-handler") { registerExit() },
  ZooCase("integer-field-holds-pointer") { keepInteger() },
  ZooCase("pointer-field-holds-context") { keepPointer() },
  ZooCase("array-of-integers-holds-pointers") { keepIntegers() },
  ZooCase("bytes-hold-pointer") { keepBytes() },
  ZooCase("mapped-region-private") { mapRegion(flags: MAP_PRIVATE | MAP_ANONYMOUS) },
  ZooCase("mapped-region-behind-guard") { guardRegion() },
  ZooCase("mapped-region-shared") { mapRegion(flags: MAP_SHARED | MAP_ANONYMOUS) },
  ZooCase("mapped-region-read-only") { protectRegion() },
  ZooCase("mapped-file-private") { mapFile(flags: MAP_PRIVATE) },
  ZooCase("mapped-file-shared") { mapFile(flags: MAP_SHARED) },
  ZooCase("mapped-region-large") { mapLargeRegion() },
  ZooCase("pointer-in-pipe") { sendThroughPipe() },
  ZooCase("pointer-in-epoll") { registerWithKernel() },
  ZooCase("pointer-scrambled") { scramble() },
]

final class Part {
  var next: Part?
  init() { born(self) }
  deinit { died(self) }
  static func ring() -> Part {
    let one = Part()
    one.next = Part()
    one.next?.next = one
    return one
  }
}

/// An address that owns the object.
private func retained(_ object: AnyObject) -> UnsafeMutableRawPointer {
  Unmanaged.passRetained(object).toOpaque()
}

// An object that keeps itself until C calls it: its count is explained by its own field, and C has the bare address.
final class Transfer {
  private var keepAlive: Transfer?
  private var bytes = 0
  init() { born(self) }
  deinit { died(self) }

  func start() {
    keepAlive = self
    zoo_register(
      {
        let transfer = Unmanaged<Transfer>.fromOpaque($0!).takeUnretainedValue()
        transfer.keepAlive = nil
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}

private func keepAlive() { for _ in 0..<2 { Transfer().start() } }

final class Resolver {
  private var finish: (() -> Void)?
  private var answers = 0
  init() { born(self) }
  deinit { died(self) }

  func start(step: Int) {
    finish = {
      self.answers += step
      self.finish = nil
    }
    zoo_slot_set(1, Unmanaged.passUnretained(self).toOpaque())
  }
}

private func keepAliveByClosure() { Resolver().start(step: 2) }

private func chainBlocks() {
  var first: UnsafeMutablePointer<zoo_handler>?
  for _ in 0..<5 {
    let handler = zoo_handler_create({ zoo_use($0) }, retained(Part.ring()))
    handler.pointee.next = first
    first = handler
  }
  zoo_slot_set(2, first)
}

// C keeps the address of the elements, as an API of buffers does; the count is C's as well.
final class Samples: ManagedBuffer<Int, Double> {
  deinit { died(self) }
}

private func keepInterior() {
  let samples = Samples.create(minimumCapacity: 100) { _ in 100 }
  born(samples)
  _ = Unmanaged.passRetained(samples)
  samples.withUnsafeMutablePointerToElements { elements in
    elements.initialize(repeating: 0.5, count: 100)
    zoo_slot_set(3, elements)
  }
}

// C keeps a flag in the lowest bit.
private func keepTagged() { zoo_slot_set(4, retained(Part.ring()) + 1) }

// A counter in the 16 bits that no address of a user's needs, as in lists without locks.
private func keepTaggedAbove() {
  zoo_slot_set(8, UnsafeRawPointer(bitPattern: UInt(bitPattern: retained(Part.ring())) | 0x1234 << 48))
}

// As Dispatch does.
private func keepComplement() {
  zoo_slot_set(5, UnsafeRawPointer(bitPattern: ~UInt(bitPattern: retained(Part.ring()))))
}

private func growTable() {
  var table: UnsafeMutableRawPointer?
  for index in 0..<100 {
    table = realloc(table, (index + 1) * 8)
    table!.storeBytes(of: retained(Part()), toByteOffset: index * 8, as: UnsafeMutableRawPointer.self)
  }
  zoo_slot_set(6, table)
}

private func alignBlock() {
  var block: UnsafeMutableRawPointer?
  precondition(posix_memalign(&block, 4_096, 8_192) == 0)
  block!.storeBytes(of: retained(Part.ring()), toByteOffset: 8_184, as: UnsafeMutableRawPointer.self)
  zoo_slot_set(7, block)
}

private func largeBlock() {
  let size = 3 << 20
  let block = malloc(size)!
  block.storeBytes(of: retained(Part.ring()), toByteOffset: size - 8, as: UnsafeMutableRawPointer.self)
  zoo_slot_set(8, block)
}

nonisolated(unsafe) private var tree: UnsafeMutableRawPointer?

private func plantTree() {
  for _ in 0..<20 {
    let found = tsearch(retained(Part.ring()), &tree) { one, other in
      let (one, other) = (UInt(bitPattern: one), UInt(bitPattern: other))
      return one < other ? -1 : one == other ? 0 : 1
    }
    precondition(found != nil)
  }
}

private func openCookie() { zoo_slot_set(9, zoo_open_cookie(retained(Part.ring()))) }

nonisolated(unsafe) private var exitContext: UnsafeMutableRawPointer?

private func registerExit() {
  exitContext = retained(Part.ring())
  atexit { zoo_use(exitContext) }
}

// A class that wraps a C handle as an integer, and another that wraps it as a pointer.
final class HandleWrapper {
  let handle: UInt
  init(handle: UInt) {
    self.handle = handle
    born(self)
  }
  deinit { died(self) }
}

nonisolated(unsafe) private var wrapper: HandleWrapper?

private func keepInteger() { wrapper = HandleWrapper(handle: UInt(bitPattern: retained(Part.ring()))) }

final class ContextWrapper {
  var name = "context"
  let context: UnsafeMutableRawPointer?
  let table: UnsafeMutablePointer<OpaquePointer?>
  init(context: UnsafeMutableRawPointer) {
    self.context = context
    table = .allocate(capacity: 2)
    table.initialize(repeating: nil, count: 2)
    table[1] = OpaquePointer(retained(Part.ring()))
    born(self)
  }
  deinit { died(self) }
}

nonisolated(unsafe) private var contextWrapper: ContextWrapper?

private func keepPointer() { contextWrapper = ContextWrapper(context: retained(Part.ring())) }

nonisolated(unsafe) private var handles: [UInt] = []
nonisolated(unsafe) private var handlesByName: [String: Int] = [:]

private func keepIntegers() {
  for index in 0..<10 {
    handles.append(UInt(bitPattern: retained(Part())))
    handlesByName["\(index)"] = Int(bitPattern: retained(Part()))
  }
}

nonisolated(unsafe) private var bytes: [UInt8] = []

private func keepBytes() {
  withUnsafeBytes(of: retained(Part.ring())) { bytes = Array($0) + [0, 0] }
}

// Memory of mmap's, of several kinds.
private func fill(_ region: UnsafeMutableRawPointer, size: Int) {
  let parts = region.bindMemory(to: Part.self, capacity: size / 8)
  (parts + size / 8 - 1).initialize(to: Part.ring())
  parts.initialize(to: Part())
}

private func mapRegion(flags: Int32) {
  let size = 8_192
  let region = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0)!
  fill(region, size: size)
  blackHole(region)
}

// Laid out as a thread's stack is.
private func guardRegion() {
  let size = 16_384
  let region = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
  mprotect(region, 4_096, PROT_NONE)
  fill(region + 4_096, size: 4_096)
}

private func protectRegion() {
  let size = 4_096
  let region = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
  fill(region, size: size)
  mprotect(region, size, PROT_READ)
}

private func mapFile(flags: Int32) {
  let size = 4_096
  var path = Array("/tmp/weakspot-zoo-XXXXXX".utf8CString)
  let descriptor = mkstemp(&path)
  precondition(descriptor >= 0 && unlink(path) == 0 && ftruncate(descriptor, off_t(size)) == 0)
  fill(mmap(nil, size, PROT_READ | PROT_WRITE, flags, descriptor, 0)!, size: size)
  close(descriptor)
}

private func mapLargeRegion() {
  // Mostly untouched, as a hash table or a stack that was reserved ahead.
  let size = 256 << 20
  fill(mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_NORESERVE), -1, 0)!, size: size)
}

// Out of reach: nobody but the kernel, or nobody who does not know the key, has the reference.
private func sendThroughPipe() {
  var ends: [Int32] = [0, 0]
  precondition(pipe(&ends) == 0)
  sendReference(to: ends[1])
  zoo_scrub_stack()
}

@inline(never)
private func sendReference(to descriptor: Int32) {
  var address = retained(Part.ring())
  precondition(write(descriptor, &address, 8) == 8)
}

private func registerWithKernel() {
  registerReference()
  zoo_scrub_stack()
}

@inline(never)
private func registerReference() {
  precondition(zoo_epoll_hold(retained(Part.ring())) == 0)
}

nonisolated(unsafe) private var scrambled: UInt = 0

private func scramble() {
  keepScrambled()
  zoo_scrub_stack()
}

@inline(never)
private func keepScrambled() { scrambled = UInt(bitPattern: retained(Part.ring())) ^ 0x1234_5678_9abc_def0 }
