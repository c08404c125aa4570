/// Time from its making on.
struct Stopwatch {
  private let start = ContinuousClock.now

  var nanoseconds: UInt64 {
    let elapsed = (ContinuousClock.now - start).components
    return UInt64(clamping: elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000)
  }
}
