import ProcessImage

/// Finds what is no Swift object and yet has a form of its own: side tables, task slabs, objects of libdispatch and of C++.
struct RuntimeBlocks<Blocks: BlockList> {
  let snapshot: Snapshot
  let blocks: Blocks
  let code: AddressRanges
  /// Memory of images that is not code: where virtual tables lie.
  let imageData: AddressRanges

  /// Entries by first word, so that each table's symbol is looked up once.
  private var tables = MetadataTable()
  private var kinds: [BlockKind: UInt32] = [:]
  private var slabMetadata: UInt64 = 0

  init(snapshot: Snapshot, blocks: Blocks, code: AddressRanges) {
    self.snapshot = snapshot
    self.blocks = blocks
    self.code = code
    imageData = AddressRanges(
      snapshot.mappings.filter { mapping in
        mapping.permissions.contains(.read) && !mapping.permissions.contains(.execute)
          && snapshot.images.contains { mapping.start < $0.end && $0.start < mapping.end }
      })
  }

  mutating func name(in table: inout ObjectTable, catalog: inout TypeCatalog) {
    slabMetadata = findSlabMetadata(table) ?? 0
    var walk = BlockBytes(memory: snapshot, blocks: blocks)
    for index in table.type.indices where table.type[index] == TypeCatalog.unknown {
      let (start, block) = walk.bytes(of: index)
      guard block.count >= 16 else { continue }
      table.type[index] = type(of: block, at: Address(start), table, &catalog)
    }
  }

  private mutating func type(
    of block: UnsafeRawBufferPointer, at start: Address, _ table: ObjectTable, _ catalog: inout TypeCatalog
  ) -> UInt32 {
    let first = block.loadUnaligned(as: UInt64.self)
    if first != 0, first == slabMetadata { return entry("task slab", .taskSlab, &catalog) }
    if first & 7 == 0, imageData.contains(first) {
      let byTable = type(byTable: first, &catalog)
      if byTable != TypeCatalog.unknown { return byTable }
    }
    if isSideTable(block, at: start, table, catalog) { return entry("side table", .sideTable, &catalog) }
    if isContinuation(block) { return entry("dispatch continuation", .dispatchObject, &catalog) }
    return TypeCatalog.unknown
  }

  private mutating func entry(_ name: String, _ kind: BlockKind, _ catalog: inout TypeCatalog) -> UInt32 {
    if kind != .dispatchObject, let known = kinds[kind] { return known }
    if kind == .dispatchObject, let known = continuation { return known }
    let fresh = catalog.add(TypeEntry(name: name, kind: kind))
    if kind == .dispatchObject { continuation = fresh } else { kinds[kind] = fresh }
    return fresh
  }

  private var continuation: UInt32?

  // MARK: Task slabs

  /// `swift::TaskAllocatorSlabMetadata`, which has no address that a stripped program tells: any task's first slab has it.
  private func findSlabMetadata(_ table: ObjectTable) -> UInt64? {
    for image in snapshot.images where SwiftProcess.fileName(image.path) == "libswift_Concurrency.so" {
      if let variable = image.address(ofSymbol: "_swift_concurrency_debug_asyncTaskSlabMetadata"),
        let metadata = snapshot.word(at: variable), metadata != 0
      {
        return metadata
      }
    }
    for index in 0..<blocks.count where table.types[Int(table.type[index])].kind == .task {
      guard let slab = snapshot.pointer(at: blocks.address(of: index) + TaskLayout.firstSlab),
        let block = blocks.index(startingAt: slab), table.type[block] == TypeCatalog.unknown,
        let metadata = snapshot.word(at: slab), metadata & 7 == 0, imageData.contains(metadata),
        let capacity = snapshot.load(UInt32.self, at: slab + 16), let used = snapshot.load(UInt32.self, at: slab + 20),
        used <= capacity, Int(capacity) <= blocks.usableBytes(of: block)
      else { continue }
      return metadata
    }
    return nil
  }

  // MARK: Side tables

