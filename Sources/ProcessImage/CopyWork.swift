import CProcess
import Glibc
import Synchronization

/// Copies parts of a process into our memory, by one or two threads.
final class CopyWork: @unchecked Sendable {
  // Safety: the transfers do not overlap; each is taken by one thread, by way of `next`.

  private let process: Int32
  private let transfers: [wsp_transfer]
  /// First transfer of each share; shares are some megabytes each.
  private let shares: [Int]
  private let next = Atomic<Int>(0)
  private let copied = Atomic<Int>(0)
  /// The errno of a failure that ends the copying, or 0.
  private let failure = Atomic<Int32>(0)
  private let progress: (@Sendable (Int) -> Void)?

  private static let shareBytes = 4 << 20
  /// Below this a second thread starts too late to help.
  private static let bytesForTwo = 16 << 20

  init(process: Int32, transfers: [wsp_transfer], progress: (@Sendable (Int) -> Void)?) {
    self.process = process
    self.progress = progress
    var parts: [wsp_transfer] = []
    var shares: [Int] = []
    var left = 0
    for var rest in transfers {
      while rest.length > 0 {
        if left == 0 || parts.count - (shares.last ?? 0) >= wsp_transfer_limit {
          shares.append(parts.count)
          left = Self.shareBytes
        }
        let part = min(rest.length, left)
        parts.append(wsp_transfer(remote: rest.remote, local: rest.local, length: part))
        rest.remote += UInt64(part)
        rest.local = rest.local.map { $0 + part }
        rest.length -= part
        left -= part
      }
    }
    self.transfers = parts
    self.shares = shares
  }

  /// - Parameters:
  ///   - threads: How many may copy.
  ///   - givesWay: Whether the process runs meanwhile, so that the copying must not take its processors.
  /// - Returns: The bytes copied, and the errno that ended the work, 0 if none did. Pages that cannot be read stay zero.
  func run(threads: Int, givesWay: Bool) -> (copied: Int, errno: Int32) {
    let bytes = transfers.reduce(0) { $0 + $1.length }
    if givesWay {
      let thread = SystemThread {
        SystemThread.giveWay()
        self.takeShares()
      }
      thread?.join()
    }
    // The rest; of what a thread that gives way has copied there is none.
    let others = bytes >= Self.bytesForTwo && shares.count > 1 ? max(0, threads - 1) : 0
    let started = (0..<others).compactMap { _ in SystemThread { self.takeShares() } }
    takeShares()
    for thread in started { thread.join() }
    return (copied.load(ordering: .relaxed), failure.load(ordering: .relaxed))
  }

  private func takeShares() {
    while failure.load(ordering: .relaxed) == 0 {
      let share = next.add(1, ordering: .relaxed).oldValue
      guard share < shares.count else { return }
      let end = share + 1 < shares.count ? shares[share + 1] : transfers.count
      let count = copy(Array(transfers[shares[share]..<end]))
      let sum = copied.add(count, ordering: .relaxed).newValue
      progress?(sum)
    }
  }

  private func copy(_ transfers: [wsp_transfer]) -> Int {
    var transfers = transfers
    var sum = 0
    var index = 0
    while index < transfers.count {
      let count = min(wsp_transfer_limit, transfers.count - index)
      var got = transfers.withUnsafeBufferPointer { wsp_read_memory(process, $0.baseAddress! + index, count) }
      if got < 0 {
        if errno == ESRCH || errno == EPERM {
          failure.store(errno, ordering: .relaxed)
          return sum
        }
        got = 0
      }
      sum += got
      let end = index + count
      while index < end, got >= transfers[index].length {
        got -= transfers[index].length
        index += 1
      }
      guard index < end else { continue }
      // The page behind what was read cannot be read: go on after it.
      let skipped = got + PageScanner.pageSize
      if skipped >= transfers[index].length {
        index += 1
      } else {
        transfers[index].remote += UInt64(skipped)
        transfers[index].local = transfers[index].local.map { $0 + skipped }
        transfers[index].length -= skipped
      }
    }
    return sum
  }
}
