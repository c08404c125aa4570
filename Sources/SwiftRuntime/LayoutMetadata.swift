import ProcessImage

/// Kinds of metadata by their first word (swiftlang/swift, HeapMetadataKind.def); a class has 0.
enum HeapMetadataKind {
  static let heapLocalVariable: UInt64 = 0x400
  static let heapGenericLocalVariable: UInt64 = 0x500
  static let errorObject: UInt64 = 0x501
}

/// What layouts need of a type's value witness table, to which the word before the metadata points.
struct ValueWitnesses {
  let size: Int
  let stride: Int
  let alignmentMask: Int
  /// Does an existential keep it in its three words?
  let isInline: Bool

  init?(of metadata: Address, _ memory: any MemoryReader) {
    guard let table = memory.pointer(at: metadata - 8), let size = memory.word(at: table + 64),
      let stride = memory.word(at: table + 72), let flags = memory.load(UInt32.self, at: table + 80),
      size < 1 << 32, stride < 1 << 32
    else { return nil }
    self.size = Int(size)
    self.stride = Int(stride)
    alignmentMask = Int(flags & 0xFF)
    isInline = flags & 0x2_0000 == 0
  }
}

extension MemoryReader {
  /// A context descriptor's parent: a relative pointer, whose lowest bit says that it leads to a pointer.
  func contextParent(of descriptor: Address) -> Address? {
    guard let distance = load(Int32.self, at: descriptor + 4), distance != 0 else { return nil }
    let target = descriptor + 4 + Int(distance & ~1)
    return distance & 1 == 0 ? target : pointer(at: target)
  }
}

/// A class's metadata and descriptor, as far as fields need it.
struct ClassMetadata {
  let address: Address
  let superclass: Address?
  let instanceSize: Int
  let descriptor: Address

  init?(_ address: Address, _ memory: any MemoryReader) {
    guard address.isAligned(to: 8), memory.word(at: address) == 0, let superclass = memory.word(at: address + 8),
      let size = memory.load(UInt32.self, at: address + 24), let descriptor = memory.pointer(at: address + 40),
      let flags = memory.load(UInt32.self, at: descriptor), flags & 0x1F == 16
    else { return nil }
    self.address = address
    self.superclass = superclass == 0 ? nil : Address(superclass)
    instanceSize = Int(size)
    self.descriptor = descriptor
  }

  /// The class and its superclasses, the root first; `nil` if one is damaged or the chain does not end.
  static func chain(of metadata: Address, _ memory: any MemoryReader) -> [ClassMetadata]? {
    var chain: [ClassMetadata] = []
    var next: Address? = metadata
    while let address = next {
      guard chain.count < 100, let found = ClassMetadata(address, memory) else { return nil }
      chain.append(found)
      next = found.superclass
    }
    return chain.reversed()
  }

  /// Where the class is declared and how it is called, without generic arguments; `nil` for a class in another type or function.
  func declaration(_ memory: any MemoryReader) -> (module: String, name: String)? {
    guard let parent = memory.contextParent(of: descriptor),
      memory.load(UInt32.self, at: parent).map({ $0 & 0x1F }) == 0,
      let module = memory.relativePointer(at: parent + 8).flatMap({ memory.string(at: $0, limit: 256) }),
      let name = memory.relativePointer(at: descriptor + 8).flatMap({ memory.string(at: $0, limit: 256) })
    else { return nil }
    return (module, name)
  }

  /// Where this class's own fields lie in an instance, as the running program knows it; `nil` where there is no vector.
  func fieldOffsets(_ memory: any MemoryReader) -> [Int]? {
    guard let count = memory.load(UInt32.self, at: descriptor + 36), count > 0, count < 1 << 16,
      let members = memory.load(UInt32.self, at: descriptor + 32),
      let vector = memory.load(UInt32.self, at: descriptor + 40), vector < 1 << 20
    else { return nil }
    // With a resilient superclass it is counted from this class's own part of the metadata, which it may begin.
    let isResilient = hasResilientSuperclass(memory)
    guard isResilient ? vector + count <= members : vector > 0 else { return nil }
    let base = isResilient ? ownPart(memory) : address
    guard let first = base.map({ $0 + Int(vector) * 8 }) else { return nil }
    guard let bytes = memory.bytes(at: first, count: Int(count) * 8) else { return nil }
    let offsets = (0..<Int(count)).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
    guard offsets.allSatisfy({ $0 < 1 << 28 }) else { return nil }
    return offsets.map { Int($0) }
  }
}

