internal import CRecorder
package import ProcessImage

/// A block that was live when the recording was read.
package struct RecordedBlock: Equatable, Sendable {
  package var address: Address
  /// Bytes that the program asked for.
  package var size: Int
  /// Index into the recording's stacks; `nil` if none was taken.
  package var stack: Int?

  package init(address: Address, size: Int, stack: Int?) {
    self.address = address
    self.size = size
    self.stack = stack
  }
}

/// The shadow words of a recording, as they are read: flat, in the order of their regions.
struct ShadowWords {
  var addresses: [UInt64] = []
  var words: [UInt64] = []

  /// Reads every stretch of the regions in use that is not a hole.
  init(from source: some RecordingSource, header: RecordingHeader) throws(RecordingError) {
    let fields = header.fields
    let count = Int(fields.region_count)
    let bases = try source.array(of: UInt64.self, count: count, from: Int(fields.bases_offset))
    let regionBytes = Int(fields.region_bytes)
    let start = Int(fields.regions_offset)
    let end = start + count * regionBytes
    let chunk = 1 << 20
    var offset = start
    while offset < end, let data = try source.data(from: offset), data.lowerBound < end {
      // Words are aligned; a stretch begins at a page, but nothing depends on that.
      var at = max(offset, data.lowerBound) & ~7
      let stop = min(data.upperBound, end)
      while at < stop {
        // Not across the end of a region.
        let region = (at - start) / regionBytes
        let bytes = min(chunk, stop - at, start + (region + 1) * regionBytes - at) & ~7
        guard bytes > 0 else { break }
        let words = try source.array(of: UInt64.self, count: bytes / 8, from: at)
        let base = bases[region]
        append(words, base: base, firstGranule: (at - start - region * regionBytes) / 8)
        at += bytes
      }
      offset = max(stop, offset + 8)
    }
  }

  private mutating func append(_ read: [UInt64], base: UInt64, firstGranule: Int) {
    let granule = UInt64(WSR_GRANULE_SHIFT)
    read.withUnsafeBufferPointer { buffer in
      for index in buffer.indices where buffer[index] != 0 {
        let word = buffer[index]
        let address = base &+ UInt64(truncatingIfNeeded: firstGranule &+ index) << granule
        addresses.append(address &+ (word & 1) << (granule - 1))
        words.append(word)
      }
    }
  }
}
