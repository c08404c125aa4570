internal import CRecorder
package import ProcessImage

/// A loaded object that stacks lead through, as it was when they were taken: it may have been unloaded since.
package struct RecordedImage: Equatable, Sendable {
  package var range: Range<Address>
  /// Address in memory less address in the file.
  package var bias: UInt64
  /// `nil` if it was not known.
  package var path: String?
  /// Empty if it has none.
  package var buildID: [UInt8]
  /// Generations of stacks that may lead through it; `nil` as an end: it is still loaded.
  package var firstGeneration: UInt32
  package var lastGeneration: UInt32?
  /// Nanoseconds from the recording's start until it was first seen.
  package var seen: UInt64

  package init(
    range: Range<Address>, bias: UInt64, path: String?, buildID: [UInt8], firstGeneration: UInt32 = 0,
    lastGeneration: UInt32? = nil, seen: UInt64 = 0
  ) {
    self.range = range
    self.bias = bias
    self.path = path
    self.buildID = buildID
    self.firstGeneration = firstGeneration
    self.lastGeneration = lastGeneration
    self.seen = seen
  }

  func holds(_ address: Address, generation: UInt32) -> Bool {
    range.contains(address) && firstGeneration <= generation && generation <= lastGeneration ?? .max
  }

  /// All complete ones. An image that is only just being entered is left out.
  static func read(from source: some RecordingSource, header: RecordingHeader) throws(RecordingError) -> [RecordedImage]
  {
    let bytes = MemoryLayout<wsr_image>.size
    let count = Int(header.fields.image_count)
    let raw = try source.array(of: UInt8.self, count: count * bytes, from: Int(header.fields.images_offset))
    return raw.withUnsafeBytes { raw in
      (0..<count).compactMap { decode(UnsafeRawBufferPointer(rebasing: raw[$0 * bytes..<($0 + 1) * bytes])) }
    }
  }

  private static func decode(_ raw: UnsafeRawBufferPointer) -> RecordedImage? {
    guard let idOffset = MemoryLayout<wsr_image>.offset(of: \.build_id),
      let pathOffset = MemoryLayout<wsr_image>.offset(of: \.path)
    else { return nil }
    let fields = raw.loadUnaligned(as: wsr_image.self)
    guard fields.start < fields.end else { return nil }
    let idBytes = min(Int(fields.build_id_bytes), pathOffset - idOffset)
    let pathBytes = min(Int(fields.path_bytes), raw.count - pathOffset)
    let path = String(validating: raw[pathOffset..<pathOffset + pathBytes], as: UTF8.self)
    return RecordedImage(
      range: Address(fields.start)..<Address(fields.end), bias: fields.bias, path: path == "" ? nil : path,
      buildID: Array(raw[idOffset..<idOffset + idBytes]), firstGeneration: fields.first_generation,
      lastGeneration: fields.last_generation == .max ? nil : fields.last_generation, seen: fields.time_ns)
  }
}