/// What the compiler says of a closure context's captures (swift5_capture), from word 2 of its metadata.
struct ContextCaptures {
  let captureCount: Int
  let bindingCount: Int
  /// Are there types that follow from captured objects? Otherwise they follow from the bindings.
  let asksCaptures: Bool
  /// Does the layout of one context hold for all with the same metadata?
  let isFixed: Bool
  /// Is a function the only capture, written down as generic code sees it, and owned with its context?
  let holdsOneFunction: Bool

  init?(ofContext metadata: Address, _ memory: any MemoryReader) {
    guard let address = memory.pointer(at: metadata + 16), let captures = memory.load(UInt32.self, at: address),
      let sources = memory.load(UInt32.self, at: address + 4), let bindings = memory.load(UInt32.self, at: address + 8),
      captures < 4096, sources < 256, bindings < 256
    else { return nil }
    captureCount = Int(captures)
    bindingCount = Int(bindings)
    isFixed = sources == 0 && bindings == 0
    let only = captures == 1 && bindings == 0 ? memory.relativePointer(at: address + 12) : nil
    holdsOneFunction = only.flatMap { SymbolicName(at: $0, memory) }?.isEscapingFunction ?? false
    var asks = false
    for index in 0..<Int(sources) {
      // Two relative pointers: a mangled type parameter, and the path to its metadata. A path that begins with a closure's binding
      // holds the letter B and none of R (captured reference), M (captured metatype) and S (the object itself).
      let record = address + 12 + Int(captures) * 4 + index * 8
      guard let path = memory.relativePointer(at: record + 4).flatMap({ memory.string(at: $0, limit: 256) }) else {
        asks = true
        continue
      }
      if path.utf8.contains(where: { $0 == UInt8(ascii: "R") || $0 == UInt8(ascii: "M") || $0 == UInt8(ascii: "S") }) {
        asks = true
      }
    }
    asksCaptures = asks
  }

  /// The metadata, the bindings, and where captured objects decide, the first words of whatever the context's words lead to.
  func identity(_ metadata: Address, _ bytes: UnsafeRawBufferPointer, _ memory: any MemoryReader) -> [UInt64] {
    var words = [metadata.bits]
    for index in 0..<bindingCount where bytes.count >= 24 + index * 8 {
      words.append(bytes.loadUnaligned(fromByteOffset: 16 + index * 8, as: UInt64.self))
    }
    guard asksCaptures else { return words }
    for offset in stride(
      from: 16 + bindingCount * 8, to: min(bytes.count - 7, 16 + (bindingCount + captureCount * 4) * 8), by: 8)
    {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & LayoutSlot.pointerMask
      words.append(word < LayoutSlot.leastPointer ? 0 : memory.word(at: Address(word)) ?? 0)
    }
    return words
  }
}

extension SymbolicName {
  /// Is it the lowered type of a function with a context that it owns: `…I`, `s` for substitutions, `e` for escaping, `g` or
  /// `x` for the context, then parameters and results, and `_`? (docs/ABI/Mangling.rst, impl-function-type; capitals stand for
  /// C functions, blocks and methods.)
  fileprivate var isEscapingFunction: Bool {
    guard pieces.last == .byte(UInt8(ascii: "_")),
      let start = pieces.lastIndex(of: .byte(UInt8(ascii: "I")))
    else { return false }
    var rest = pieces[(start + 1)...].dropLast()
    if rest.first == .byte(UInt8(ascii: "s")) { rest.removeFirst() }
    guard rest.popFirst() == .byte(UInt8(ascii: "e")), let context = rest.popFirst(),
      context == .byte(UInt8(ascii: "g")) || context == .byte(UInt8(ascii: "x"))
    else { return false }
    return rest.allSatisfy { piece in
      if case .byte(let byte) = piece { return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
      return false
    }
  }
}
