import ProcessImage

/// The runtime's pool of metadata: blocks of 16 KiB, handed out from the beginning on (`MetadataAllocator`,
/// stdlib/public/runtime/Metadata.cpp).
enum MetadataPool {
  private static let size = 16 << 10

  /// What of the newest block was not handed out yet. Nobody has written there: it is full of the words of blocks that were
  /// freed before.
  ///
  /// The runtime keeps where it begins and how long it is in two words of its variables. No symbol is needed to know them
  /// again: they end where such a block ends.
  static func unusedPart(in snapshot: Snapshot, _ blocks: some BlockList) -> Range<Address>? {
    for image in snapshot.images
    where SwiftProcess.fileName(image.path) == "libswiftCore.so" || image.path == snapshot.executable {
      for range in snapshot.writableRanges(of: image) {
        let bytes = snapshot.bytes(from: range.start)
        for offset in stride(from: 0, through: min(bytes.count, range.count) - 16, by: 8) {
          let remaining = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
          guard remaining > 0, remaining <= UInt64(size) else { continue }
          let begin = Address(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
          guard let block = blocks.index(containing: begin) else { continue }
          let end = blocks.address(of: block) + size
          if begin.isAligned(to: 8), begin + Int(remaining) == end { return begin..<end }
        }
      }
    }
    return nil
  }
}
