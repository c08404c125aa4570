// Words that lie on a live stack and own nothing: what is left in a frame's unused slots of what was there before. A
// tool that believes them misses the leak.

import Synchronization

enum StaleWords {
  /// In this form no word in memory looks like the address.
  private static let mask: UInt = 0x5555_5555_5555_5555
  private static let limit = 64
  private static let remembered = Mutex<[UInt]>([])

  static func remember(_ address: UnsafeMutableRawPointer) {
    guard Run.current.leavesStaleWords else { return }
    remembered.withLock { words in
      if words.count < limit { words.append(UInt(bitPattern: address) ^ mask) }
    }
  }

  /// Runs `body` with the addresses of the first objects that were born on this thread's stack.
  static func onStack(_ body: () -> Void) {
    guard Run.current.leavesStaleWords else { return body() }
    withUnsafeTemporaryAllocation(of: UInt.self, capacity: limit) { stack in
      let words = remembered.withLock { $0 }
      for slot in 0..<limit {
        stack.initializeElement(at: slot, to: slot < words.count ? words[slot] ^ mask : 0)
      }
      blackHole(UnsafeRawPointer(stack.baseAddress))
      body()
      blackHole(UnsafeRawPointer(stack.baseAddress))
    }
  }
}
