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

  private var holders: HolderTable
  /// Blocks by their number, and behind them regions: all are held.
  private var queue: [UInt32] = []
  /// Memory of a block that is the runtime's and was never written.
  private var unused: Range<Address>?
  /// Anonymous memory that is neither the allocator's nor a stack, in rising order.
  private var regions: [Range<Address>] = []
  /// Who holds each region; 0 as long as nobody does.
  private var regionHolders: [UInt32] = []
  private var filter = PageFilter()
  private var low = UInt64.max
  private var high = UInt64.min

  /// - Parameter types: What the blocks' types are, as far as they are known.
  init(snapshot: Snapshot, blocks: Blocks, types: [TypeEntry]) {
    self.snapshot = snapshot
    self.blocks = blocks
    holders = HolderTable(types: types, memory: snapshot)
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
      holdByObjects(&types)
      for image in snapshot.images where image.path == snapshot.executable { hold(image, &types) }
      drain(&types)
      holdByThreads(&types)
      holdByOtherMemory(&types)
    }
    nameHeld(&table, &catalog)
  }

  // MARK: Roots

  private mutating func holdByRuntime(_ types: inout UnsafeMutableBufferPointer<UInt32>, _ entries: [TypeEntry]) {
    let runtime = holders.number(.runtime)
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
    let holder = holders.number(.image(SwiftProcess.fileName(image.path)))
    for range in snapshot.writableRanges(of: image) { scan(range.start, count: range.count, holder, &types) }
  }

  private mutating func holdByObjects(_ types: inout UnsafeMutableBufferPointer<UInt32>) {
    var walk = BlockBytes(memory: snapshot, blocks: blocks)
    for index in types.indices where types[index] != TypeCatalog.unknown && types[index] < HolderTable.mark {
      let (_, block) = walk.bytes(of: index)
      let type = types[index]
      var offset = 0
      while offset &+ 8 <= block.count {
        let word = block.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if word >= low, word < high, filter.mayContain(word), let item = unheldItem(at: word, types) {
          hold(item, holders.number(ofType: type, at: offset), &types)
        }
        offset &+= 8
      }
    }
  }

  /// What only threads hold: the thread-local variables of images, glibc's control blocks, stacks.
  private mutating func holdByThreads(_ types: inout UnsafeMutableBufferPointer<UInt32>) {
    let variables = ThreadVariables(in: snapshot)
    for thread in snapshot.threads {
      if let linker = variables.linker, let table = variables.table(of: thread) {
        visit(table.bits, holders.number(.image(SwiftProcess.fileName(linker.path))), &types)
      }
      for (image, place) in variables.places(of: thread) {
        let holder = holders.number(.image(SwiftProcess.fileName(image.path)))
        visit(place.start.bits, holder, &types)
        scan(place.start, count: place.count, holder, &types)
      }
    }
    drain(&types)
    let holder = holders.number(.thread)
    for thread in snapshot.threads {
      let locals = thread.registers.threadPointer
      // Static thread-local variables lie below the thread pointer, glibc's `struct pthread` above it.
      guard let mapping = snapshot.mapping(containing: locals) else { continue }
      let start = max(mapping.start, locals - 8192)
      scan(start, count: min(mapping.end, locals + 2304).distance(from: start), holder, &types)
    }
    for mapping in snapshot.mappings {
      // Threads whose stacks share a mapping: it is read once, from the lowest pointer on.
      guard let lowest = snapshot.threads(in: mapping).first else { continue }
      for pages in snapshot.pages(in: snapshot.threads[lowest].registers.stackPointer..<mapping.end) {
        scan(pages.start, count: pages.size, holder, &types)
      }
    }
    drain(&types)
  }

  /// What is left: memory that nobody holds, of ended threads for example.
  private mutating func holdByOtherMemory(_ types: inout UnsafeMutableBufferPointer<UInt32>) {
    let holder = holders.number(.memory)
    for index in regions.indices where regionHolders[index] == 0 { hold(blocks.count + index, holder, &types) }
    for mapping in snapshot.mappings where mapping.permissions.contains(.write) && !isHeap(mapping) {
      for pages in snapshot.pages(in: mapping.start..<mapping.end) {
        scan(pages.start, count: pages.size, holder, &types)
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
      && snapshot.threads(in: mapping).isEmpty
    {
      // The kernel joins it with an image's zeroed variables if they are neighbours.
      var start = mapping.start
      let first = snapshot.images.partitioningIndex { $0.end > start }
      for image in snapshot.images[first...].prefix(while: { $0.start < mapping.end }) where start < image.end {
        if start < image.start { regions.append(start..<image.start) }
        start = image.end
      }
      if start < mapping.end { regions.append(start..<mapping.end) }
    }
    regionHolders = Array(repeating: 0, count: regions.count)
    for region in regions {
      for pages in snapshot.pages(in: region) { filter.insert(start: pages.start.bits, count: pages.size) }
      low = min(low, region.lowerBound.bits)
      high = max(high, region.upperBound.bits)
    }
  }

  private func region(of word: UInt64) -> Int? {
    let index = regions.partitioningIndex { $0.upperBound.bits > word }
    return index < regions.count && regions[index].lowerBound.bits <= word ? index : nil
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
    if let item = unheldItem(at: word, types) { hold(item, holder, &types) }
  }

  /// The unknown block or the region that a word leads to, if nobody holds it yet.
  private func unheldItem(at word: UInt64, _ types: UnsafeMutableBufferPointer<UInt32>) -> Int? {
    if let index = block(of: word) { return types[index] == TypeCatalog.unknown ? index : nil }
    guard let index = region(of: word), regionHolders[index] == 0 else { return nil }
    return blocks.count + index
  }

  private mutating func hold(_ item: Int, _ holder: UInt32, _ types: inout UnsafeMutableBufferPointer<UInt32>) {
    if item < blocks.count { types[item] = holder } else { regionHolders[item - blocks.count] = holder }
    queue.append(UInt32(item))
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
        let item = Int(queue[next])
        next += 1
        if item < blocks.count {
          let holder = types[item]
          let start = blocks.address(of: item)
          var count = blocks.usableBytes(of: item)
          if let unused, unused.lowerBound >= start, unused.lowerBound < start + count {
            count = unused.lowerBound.distance(from: start)
          }
          scan(start, count: count, holder, &types)
        } else {
          let holder = regionHolders[item - blocks.count]
          for pages in snapshot.pages(in: regions[item - blocks.count]) {
            scan(pages.start, count: pages.size, holder, &types)
          }
        }
      }
      level += 1
    }
    queue.removeFirst(next)
  }

  // MARK: Names

  /// Adds an entry for each holder and size, and for each size of what nobody holds.
  private mutating func nameHeld(_ table: inout ObjectTable, _ catalog: inout TypeCatalog) {
    var entries: [UInt64: UInt32] = [:]
    // What the runtime keeps is one row, whatever its size.
    let runtime = holders.number(.runtime)
    for index in 0..<blocks.count
    where table.type[index] == TypeCatalog.unknown || table.type[index] >= HolderTable.mark {
      let holder = table.type[index]
      let sizeClass = holder == runtime ? 0 : BlockSize.sizeClass(blocks.usableBytes(of: index))
      // A size is a multiple of 8 up to 1 KiB, or a power of two: told apart by 32 bits.
      let group = UInt64(holder) << 32 | UInt64(sizeClass <= 1024 ? sizeClass : 1024 + sizeClass.trailingZeroBitCount)
      if let known = entries[group] {
        table.type[index] = known
        continue
      }
      let isHeld = holder != TypeCatalog.unknown
      let fresh = catalog.add(entry(isHeld ? holders[holder] : nil, sizeClass, table, catalog))
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
