import ProcessImage

/// Names the storage of arrays of classes by what is in them. The standard library keeps every array of a class in
/// `_ContiguousArrayStorage<AnyObject>`, so that the metadata does not say more.
struct ArrayElements<Blocks: BlockList> {
  let memory: Snapshot
  let blocks: Blocks
  let reader: MetadataReader

  private struct Key: Hashable {
    var storage: UInt32
    var element: Address
  }

  private var entries: [Key: UInt32] = [:]
  private var ancestors: [Address: [Address]] = [:]

  /// What is asked of an array at most; longer ones are taken to be like their beginning.
  private static var elementLimit: Int { 64 }

  init(memory: Snapshot, blocks: Blocks, reader: MetadataReader) {
    self.memory = memory
    self.blocks = blocks
    self.reader = reader
  }

  mutating func name(in table: inout ObjectTable, catalog: inout TypeCatalog) {
    let storages = catalog.types.map { $0.kind == .arrayStorage && $0.name == "[AnyObject] storage" }
    guard storages.contains(true) else { return }
    for index in 0..<blocks.count where Int(table.type[index]) < storages.count && storages[Int(table.type[index])] {
      guard let element = elementClass(of: index, table) else { continue }
      let key = Key(storage: table.type[index], element: element.metadata)
      if let known = entries[key] {
        table.type[index] = known
        continue
      }
      var entry = catalog.types[Int(table.type[index])]
      entry.name = "[\(element.name)] storage"
      let fresh = catalog.add(entry)
      entries[key] = fresh
      table.type[index] = fresh
    }
  }

  /// The nearest class that all elements have in common; `nil` without elements, or where they have none in common.
  private mutating func elementClass(of block: Int, _ table: ObjectTable) -> (metadata: Address, name: String)? {
    let start = blocks.address(of: block)
    guard let count = memory.word(at: start + 16), count > 0 else { return nil }
    let capacity = (blocks.usableBytes(of: block) - 32) / 8
    var common: [Address] = []
    var last: Address?
    for index in 0..<Int(min(count, UInt64(max(0, min(capacity, Self.elementLimit))))) {
      guard let word = memory.word(at: start + 32 + index * 8) else { return nil }
      // Zero in an array of optionals; higher bits may be an enum's.
      let object = Address(word & 0x00FF_FFFF_FFFF_FFF8)
      guard let metadata = memory.pointer(at: object), object.bits != 0 else { continue }
      if metadata == last { continue }
      last = metadata
      let chain = lineage(of: metadata)
      guard !chain.isEmpty else { return nil }
      common = common.isEmpty ? chain : common.filter(chain.contains)
      guard !common.isEmpty else { return nil }
    }
    guard let metadata = common.first, let name = reader.namer.name(of: metadata) else { return nil }
    return (metadata, name)
  }

  /// A class and its superclasses; nothing if it is none.
  private mutating func lineage(of metadata: Address) -> [Address] {
    if let known = ancestors[metadata] { return known }
    var chain: [Address] = []
    var next = Optional(metadata)
    while let current = next, chain.count < 64, reader.kind(at: current) == .classType,
      let facts = reader.classFacts(at: current)
    {
      chain.append(current)
      next = facts.superclass
    }
    ancestors[metadata] = chain
    return chain
  }
}
