import ProcessImage

/// Names closure contexts by their functions. A closure is stored as {function, context}: a word that leads to a context, behind
/// a word that leads into code. Variables of images, memory of blocks, and live stacks are looked through once, the first pair
/// counts.
///
/// A context that nobody stores that way keeps its plain name: what captured variables live in, contexts that only a register
/// holds, and those whose function went into specialised code.
struct ClosureFunctions<Blocks: BlockList> {
  let snapshot: Snapshot
  let blocks: Blocks
  let code: AddressRanges

  private struct Pair: Hashable {
    var type: UInt32
    var function: UInt64
    var inner: UInt64
  }

  private let symbolizer: Symbolizer
  private var lastPair: Pair?
  private var lastEntry: UInt32 = 0
  private var thunks: [Address: Bool] = [:]
  private var entries: [Pair: UInt32] = [:]
  private var filter = PageFilter()
  private var low = UInt64.max
  private var high = UInt64.min
  /// Types from here on were named here; their blocks are done.
  private var firstNamed: UInt32 = 0
  private var isContext: [Bool] = []

  init(snapshot: Snapshot, blocks: Blocks, code: AddressRanges, symbolizer: Symbolizer) {
    self.snapshot = snapshot
    self.blocks = blocks
    self.code = code
    self.symbolizer = symbolizer
  }

  mutating func name(in table: inout ObjectTable, catalog: inout TypeCatalog) {
    isContext = catalog.types.map { $0.kind == .closureContext }
    guard isContext.contains(true) else { return }
    firstNamed = UInt32(truncatingIfNeeded: catalog.types.count)
    for index in 0..<blocks.count where isContext[Int(table.type[index])] {
      let start = blocks.address(of: index).bits
      filter.insert(start: start, count: 1)
      low = min(low, start)
      high = max(high, start)
    }
    guard low <= high else { return }
    let memory = snapshot
    let blocks = blocks
    table.type.withUnsafeMutableBufferPointer { types in
      for image in memory.images {
        for range in memory.writableRanges(of: image) { scan(memory, range.start, range.count, &types, &catalog) }
      }
      var walk = BlockBytes(memory: memory, blocks: blocks)
      for index in types.indices { scan(walk.bytes(of: index).bytes, &types, &catalog) }
      // Last: a return address may stand beside a context on a stack.
      for thread in memory.threads {
        let stack = thread.registers.stackPointer
        guard let mapping = memory.mapping(containing: stack) else { continue }
        let start = Address(stack.bits & ~7)
        scan(memory, start, mapping.end.distance(from: start), &types, &catalog)
      }
    }
  }

  private mutating func scan(
    _ memory: Snapshot, _ start: Address, _ count: Int, _ types: inout UnsafeMutableBufferPointer<UInt32>,
    _ catalog: inout TypeCatalog
  ) {
    let bytes = memory.bytes(from: start)
    scan(UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, max(0, count))]), &types, &catalog)
  }

  @inline(__always)
  private mutating func scan(
    _ bytes: UnsafeRawBufferPointer, _ types: inout UnsafeMutableBufferPointer<UInt32>, _ catalog: inout TypeCatalog
  ) {
    var offset = 8
    while offset &+ 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if word >= low, word <= high, filter.mayContain(word) {
        take(word, before: bytes.loadUnaligned(fromByteOffset: offset &- 8, as: UInt64.self), &types, &catalog)
      }
      offset &+= 8
    }
  }

  private mutating func take(
    _ context: UInt64, before: UInt64, _ types: inout UnsafeMutableBufferPointer<UInt32>, _ catalog: inout TypeCatalog
  ) {
    guard let index = blocks.index(startingAt: Address(context)), types[index] < firstNamed,
      isContext[Int(types[index])],
      let function = function(before)
    else { return }
    let inner = innerFunction(of: context, function)
    let pair = Pair(type: types[index], function: function.bits, inner: inner?.bits ?? 0)
    if pair == lastPair {
      types[index] = lastEntry
      return
    }
    lastPair = pair
    if let known = entries[pair] {
      types[index] = known
      lastEntry = known
      return
    }
    var entry = catalog.types[Int(types[index])]
    entry.name = name(of: function)
    if let inner { entry.name = "thunk for " + name(of: inner) }
    entry.function = function
    let fresh = catalog.add(entry)
    entries[pair] = fresh
    lastEntry = fresh
    types[index] = fresh
  }

  private func name(of function: Address) -> String {
    symbolizer.closureName(of: function) ?? "closure at \(snapshot.place(of: function))"
  }

  /// Whether the function only passes its arguments on in another form, to a closure that its context holds.
  private mutating func isThunk(_ function: Address) -> Bool {
    if let known = thunks[function] { return known }
    let name = symbolizer.closureName(of: function) ?? ""
    let isThunk = name.hasPrefix("thunk for ") || name.hasPrefix("specialized thunk for ")
    thunks[function] = isThunk
    return isThunk
  }

  /// The closure that a thunk's context holds, behind its header and, of an isolated one, its actor; through thunks of thunks.
  private mutating func innerFunction(of context: UInt64, _ outer: Address) -> Address? {
    var inner: Address?
    var place = Address(context)
    for _ in 0..<4 where isThunk(inner ?? outer) {
      guard let (function, next) = storedClosure(in: place) else { return inner }
      inner = function
      place = next
    }
    return inner
  }

  private func storedClosure(in context: Address) -> (function: Address, context: Address)? {
    for offset in stride(from: 16, through: 40, by: 8) {
      if let word = snapshot.word(at: context + offset), let function = function(word) {
        return (function, snapshot.pointer(at: context + offset + 8) ?? Address(0))
      }
    }
    return nil
  }

  /// A word as a function: an address in code, or an async function's descriptor, which leads to its code by a relative
  /// pointer and says how large its context is.
  private func function(_ word: UInt64) -> Address? {
    if code.contains(word) { return Address(word) }
    guard word & 3 == 0, let image = snapshot.image(containing: Address(word)), !image.path.isEmpty,
      let target = snapshot.relativePointer(at: Address(word)), code.contains(target.bits), image.start <= target,
      target < image.end, let size = snapshot.load(UInt32.self, at: Address(word) + 4), size >= 16, size < 1 << 20,
      size % 8 == 0
    else { return nil }
    return target
  }
}

extension Snapshot {
  /// The memory of an image's variables, zeroed ones included.
  func writableRanges(of image: ElfImage) -> [(start: Address, count: Int)] {
    mappings.compactMap { mapping in
      guard mapping.permissions.contains(.write), mapping.end > image.start, mapping.start < image.end else {
        return nil
      }
      let start = max(mapping.start, image.start)
      return (start, min(mapping.end, image.end).distance(from: start))
    }
  }

  /// A place without a symbol: `libfoo.so+0x1234`, or the address where no image holds it.
  func place(of address: Address) -> String {
    guard let image = image(containing: address) else { return "\(address)" }
    return SwiftProcess.fileName(image.path) + "+0x" + String(address.bits &- image.loadBias.bits, radix: 16)
  }
}
