import ProcessImage

/// The stored properties of a class, its superclasses' included, by their places in an instance: names for words, without
/// the remote mirror.
struct StoredProperties {
  /// By rising offset; several may share one, of which only the last has bytes.
  private(set) var places: [(offset: Int, name: String)] = []
  /// Bytes of an instance: what lies behind them is no property's.
  let instanceSize: Int

  private static let mostFields = 4096

  /// Without properties where the image was built without reflection metadata, or its metadata is damaged.
  init(of metadata: Address, in memory: any MemoryReader) {
    let chain = ClassMetadata.chain(of: metadata, memory) ?? []
    instanceSize = chain.last?.instanceSize ?? 0
    for ancestor in chain {
      guard let offsets = ancestor.fieldOffsets(memory),
        let names = Self.names(ofFieldsAt: ancestor.descriptor, count: offsets.count, memory)
      else { continue }
      places += zip(offsets, names).map { (offset: $0, name: $1) }
    }
    places.sort { $0.offset < $1.offset }
  }

  /// FieldDescriptor: two relative pointers, kind u16, record size u16, count u32; records: flags, type, name.
  private static func names(ofFieldsAt class: Address, count: Int, _ memory: any MemoryReader) -> [String]? {
    guard let descriptor = memory.relativePointer(at: `class` + 16),
      memory.load(UInt16.self, at: descriptor + 10) == 12,
      memory.load(UInt32.self, at: descriptor + 12) == UInt32(exactly: count), count <= mostFields
    else { return nil }
    return (0..<count).map { index in
      let name = memory.relativePointer(at: descriptor + 16 + index * 12 + 8).flatMap { memory.string(at: $0) }
      return name.flatMap { LayoutNames.property($0, in: nil) } ?? String(index)
    }
  }
}
