import ProcessImage

/// Threads that wait in the kernel and are in no code but the C library's and Dispatch's: a worker that waits for work, or the main
/// thread after `main` has returned. What their stacks hold of Swift objects are words that earlier calls left behind.
///
/// A worker that runs has perhaps just taken a task, of which nobody else knows, from its queue, and not called into Swift yet.
///
/// The rest needs no unwinding: whoever has called down to where a thread is has a return address on its stack. A stale return
/// address makes a thread look busy, which hides a leak at worst.
struct RestingThreads {
  /// By the thread's number in `Snapshot.threads`.
  private let isResting: [Bool]

  /// File names, up to the first dot, of what a resting thread is in.
  private static let systemImages: Set<Substring> = ["libc", "libdispatch", "ld-linux-x86-64", "libpthread"]
  /// `_start` calls main, and does nothing else: about so many bytes (sysdeps/x86_64/start.S).
  private static let startBytes = 64

  init(_ snapshot: Snapshot) {
    var busy: [Range<Address>] = []
    for mapping in snapshot.mappings
    where mapping.permissions.contains(.execute) && !mapping.permissions.contains(.write) {
      let name = mapping.name.split(separator: "/").last?.split(separator: ".").first
      if mapping.name == "[vdso]" || mapping.name == "[vsyscall]" { continue }
      if let name, Self.systemImages.contains(name) { continue }
      busy.append(mapping.start..<mapping.end)
    }
    let starts = snapshot.images.compactMap { image in
      image.address(ofSymbol: "_start").map { $0..<($0 + Self.startBytes) }
    }
    func isBusy(_ word: UInt64) -> Bool {
      let address = Address(word)
      let index = busy.partitioningIndex { $0.upperBound > address }
      guard index < busy.count, busy[index].contains(address) else { return false }
      return !starts.contains { $0.contains(address) }
    }
    isResting = snapshot.threads.map { thread in
      let registers = thread.registers
      guard registers.areOfWaiting, !isBusy(registers.instructionPointer.bits),
        let mapping = snapshot.mapping(containing: registers.stackPointer)
      else { return false }
      // A thread's descriptor, at the upper end of its stack, names the function that it began with.
      let pointer = registers.threadPointer
      let end = mapping.contains(pointer) ? pointer : mapping.end
      let start = registers.stackPointer
      let bytes = snapshot.bytes(from: start)
      let count = min(bytes.count, end.distance(from: start))
      guard count > 0 else { return false }
      return !stride(from: 0, to: count - 7, by: 8).contains {
        isBusy(bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
      }
    }
  }

  func contains(_ thread: UInt32) -> Bool { isResting[Int(thread)] }
}
