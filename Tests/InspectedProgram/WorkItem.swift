import CZoo
import Dispatch
import Glibc
import Synchronization

/// What a work item's context leads to.
final class Work {
  let number = 1
}

/// The work item that libdispatch freed last on this thread: `dispatch_tsd` (src/shims/tsd.h) begins with the thread's number,
/// and has the list of freed items 24 bytes on. Thread-local variables lie below the thread's descriptor; another one there may
/// have the number too, and then an address near itself.
private func lastFreedItem() -> UnsafeMutableRawPointer? {
  let descriptor = UInt(pthread_self())
  guard let base = UnsafeRawPointer(bitPattern: descriptor) else { return nil }
  let number = currentThread()
  let words = stride(from: -8, through: -4096, by: -8).lazy
    .filter { base.load(fromByteOffset: $0, as: Int32.self) == number }
    .map { base.load(fromByteOffset: $0 + 24, as: UInt.self) }
  return words.first { $0 % 16 == 0 && $0 > 4096 && $0 / (8 << 20) != descriptor / (8 << 20) }
    .flatMap(UnsafeMutableRawPointer.init(bitPattern:))
}

/// Gives an object to the item alone, as its context (`dc_ctxt`, src/queue_internal.h).
@inline(never)
private func handOver(to item: UnsafeMutableRawPointer) {
  item.storeBytes(of: Unmanaged.passRetained(Work()).toOpaque(), toByteOffset: 40, as: UnsafeMutableRawPointer.self)
}

/// A worker has taken an item, put it into its cache of freed ones, and not yet called what it names: only the words of the
/// item, which the worker has in a register, lead to the object.
func holdWorkItem() {
  let hasItem = DispatchSemaphore(value: 0)
  let isFilled = Atomic(false)
  DispatchQueue.global().async {
    zoo_slot_set(0, lastFreedItem())
    hasItem.signal()
    while !isFilled.load(ordering: .acquiring) { usleep(1000) }
    zoo_slot_hold(0)
  }
  hasItem.wait()
  guard let item = zoo_slot(0) else { fatalError("libdispatch keeps no work item") }
  // By another thread, whose registers and stack forget it.
  handOver(to: item)
  withExtendedLifetime(Heap.build()) {}
  zoo_scrub_stack()
  isFilled.store(true, ordering: .releasing)
  while zoo_slot(0) != nil { usleep(1000) }
}
