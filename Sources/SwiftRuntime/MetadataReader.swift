import ProcessImage

/// Finds out whether an address holds metadata that a heap object can begin with, and what kind of object that is.
///
/// Each test is one that an accidental word is not expected to pass: alignment, a readable mapping without code, sane sizes, a class
/// descriptor, a destroyer in code.
struct MetadataReader {
  let memory: any MemoryReader
  /// Readable memory that is not code.
  let data: AddressRanges
  let code: AddressRanges
  let namer: TypeNamer

  init(memory: any MemoryReader, data: AddressRanges, code: AddressRanges) {
    self.memory = memory
    self.data = data
    self.code = code
    namer = TypeNamer(memory: memory)
  }

  struct ClassFacts {
    let instanceSize: Int
    let descriptor: ContextDescriptor
    let superclass: Address?
  }

  /// No class's own fields take more: a bound for damaged memory.
  private static let sizeLimit: UInt32 = 1 << 28

  func kind(at metadata: Address) -> MetadataKind? {
    guard metadata.isAligned(to: 8), data.contains(metadata.bits), let word = memory.word(at: metadata) else {
      return nil
    }
    return MetadataKind(rawValue: word)
  }

  /// TargetClassMetadata without Objective-C: superclass +8, flags +16, address point +20, instance size +24, alignment mask
  /// +28, class size +32, its address point +36, descriptor +40.
  func classFacts(at metadata: Address) -> ClassFacts? {
    guard let bytes = memory.bytes(at: metadata, count: 48),
      let witnesses = memory.pointer(at: metadata - 8), data.contains(witnesses.bits),
      let destroyer = memory.pointer(at: metadata - 16), destroyer.bits == 0 || code.contains(destroyer.bits)
    else { return nil }
    let superclass = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    let instanceAddressPoint = bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self)
    let instanceSize = bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
    let alignmentMask = bytes.loadUnaligned(fromByteOffset: 28, as: UInt16.self)
    let classSize = bytes.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
    let classAddressPoint = bytes.loadUnaligned(fromByteOffset: 36, as: UInt32.self)
    guard superclass == 0 || superclass & 7 == 0 && data.contains(superclass), instanceAddressPoint == 0,
      instanceSize >= 16, instanceSize < Self.sizeLimit, alignmentMask & (alignmentMask &+ 1) == 0,
      classSize < Self.sizeLimit, classAddressPoint < classSize,
      let descriptor = ContextDescriptor(
        at: Address(bytes.loadUnaligned(fromByteOffset: 40, as: UInt64.self)), in: memory),
      descriptor.kind == .classType
    else { return nil }
    return ClassFacts(
      instanceSize: Int(instanceSize), descriptor: descriptor, superclass: superclass == 0 ? nil : Address(superclass))
  }

  /// The superclass of each class from `metadata` on, itself included, as descriptors.
  func ancestry(of metadata: Address) -> [ContextDescriptor] {
    var found: [ContextDescriptor] = []
    var next = Optional(metadata)
    while let current = next, found.count < 64, let facts = classFacts(at: current) {
      found.append(facts.descriptor)
      next = facts.superclass
    }
    return found
  }

  /// Whether a destroyer in code stands before the metadata, as it does for every heap object's.
  func hasDestroyer(_ metadata: Address) -> Bool {
    memory.word(at: metadata - 16).map { code.contains($0) } == true
  }

  /// The least size of a closure context or a box: up to its first capture.
  func contextSize(at metadata: Address) -> Int? {
    guard hasDestroyer(metadata), let offset = memory.load(UInt32.self, at: metadata + 8), offset < 1 << 16 else {
      return nil
    }
    return max(16, Int(offset))
  }

  /// The value in a box whose metadata names its type (GenericBoxHeapMetadata): where it begins, and its type's metadata.
  func boxedValue(at metadata: Address) -> (offset: Int, type: Address)? {
    guard hasDestroyer(metadata), let offset = memory.load(UInt32.self, at: metadata + 8), offset >= 16,
      offset < 1 << 16,
      let type = memory.pointer(at: metadata + 16), data.contains(type.bits)
    else { return nil }
    return (Int(offset), type)
  }
}
