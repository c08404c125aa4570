import ProcessImage

/// Names who holds the blocks that nothing else tells apart: breadth first from the variables of all images and from all typed
/// objects at once, through unknown blocks only. Whoever is nearest to a block holds it.
///
/// Memory that a library or the program gets from the system by itself counts as one block, through which blocks of malloc are
/// held as well. Any aligned word that leads into a block counts as holding it, so that a stale one can name a wrong holder: it is
/// a label for people, nothing more.
struct Attribution<Blocks: BlockList> {
  let snapshot: Snapshot
  let blocks: Blocks

  private enum Holder: Hashable {
    case runtime
    case image(String)
    /// Objects of a type, and of a class the stored property.
    case type(UInt32, property: String?)
    case thread
    case memory
  }

  /// Marks a type index that is a holder's number for now.
  private static var mark: UInt32 { 1 << 31 }

  private var holders: [Holder] = []
  private var numbers: [Holder: UInt32] = [:]
  /// Blocks by their number, and behind them regions, each with its holder.
  private var queue: [(item: Int, holder: UInt32)] = []
  /// Memory of a block that is the runtime's and was never written.
  private var unused: Range<Address>?
  /// Anonymous memory that is neither the allocator's nor a stack, in rising order, and which of it is held.
  private var regions: [Range<Address>] = []
  private var isRegionHeld: [Bool] = []
  private var filter = PageFilter()
  private var low = UInt64.max
  private var high = UInt64.min

  init(snapshot: Snapshot, blocks: Blocks) {
    self.snapshot = snapshot
    self.blocks = blocks
  }

  mutating func name(in table: inout ObjectTable, catalog: inout TypeCatalog) {
    var unknown = 0
    for index in 0..<blocks.count where table.type[index] == TypeCatalog.unknown {
      unknown += 1
      let start = blocks.address(of: index).bits
      filter.insert(start: start, count: blocks.usableBytes(of: index))
      low = min(low, start)
      high = max(high, start &+ UInt64(truncatingIfNeeded: blocks.usableBytes(of: index)))
    }
    guard unknown > 0 else { return }
    listRegions()
    table.type.withUnsafeMutableBufferPointer { types in
      holdByRuntime(&types, table.types)
      for image in snapshot.images where image.path != snapshot.executable { hold(image, &types) }
      holdByObjects(&types, table.types)
      for image in snapshot.images where image.path == snapshot.executable { hold(image, &types) }
      drain(&types)
      holdByThreads(&types)
      holdByOtherMemory(&types)
    }
    nameHeld(&table, &catalog)
  }

  // MARK: Roots

  private mutating func holdByRuntime(_ types: inout UnsafeMutableBufferPointer<UInt32>, _ entries: [TypeEntry]) {
    let runtime = number(.runtime)
    unused = MetadataPool.unusedPart(in: snapshot, blocks)
    for image in snapshot.images where RuntimeRoots.libraries.contains(SwiftProcess.fileName(image.path)) {
      for range in snapshot.writableRanges(of: image) { scan(range.start, count: range.count, runtime, &types) }
    }
    for cache in RuntimeRoots.instantiationCaches(of: snapshot) {
      scan(cache, count: RuntimeRoots.cacheSize, runtime, &types)
    }
    for case let metadata? in entries.map(\.metadata) { visit(metadata.bits, runtime, &types) }
    // As far as to the pools of metadata, through a cache's table and its entries: objects refer to metadata as well.
    drain(&types, levels: 2)
  }

  private mutating func hold(_ image: ElfImage, _ types: inout UnsafeMutableBufferPointer<UInt32>) {
    let holder = number(.image(SwiftProcess.fileName(image.path)))
    for range in snapshot.writableRanges(of: image) { scan(range.start, count: range.count, holder, &types) }
  }

  private mutating func holdByObjects(_ types: inout UnsafeMutableBufferPointer<UInt32>, _ entries: [TypeEntry]) {
    var properties: [UInt32: StoredProperties] = [:]
    var walk = BlockBytes(memory: snapshot, blocks: blocks)
    for index in types.indices where types[index] != TypeCatalog.unknown && types[index] < Self.mark {
      let (_, block) = walk.bytes(of: index)
      let type = types[index]
      var offset = 0
      while offset &+ 8 <= block.count {
        let word = block.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if word >= low, word < high, filter.mayContain(word), isUnheld(word, types) {
          let property = property(at: offset, of: type, entries[Int(type)], &properties)
          visit(word, number(.type(type, property: property)), &types)
        }
        offset &+= 8
      }
    }
  }

