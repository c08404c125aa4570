import Glibc

/// Where the copy goes: memory of ours in which the target's mappings lie as they do in the target, mappings that touch as
/// one run. Pages that are never written take no memory and read as zero.
final class CopyDestination: @unchecked Sendable {
  // Safety: reservations are added by the capturing thread alone; copying threads write to ranges that do not overlap; after
  // the capture nothing is written.

  /// Address space of ours for the target's addresses [start, end).
  private struct Reservation {
    var start: Address
    var end: Address
    var host: UnsafeMutableRawPointer
  }

  private var reservations: [Reservation] = []

  /// Room around a run for what it may grow by until the process has stopped.
  private static let slack = 64 << 20

  deinit { for one in reservations { munmap(one.host, one.end.distance(from: one.start)) } }

  /// Where `address` lies in our memory, with room for `count` bytes; reserves what is missing.
  func host(of address: Address, count: Int, growing: Bool = false) -> UnsafeMutableRawPointer? {
    for one in reservations where one.start <= address && address < one.end && one.end.distance(from: address) >= count
    {
      return one.host + address.distance(from: one.start)
    }
    var slack = growing ? Int(min(UInt64(Self.slack), address.bits)) & ~(PageScanner.pageSize - 1) : 0
    while true {
      let size = count + 2 * slack
      let host = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      if let host, host != MAP_FAILED {
        reservations.append(Reservation(start: address - slack, end: address - slack + size, host: host))
        return host + slack
      }
      guard slack > 0 else { return nil }
      slack = 0
    }
  }

  /// Gives [host, host + count) its memory now, so that writing to it later takes no page faults.
  func populate(_ host: UnsafeMutableRawPointer, count: Int) {
    // MADV_POPULATE_WRITE (Linux 5.14) is 23; glibc 2.36 names it, Swift does not import it.
    if madvise(host, count, 23) == 0 { return }
    for offset in stride(from: 0, to: count, by: PageScanner.pageSize) {
      (host + offset).storeBytes(of: 0, as: UInt8.self)
    }
  }
}
