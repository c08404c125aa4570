import Glibc

/// Where the copy goes: memory of ours in which the target's mappings lie as they do in the target, mappings that touch as
/// one run. Pages that are never written take no memory and read as zero.
final class CopyDestination: @unchecked Sendable {
  // Safety: runs are placed by the capturing thread alone; copying threads write to ranges that do not overlap; after the
  // capture nothing is written.

  /// Address space of ours for the target's addresses [start, end).
  private struct Reservation {
    var start: Address
    var end: Address
    var host: UnsafeMutableRawPointer
  }

  /// In rising order of both ends: none is made for what lies in another.
  private var reservations: [Reservation] = []
  /// Where each run is, in rising order: one place for each address, whatever the reservations.
  private var placed: [Reservation] = []

  /// Room around a run for what it may grow by until the process has stopped.
  private static let slack = 64 << 20

  deinit { release() }

  private func release() {
    for one in reservations { munmap(one.host, one.end.distance(from: one.start)) }
    reservations = []
  }

  /// Address space of ours that it takes.
  var reservedBytes: Int { reservations.reduce(0) { $0 + $1.end.distance(from: $1.start) } }

  /// Gives each run its place, in stead of those placed before: where there is room for it already, or in new address space.
  ///
  /// - Parameters:
  ///   - runs: In rising order, and apart.
  ///   - spare: Address space that room around them may take.
  /// - Returns: Whether there was address space for all.
  func place(_ runs: [CopyPlan.Run], spare: Int) -> Bool {
    if spare > 0 { reserveWithRoom(runs, spare: spare) }
    if place(runs) { return true }
    // Room to grow may have taken what the rest needs.
    release()
    return place(runs)
  }

  private func place(_ runs: [CopyPlan.Run]) -> Bool {
    placed = []
    for run in runs {
      let after = reservations.partitioningIndex { $0.start > run.start }
      if after > 0, run.end <= reservations[after - 1].end {
        let one = reservations[after - 1]
        placed.append(Reservation(start: run.start, end: run.end, host: one.host + run.start.distance(from: one.start)))
      } else if let one = reserve(from: run.start, to: run.end) {
        placed.append(one)
      } else {
        return false
      }
    }
    return true
  }

  /// Where `count` bytes from `address` lie in our memory; `nil` if they lie in no run.
  func host(of address: Address, count: Int) -> UnsafeMutableRawPointer? {
    let after = placed.partitioningIndex { $0.start > address }
    guard after > 0, placed[after - 1].end.distance(from: address) >= count else { return nil }
    return placed[after - 1].host + address.distance(from: placed[after - 1].start)
  }

  /// Reserves runs with room around them; runs that are nearer to each other share one reservation, so that none overlap.
  private func reserveWithRoom(_ runs: [CopyPlan.Run], spare: Int) {
    var wide: [CopyPlan.Run] = []
    for run in runs {
      let start = Address(run.start.bits - min(run.start.bits, UInt64(Self.slack)))
      let end = run.end + Self.slack
      if let last = wide.last, start <= last.end {
        wide[wide.count - 1].end = end
      } else {
        wide.append(CopyPlan.Run(start: start, end: end))
      }
    }
    guard wide.bytes - runs.bytes <= spare else { return }
    for one in wide { _ = reserve(from: one.start, to: one.end) }
  }

  private func reserve(from start: Address, to end: Address) -> Reservation? {
    let size = end.distance(from: start)
    let host = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let host, host != MAP_FAILED else { return nil }
    let one = Reservation(start: start, end: end, host: host)
    reservations.insert(one, at: reservations.partitioningIndex { $0.start > start })
    return one
  }

  /// Huge pages where they lie in [host, host + count) as a whole, so that nothing beside it takes memory.
  private func adviseHugePages(_ host: UnsafeMutableRawPointer, _ count: Int) {
    let hugePage = 2 << 20
    let start = host.alignedUp(toMultipleOf: hugePage)
    let end = (host + count).alignedDown(toMultipleOf: hugePage)
    if start < end { madvise(start, end - start, MADV_HUGEPAGE) }
  }

  /// Gives [host, host + count) its memory now, so that writing to it later takes no page faults.
  func populate(_ host: UnsafeMutableRawPointer, count: Int) {
    adviseHugePages(host, count)
    // MADV_POPULATE_WRITE (Linux 5.14) is 23; glibc 2.36 names it, Swift does not import it.
    if madvise(host, count, 23) == 0 { return }
    for offset in stride(from: 0, to: count, by: PageScanner.pageSize) {
      (host + offset).storeBytes(of: 0, as: UInt8.self)
    }
  }
}
