import BenchmarkReport

/// What a sample's process writes to its parent at each checkpoint: 16 native 64-bit words, the phase and the readings
/// in the order of the report's columns; `Int64.min` stands for a missing one. Encoding allocates nothing: it happens
/// between the checkpoints.
struct SampleRecord: Equatable {
  var phase: Phase
  var readings: CheckpointReadings

  static let byteCount = 16 * 8
  private static var missing: Int64 { .min }

  func encode() -> InlineArray<16, Int64> {
    let missing = Self.missing
    return [
      Int64(phase.rawValue), readings.rssBytes ?? missing, readings.pssBytes ?? missing,
      readings.privateDirtyBytes ?? missing, readings.anonHugeBytes ?? missing, readings.peakRSSBytes ?? missing,
      readings.heapInUseBytes ?? missing, readings.heapFreeBytes ?? missing, readings.heapArenaBytes ?? missing,
      readings.heapMmapBytes ?? missing, readings.heapTrimmableBytes ?? missing, readings.usableBytes ?? missing,
      readings.liveObjects ?? missing, readings.deinits ?? missing, readings.minorFaults ?? missing,
      readings.phaseNanoseconds ?? missing,
    ]
  }

  /// The records in a sample's output, in order; `nil` if the bytes are not whole records of the phases in order.
  static func decode(_ bytes: [UInt8]) -> [SampleRecord]? {
    guard bytes.count.isMultiple(of: byteCount) else { return nil }
    var records: [SampleRecord] = []
    for start in stride(from: 0, to: bytes.count, by: byteCount) {
      func word(_ index: Int) -> Int64 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start + index * 8, as: Int64.self) }
      }
      func reading(_ index: Int) -> Int64? { word(index) == missing ? nil : word(index) }
      guard let phase = UInt8(exactly: word(0)).flatMap(Phase.init(rawValue:)), Int(phase.rawValue) == records.count
      else { return nil }
      records.append(
        SampleRecord(
          phase: phase,
          readings: CheckpointReadings(
            rssBytes: reading(1), pssBytes: reading(2), privateDirtyBytes: reading(3), anonHugeBytes: reading(4),
            peakRSSBytes: reading(5), heapInUseBytes: reading(6), heapFreeBytes: reading(7),
            heapArenaBytes: reading(8), heapMmapBytes: reading(9), heapTrimmableBytes: reading(10),
            usableBytes: reading(11), liveObjects: reading(12), deinits: reading(13), minorFaults: reading(14),
            phaseNanoseconds: reading(15))))
    }
    return records
  }
}