  /// The stored property of a class's instance that a word belongs to.
  private func property(
    at offset: Int, of type: UInt32, _ entry: TypeEntry, _ known: inout [UInt32: StoredProperties]
  ) -> String? {
    guard entry.kind == .instance || entry.kind == .managedBuffer, let metadata = entry.metadata else { return nil }
    if known[type] == nil { known[type] = StoredProperties(of: metadata, in: snapshot) }
    return known[type]?.name(at: offset)
  }

  /// What only threads hold: the thread-local variables of images, glibc's control blocks, stacks.
  private mutating func holdByThreads(_ types: inout UnsafeMutableBufferPointer<UInt32>) {
    let variables = ThreadVariables(in: snapshot)
    for thread in snapshot.threads {
      if let linker = variables.linker, let table = variables.table(of: thread) {
        visit(table.bits, number(.image(SwiftProcess.fileName(linker.path))), &types)
      }
      for (image, place) in variables.places(of: thread) {
        let holder = number(.image(SwiftProcess.fileName(image.path)))
        visit(place.start.bits, holder, &types)
        scan(place.start, count: place.count, holder, &types)
      }
    }
    drain(&types)
    let holder = number(.thread)
    for thread in snapshot.threads {
      let locals = thread.registers.threadPointer
      // Static thread-local variables lie below the thread pointer, glibc's `struct pthread` above it.
      if let mapping = snapshot.mapping(containing: locals) {
        let start = max(mapping.start, locals - 8192)
        scan(start, count: min(mapping.end, locals + 2304).distance(from: start), holder, &types)
      }
      let stack = thread.registers.stackPointer
      guard let mapping = snapshot.mapping(containing: stack) else { continue }
      scan(stack, count: mapping.end.distance(from: stack), holder, &types)
    }
    drain(&types)
  }

  /// What is left: memory that nobody holds, of ended threads for example.
  private mutating func holdByOtherMemory(_ types: inout UnsafeMutableBufferPointer<UInt32>) {
    let holder = number(.memory)
    for index in regions.indices where !isRegionHeld[index] { hold(region: index, holder) }
    for mapping in snapshot.mappings where mapping.permissions.contains(.write) && !isHeap(mapping) {
      for pages in snapshot.pages(in: mapping) {
        scan(pages.start, count: pages.end.distance(from: pages.start), holder, &types)
      }
    }
    drain(&types)
  }

  /// A mapping of the allocator: its blocks are known, and its own words own nothing.
  private func isHeap(_ mapping: Mapping) -> Bool {
    var low = 0
    var high = blocks.count
    while low < high {
      let middle = (low &+ high) / 2
      if blocks.address(of: middle) < mapping.start { low = middle &+ 1 } else { high = middle }
    }
    return low < blocks.count && blocks.address(of: low) < mapping.end
  }

  // MARK: Memory of others

  private mutating func listRegions() {
    for mapping in snapshot.mappings
    where mapping.permissions.contains(.write) && mapping.isAnonymous && mapping.name != "[stack]" && !isHeap(mapping)
      && !snapshot.threads.contains(where: { mapping.contains($0.registers.stackPointer) })
    {
      // The kernel joins it with an image's zeroed variables if they are neighbours.
      var start = mapping.start
      for image in snapshot.images where image.start < mapping.end && start < image.end {
        if start < image.start { regions.append(start..<image.start) }
        start = image.end
      }
      if start < mapping.end { regions.append(start..<mapping.end) }
    }
    isRegionHeld = Array(repeating: false, count: regions.count)
    for region in regions {
      for pages in pages(of: region) { filter.insert(start: pages.start.bits, count: pages.count) }
      low = min(low, region.lowerBound.bits)
      high = max(high, region.upperBound.bits)
    }
  }

  private func pages(of region: Range<Address>) -> [(start: Address, count: Int)] {
    let first = snapshot.pages.partitioningIndex { $0.end > region.lowerBound }
    return snapshot.pages[first...].prefix { $0.start < region.upperBound }.map { pages in
      let start = max(pages.start, region.lowerBound)
      return (start, min(pages.end, region.upperBound).distance(from: start))
    }
  }

  private func region(of word: UInt64) -> Int? {
    let index = regions.partitioningIndex { $0.upperBound.bits > word }
    return index < regions.count && regions[index].lowerBound.bits <= word ? index : nil
  }

  private mutating func hold(region index: Int, _ holder: UInt32) {
    isRegionHeld[index] = true
    queue.append((blocks.count + index, holder))
  }

  private mutating func number(_ holder: Holder) -> UInt32 {
    if let known = numbers[holder] { return known }
    holders.append(holder)
    let fresh = Self.mark | UInt32(truncatingIfNeeded: holders.count &- 1)
    numbers[holder] = fresh
    return fresh
  }

