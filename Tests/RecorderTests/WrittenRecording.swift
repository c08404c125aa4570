import CRecorder
import Recording

/// A recording written by hand, in the layout that CRecorder.h describes, but smaller.
struct WrittenRecording {
  var header = wsr_header()
  private var stacks: [UInt64] = []
  private var images: [UInt8] = []
  private var bases: [UInt64] = []
  private var words: [(offset: Int, word: UInt64)] = []

  init() {
    header.magic = WSR_MAGIC
    header.version = UInt32(WSR_VERSION)
    header.byte_order = UInt32(WSR_BYTE_ORDER)
    header.header_bytes = UInt32(MemoryLayout<wsr_header>.size)
    header.pid = 4711
    header.images_offset = 4096
    header.image_capacity = 4
    header.image_bytes = UInt32(MemoryLayout<wsr_image>.size)
    header.bases_offset = 8192
    header.region_capacity = 4
    header.directory_offset = 12288
    header.buckets_offset = 16384
    header.stacks_offset = 20480
    header.stacks_bytes = 4096
    header.regions_offset = 24576
    header.region_bytes = UInt64(8) << UInt64(WSR_HEAP_SHIFT - WSR_GRANULE_SHIFT)
    stacks = [UInt64](repeating: 0, count: Int(WSR_FIRST_STACK))
  }

  /// A part of a stack, with its frames; `parent` is the number of the part further out.
  mutating func addStack(_ frames: [UInt64], end: Int, generation: UInt32, parent: Int = 0) -> Int {
    let number = stacks.count
    let head = wsr_stack(
      next: 0, hash: 0, parent: UInt32(parent), generation: generation, count: UInt16(frames.count), end: UInt16(end),
      reserved: 0)
    withUnsafeBytes(of: head) { raw in
      for offset in stride(from: 0, to: raw.count, by: 8) {
        stacks.append(raw.load(fromByteOffset: offset, as: UInt64.self))
      }
    }
    stacks += frames
    return number
  }

  mutating func addBlock(_ address: UInt64, size: Int, stack: Int) {
    let base = (address >> UInt64(WSR_HEAP_SHIFT)) << UInt64(WSR_HEAP_SHIFT)
    if !bases.contains(base) { bases.append(base) }
    let region = bases.firstIndex(of: base) ?? 0
    let granule = Int((address - base) >> UInt64(WSR_GRANULE_SHIFT))
    let half = address >> UInt64(WSR_GRANULE_SHIFT - 1) & 1
    words.append(
      (
        offset: Int(header.regions_offset) + region * Int(header.region_bytes) + granule * 8,
        word: UInt64(size) << UInt64(WSR_SIZE_SHIFT) | UInt64(stack) << UInt64(WSR_STACK_SHIFT) | half
      ))
  }

  mutating func addImage(_ range: Range<UInt64>, path: String, generations: ClosedRange<UInt32>) {
    var image = wsr_image()
    image.start = range.lowerBound
    image.end = range.upperBound
    image.first_generation = generations.lowerBound
    image.last_generation = generations.upperBound
    image.path_bytes = UInt32(path.utf8.count)
    withUnsafeMutableBytes(of: &image.path) { $0.copyBytes(from: path.utf8) }
    withUnsafeBytes(of: image) { images += $0 }
  }

  var source: SparseBytes {
    var header = header
    header.stacks_used = UInt64(stacks.count * 8)
    header.image_count = UInt32(images.count / MemoryLayout<wsr_image>.size)
    header.region_count = UInt32(bases.count)
    var source = SparseBytes(
      length: Int(header.regions_offset) + bases.count * Int(header.region_bytes))
    source.put(withUnsafeBytes(of: header) { Array($0) }, at: 0)
    source.put(images, at: Int(header.images_offset))
    source.put(bases.withUnsafeBytes { Array($0) }, at: Int(header.bases_offset))
    source.put(stacks.withUnsafeBytes { Array($0) }, at: Int(header.stacks_offset))
    for (offset, word) in words { source.put(withUnsafeBytes(of: word) { Array($0) }, at: offset) }
    return source
  }
}

/// Bytes with holes, in pages.
struct SparseBytes: RecordingSource {
  let name = "test"
  var length: Int
  private var pages: [Int: [UInt8]] = [:]

  init(length: Int) { self.length = length }

  mutating func put(_ bytes: [UInt8], at offset: Int) {
    for (index, byte) in bytes.enumerated() { damage(at: offset + index, to: byte) }
  }

  mutating func damage(at offset: Int, to byte: UInt8) {
    pages[offset / 4096, default: [UInt8](repeating: 0, count: 4096)][offset % 4096] = byte
  }

  func size() -> Int { length }

  func read(into buffer: UnsafeMutableRawBufferPointer, from offset: Int) -> Int {
    let count = max(0, min(buffer.count, length - offset))
    var done = 0
    while done < count {
      let at = offset + done
      let bytes = min(count - done, 4096 - at % 4096)
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + bytes])
      if let page = pages[at / 4096] {
        part.copyBytes(from: page[at % 4096..<at % 4096 + bytes])
      } else {
        part.initializeMemory(as: UInt8.self, repeating: 0)
      }
      done += bytes
    }
    return count
  }

  func data(from offset: Int) -> Range<Int>? {
    guard let page = pages.keys.filter({ ($0 + 1) * 4096 > offset && $0 * 4096 < length }).min() else { return nil }
    return max(offset, page * 4096)..<min(length, (page + 1) * 4096)
  }
}