  /// Whether the block is an object's side table: both lead to each other, or it is what weak references keep of an object
  /// that is gone.
  private func isSideTable(
    _ block: UnsafeRawBufferPointer, at start: Address, _ table: ObjectTable, _ catalog: TypeCatalog
  ) -> Bool {
    guard Self.fits(block, SideTableEntry.size) else { return false }
    let entry = SideTableEntry(block)
    guard entry.object.isAligned(to: 16), entry.object.bits != 0 else { return false }
    if let object = blocks.index(startingAt: entry.object), catalog.types[Int(table.type[object])].kind.isSwiftObject,
      snapshot.word(at: entry.object + 8).map({ ReferenceCounts($0).sideTable }) == start
    {
      return true
    }
    // Its object was freed: deinit has begun, no unowned reference is left, and weak ones are.
    let unownedBits = entry.counts.word >> 1 & 0x7FFF_FFFF
    return entry.counts.isDeiniting && unownedBits == 0 && entry.counts.word >> 63 == 0 && entry.weak < 1 << 24
      && block.loadUnaligned(fromByteOffset: 24, as: UInt32.self) > 0 && isHeapAddress(entry.object)
  }

  /// Whether malloc may have made a block of this size for so many bytes: the next size that its chunks have, or 16 bytes more,
  /// where what would be left of a chunk is too small to be one.
  static func fits(_ block: UnsafeRawBufferPointer, _ bytes: Int) -> Bool {
    block.count &- bytes == 8 || block.count &- bytes == 24
  }

  private func isHeapAddress(_ address: Address) -> Bool {
    guard blocks.count > 0 else { return false }
    return blocks.address(of: 0) <= address && address <= blocks.address(of: blocks.count &- 1)
  }

  // MARK: libdispatch and C++

  /// A table's symbol names the class of what begins with a pointer to it.
  private mutating func type(byTable address: UInt64, _ catalog: inout TypeCatalog) -> UInt32 {
    if let known = tables.facts(for: address) { return known.type }
    var index = TypeCatalog.unknown
    if let symbol = snapshot.symbol(at: Address(address)) {
      if symbol.name.hasPrefix("_ZTV"), symbol.offset >= 16 {
        index = catalog.add(TypeEntry(name: "C++ " + Self.className(symbol.name), kind: .cppObject))
      } else if let name = DispatchName.name(ofTable: symbol.name) {
        index = catalog.add(TypeEntry(name: name, kind: .dispatchObject))
      }
    }
    tables.insert(MetadataTable.Facts(type: index, size: 0, form: .object), for: address)
    return index
  }

  /// `vtable for foo::Bar` without its first words.
  static func className(_ symbol: String) -> String {
    let name = Demangler.shared.demangled(symbol) ?? symbol
    return name.hasPrefix("vtable for ") ? String(name.dropFirst(11)) : name
  }

  /// `struct dispatch_continuation_s`: small flags, priority, next, voucher, function +32, context, data, other; 64 bytes.
  private func isContinuation(_ block: UnsafeRawBufferPointer) -> Bool {
    guard Self.fits(block, 64) else { return false }
    let flags = block.loadUnaligned(as: UInt64.self)
    let next = block.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    let function = block.loadUnaligned(fromByteOffset: 32, as: UInt64.self)
    return flags < 0x1000 && next & 7 == 0 && code.contains(function)
  }
}

/// The names of libdispatch's classes.
enum DispatchName {
  /// What libdispatch calls an object with this table (src/object_internal.h): `__OS_dispatch_source_vtable`.
  static func name(ofTable symbol: String) -> String? {
    if symbol.hasPrefix("__OS_dispatch_"), symbol.hasSuffix("_vtable") {
      return "dispatch " + symbol.dropFirst(14).dropLast(7).replacing("_", with: " ")
    }
    if symbol == "_dispatch_continuation_vtables" { return "dispatch continuation" }
    // The timer or descriptor of a source begins with its type.
    if symbol.hasPrefix("_dispatch_source_type_") { return "dispatch source's event" }
    if symbol.hasPrefix("_dispatch_mach_") || symbol.hasPrefix("_dispatch_io_") { return "dispatch io" }
    return nil
  }
}
