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
  private var lastKey: Key?
  private var lastEntry: UInt32 = 0
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
    var walk = BlockBytes(memory: memory, blocks: blocks)
    for index in table.type.indices where Int(table.type[index]) < storages.count && storages[Int(table.type[index])] {
      guard let element = elementClass(of: walk.bytes(of: index).bytes) else { continue }
      table.type[index] = entry(Key(storage: table.type[index], element: element), &catalog)
    }
  }

  private mutating func entry(_ key: Key, _ catalog: inout TypeCatalog) -> UInt32 {
    if key == lastKey { return lastEntry }
    var found = entries[key]
    if found == nil, let name = reader.namer.name(of: key.element) {
      var entry = catalog.types[Int(key.storage)]
      entry.name = "[\(name)] storage"
      found = catalog.add(entry)
    }
    lastKey = key
    lastEntry = found ?? key.storage
    entries[key] = lastEntry
    return lastEntry
  }

  /// The nearest class that all elements have in common; `nil` without elements, or where they have none in common.
  private mutating func elementClass(of block: UnsafeRawBufferPointer) -> Address? {
    guard block.count >= 40 else { return nil }
    let count = min(
      block.loadUnaligned(fromByteOffset: 16, as: UInt64.self), UInt64(min((block.count - 32) / 8, Self.elementLimit)))
    var common: [Address] = []
    var last: Address?
    for index in 0..<Int(count) {
      // Zero in an array of optionals; higher bits may be an enum's.
      let object = block.loadUnaligned(fromByteOffset: 32 &+ index &* 8, as: UInt64.self) & 0x00FF_FFFF_FFFF_FFF8
      guard object != 0, let metadata = memory.pointer(at: Address(object)) else { continue }
      if metadata == last { continue }
      // One class, as in most arrays whose elements are all of it, needs no list.
      if last == nil, metadata == lastKey?.element {
        last = metadata
        continue
      }
      if common.isEmpty, let last { common = lineage(of: last) }
      last = metadata
      let chain = lineage(of: metadata)
      guard !chain.isEmpty else { return nil }
      common = common.isEmpty ? chain : common.filter(chain.contains)
      guard !common.isEmpty else { return nil }
    }
    return common.first ?? last
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
