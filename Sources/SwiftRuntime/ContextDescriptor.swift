import ProcessImage

/// What a declaration leaves in an executable: its kind, its name, and the context that it was declared in
/// (include/swift/ABI/Metadata.h, TargetContextDescriptor).
struct ContextDescriptor {
  enum Kind: UInt32 {
    case module = 0
    case `extension` = 1
    case anonymous = 2
    case protocolType = 3
    case opaqueType = 4
    case classType = 16
    case structType = 17
    case enumType = 18
  }

  let address: Address
  let flags: UInt32
  let kind: Kind
  private let memory: any MemoryReader

  init?(at address: Address, in memory: any MemoryReader) {
    guard address.isAligned(to: 4), let flags = memory.load(UInt32.self, at: address),
      let kind = Kind(rawValue: flags & 0x1F)
    else { return nil }
    self.address = address
    self.flags = flags
    self.kind = kind
    self.memory = memory
  }

  var isGeneric: Bool { flags & 0x80 != 0 }
  var isType: Bool { kind == .classType || kind == .structType || kind == .enumType }

  /// The context around it; `nil` at a module, or where it cannot be read.
  var parent: ContextDescriptor? {
    indirectable(at: address + 4).flatMap { ContextDescriptor(at: $0, in: memory) }
  }

  /// The plain name of a type, a protocol or a module.
  var name: String? {
    guard isType || kind == .protocolType || kind == .module, let place = memory.relativePointer(at: address + 8),
      let name = memory.string(at: place, limit: 512), !name.isEmpty
    else { return nil }
    return name
  }

  /// A class's superclass, a mangled name with symbolic references.
  var superclassName: Address? { kind == .classType ? memory.relativePointer(at: address + 20) : nil }

  /// A type's field descriptor: what reflection knows of it. `nil` if the program was built without.
  var fields: Address? { isType ? memory.relativePointer(at: address + 16) : nil }

  /// The type that an extension extends, a mangled name with symbolic references.
  var extendedType: Address? { kind == .extension ? memory.relativePointer(at: address + 8) : nil }

  /// What follows a generic descriptor.
  var generics: GenericParameters? {
    guard isGeneric else { return nil }
    switch kind {
    // Two relative pointers of a type's own stand before the header.
    case .classType: return GenericParameters(at: address + 44 + 8, in: memory)
    case .structType, .enumType: return GenericParameters(at: address + 28 + 8, in: memory)
    case .extension: return GenericParameters(at: address + 12, in: memory)
    case .anonymous: return GenericParameters(at: address + 8, in: memory)
    case .module, .protocolType, .opaqueType: return nil
    }
  }

  /// Where the runtime keeps the instances of a generic type.
  var instantiationCache: Address? {
    guard isGeneric, isType else { return nil }
    return memory.relativePointer(at: address + (kind == .classType ? 44 : 28))
  }

  /// Where a class's generic arguments begin, in bytes from its metadata's address point.
  var classArgumentsOffset: Int? {
    let negative = memory.load(UInt32.self, at: address + 24)
    let positive = memory.load(UInt32.self, at: address + 28)
    let members = memory.load(UInt32.self, at: address + 32)
    guard kind == .classType, let negative, let positive, let members else { return nil }
    let hasResilientSuperclass = flags >> 16 & 1 << 13 != 0
    if hasResilientSuperclass {
      // StoredClassMetadataBounds: the offset is computed when the class is first used.
      guard let bounds = memory.relativePointer(at: address + 24), let offset = memory.load(Int64.self, at: bounds),
        abs(offset.clamped) <= 1 << 20
      else { return nil }
      return Int(offset)
    }
    let membersAreNegative = flags >> 16 & 1 << 12 != 0
    return membersAreNegative ? -Int(negative) * 8 : (Int(positive) - Int(members)) * 8
  }

  /// A relative pointer whose lowest bit says that it leads to a pointer.
  private func indirectable(at place: Address) -> Address? {
    guard let target = memory.relativePointer(at: place) else { return nil }
    guard target.bits & 1 == 1 else { return target }
    return memory.pointer(at: target - 1).flatMap { $0.bits == 0 ? nil : $0 }
  }
}

extension Int64 {
  /// Away from the one value whose magnitude traps.
  fileprivate var clamped: Int64 { Swift.max(self, -Int64.max) }
}

/// The generic parameters of a context, those of the contexts around it included (TargetGenericContextDescriptorHeader).
struct GenericParameters {
  enum Parameter { case type, pack, value, other }

  let parameters: [(kind: Parameter, hasArgument: Bool)]
  /// Words before the first argument: the lengths of the packs' shapes.
  let shapeCount: Int
  /// For each pack among the arguments, in order: which of the lengths is its own.
  let shapes: [Int]

  /// Far more than anyone writes: a bound for damaged memory.
  private static let limit = 64

  init?(at header: Address, in memory: any MemoryReader) {
    guard let count = memory.load(UInt16.self, at: header), let requirements = memory.load(UInt16.self, at: header + 2),
      let flags = memory.load(UInt16.self, at: header + 6), count <= Self.limit,
      let bytes = memory.bytes(at: header + 8, count: Int(count))
    else { return nil }
    parameters = bytes.map { byte in
      let kind: Parameter =
        switch byte & 0x3F {
        case 0: .type
        case 1: .pack
        case 2: .value
        default: .other
        }
      return (kind, byte & 0x80 != 0)
    }
    guard flags & 1 != 0 else {
      shapeCount = 0
      shapes = []
      return
    }
    let behindParameters = header + 8 + (Int(count) + 3) / 4 * 4
    let packs = behindParameters + Int(requirements) * 12
    guard let packCount = memory.load(UInt16.self, at: packs), let shapeCount = memory.load(UInt16.self, at: packs + 2),
      packCount <= Self.limit, shapeCount <= Self.limit
    else { return nil }
    self.shapeCount = Int(shapeCount)
    var shapes: [Int] = []
    for index in 0..<Int(packCount) {
      let descriptor = packs + 4 + index * 8
      guard let kind = memory.load(UInt16.self, at: descriptor),
        let shape = memory.load(UInt16.self, at: descriptor + 4)
      else { return nil }
      // Kind 0 describes a pack of types, 1 one of witness tables.
      if kind == 0 { shapes.append(Int(shape)) }
    }
    self.shapes = shapes
  }
}