  // MARK: Breadth first

  private mutating func scan(
    _ start: Address, count: Int, _ holder: UInt32, _ types: inout UnsafeMutableBufferPointer<UInt32>
  ) {
    let skipped = Int(truncatingIfNeeded: (8 &- start.bits & 7) & 7)
    let bytes = snapshot.bytes(from: start + skipped)
    guard count > skipped else { return }
    scan(UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, count - skipped)]), holder, &types)
  }

  @inline(__always)
  private mutating func scan(
    _ bytes: UnsafeRawBufferPointer, _ holder: UInt32, _ types: inout UnsafeMutableBufferPointer<UInt32>
  ) {
    var offset = 0
    while offset &+ 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset &+= 8
      if word >= low, word < high, filter.mayContain(word) { visit(word, holder, &types) }
    }
  }

  private mutating func visit(_ word: UInt64, _ holder: UInt32, _ types: inout UnsafeMutableBufferPointer<UInt32>) {
    if let index = block(of: word) {
      guard types[index] == TypeCatalog.unknown else { return }
      types[index] = holder
      queue.append((index, holder))
    } else if let index = region(of: word), !isRegionHeld[index] {
      hold(region: index, holder)
    }
  }

  private func isUnheld(_ word: UInt64, _ types: UnsafeMutableBufferPointer<UInt32>) -> Bool {
    if let index = block(of: word) { return types[index] == TypeCatalog.unknown }
    return region(of: word).map { !isRegionHeld[$0] } ?? false
  }

  private func block(of word: UInt64) -> Int? {
    guard let index = blocks.index(containing: Address(word)) else { return nil }
    // The last word of a block is the next chunk's: free lists point there.
    let offset = Address(word).distance(from: blocks.address(of: index))
    return offset &+ 8 < blocks.usableBytes(of: index) ? index : nil
  }

  /// Goes on from what was held last, and keeps what lies beyond so many levels for later.
  private mutating func drain(_ types: inout UnsafeMutableBufferPointer<UInt32>, levels: Int = .max) {
    var level = 0
    var next = 0
    while next < queue.count, level < levels {
      let end = queue.count
      while next < end {
        let (item, holder) = queue[next]
        next += 1
        if item < blocks.count {
          let start = blocks.address(of: item)
          var count = blocks.usableBytes(of: item)
          if let unused, unused.lowerBound >= start, unused.lowerBound < start + count {
            count = unused.lowerBound.distance(from: start)
          }
          scan(start, count: count, holder, &types)
        } else {
          for pages in pages(of: regions[item - blocks.count]) { scan(pages.start, count: pages.count, holder, &types) }
        }
      }
      level += 1
    }
    queue.removeFirst(next)
  }

  // MARK: Names

  private struct Group: Hashable {
    var holder: UInt32
    var sizeClass: Int
  }

  private func nameHeld(_ table: inout ObjectTable, _ catalog: inout TypeCatalog) {
    var entries: [Group: UInt32] = [:]
    for index in 0..<blocks.count where table.type[index] == TypeCatalog.unknown || table.type[index] >= Self.mark {
      let type = table.type[index]
      let usable = blocks.usableBytes(of: index)
      let holder = type >= Self.mark ? holders[Int(type & ~Self.mark)] : nil
      let group = Group(holder: type, sizeClass: holder == .runtime ? 0 : BlockSize.sizeClass(usable))
      if let known = entries[group] {
        table.type[index] = known
        continue
      }
      let fresh = catalog.add(entry(holder, group.sizeClass, table, catalog))
      entries[group] = fresh
      table.type[index] = fresh
    }
  }

  private func entry(_ holder: Holder?, _ sizeClass: Int, _ table: ObjectTable, _ catalog: TypeCatalog) -> TypeEntry {
    let plain = "C block, " + BlockSize.text(sizeClass)
    let known: BlockHolder
    switch holder {
    case .runtime: return TypeEntry(name: "Swift runtime data", kind: .runtimeData)
    case .image(let file): known = BlockHolder(.image, file)
    case .type(let index, let property):
      known = BlockHolder(.type, catalog.types[Int(index)].name + (property.map { ".\($0)" } ?? ""))
    case .thread: known = BlockHolder(.thread, "threads")
    case .memory: known = BlockHolder(.memory, "other memory")
    case nil: return TypeEntry(name: plain, kind: .unknown)
    }
    return TypeEntry(name: "\(plain) (\(known.name))", kind: .unknown, holder: known)
  }
}
