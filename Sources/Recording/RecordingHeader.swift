internal import CRecorder

/// The header of a recording, checked: whatever it says lies within bounds that the reader can live with.
struct RecordingHeader {
  let fields: wsr_header

  static let bytes = MemoryLayout<wsr_header>.size

  init(from source: some RecordingSource) throws(RecordingError) {
    let raw = try source.array(of: UInt8.self, count: Self.bytes, from: 0, mayEnd: true)
    let identity = raw.withUnsafeBytes { raw in
      raw.count < 16
        ? nil
        : (
          magic: raw.load(as: UInt64.self), version: raw.load(fromByteOffset: 8, as: UInt32.self),
          order: raw.load(fromByteOffset: 12, as: UInt32.self)
        )
    }
    guard let identity else { throw .notARecording(name: source.name) }
    if identity.magic == WSR_MAGIC.byteSwapped { throw .otherByteOrder(name: source.name) }
    guard identity.magic == WSR_MAGIC else { throw .notARecording(name: source.name) }
    guard identity.version == WSR_VERSION, identity.order == WSR_BYTE_ORDER else {
      throw .otherVersion(name: source.name, found: Int(identity.version), supported: Int(WSR_VERSION))
    }
    guard raw.count == Self.bytes else {
      throw .truncated(name: source.name, bytes: raw.count, needed: Self.bytes)
    }
    fields = raw.withUnsafeBytes { $0.loadUnaligned(as: wsr_header.self) }
    try check(source)
  }

  /// The sections follow each other, none reaches beyond 2^46 bytes, and the file holds those that are in use.
  private func check(_ source: some RecordingSource) throws(RecordingError) {
    let limit = UInt64(1) << 46
    let sections: [(name: String, start: UInt64, bytes: UInt64)] = [
      ("images", fields.images_offset, UInt64(fields.image_capacity) * UInt64(MemoryLayout<wsr_image>.size)),
      ("region bases", fields.bases_offset, UInt64(fields.region_capacity) * 8),
      ("stacks", fields.stacks_offset, fields.stacks_bytes),
      ("regions", fields.regions_offset, 0),
    ]
    var end = UInt64(Self.bytes)
    for section in sections {
      guard section.start >= end, section.start < limit, section.bytes < limit, section.start % 8 == 0 else {
        throw .damaged(name: source.name, what: "its \(section.name) do not lie where they could")
      }
      end = section.start + section.bytes
    }
    guard fields.image_bytes == MemoryLayout<wsr_image>.size, fields.region_bytes == Self.regionBytes,
      fields.region_count <= fields.region_capacity, fields.region_capacity <= 1 << 20,
      fields.image_count <= fields.image_capacity, fields.image_capacity <= 1 << 20,
      fields.stacks_used <= fields.stacks_bytes, fields.stacks_bytes <= (WSR_STACK_MASK + 1) * 8,
      fields.sample_mean <= WSR_LARGEST_MEAN
    else { throw .damaged(name: source.name, what: "its header holds impossible sizes") }
    let needed = Int(fields.regions_offset) + Int(fields.region_count) * Int(fields.region_bytes)
    let size = try source.size()
    guard size >= needed else { throw .truncated(name: source.name, bytes: size, needed: needed) }
  }

  static let regionBytes = UInt64(8) << UInt64(WSR_HEAP_SHIFT - WSR_GRANULE_SHIFT)
}

extension RecordingSource {
  /// `count` values from `offset` on.
  /// - Parameter mayEnd: Whether fewer are an answer rather than an error.
  func array<Value: BitwiseCopyable>(
    of type: Value.Type, count: Int, from offset: Int, mayEnd: Bool = false
  ) throws(RecordingError) -> [Value] {
    let stride = MemoryLayout<Value>.stride
    var outcome: Result<Int, RecordingError> = .success(0)
    let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(RecordingError) {
        // Safety: the capacity is `count` values, and any bytes make a value of a bitwise copyable type.
        let raw = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count * stride)
        let got = try read(into: raw, from: offset)
        initialized = got / stride
        outcome = .success(got)
      } catch {
        outcome = .failure(error)
      }
    }
    let got = try outcome.get()
    guard mayEnd || values.count == count else {
      throw .truncated(name: name, bytes: offset + got, needed: offset + count * stride)
    }
    return values
  }
}
