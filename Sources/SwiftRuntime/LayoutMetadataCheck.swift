import ProcessImage

/// Checks metadata before the mirror sees it: the library aborts or crashes when a generic argument is no metadata.
///
/// A type is sound if it, its superclasses, and all types that it is made of have a known kind, readable memory and a
/// descriptor of their kind. Types may refer to themselves (`class Leaf: Base<Leaf>`).
struct LayoutMetadataCheck {
  private let memory: any MemoryReader
  private var sound: Set<UInt64> = []
  private var damaged: Set<UInt64> = []

  private static let mostTypes = 4096
  private static let mostParts = 1024

  init(_ memory: any MemoryReader) { self.memory = memory }

  mutating func isSound(_ metadata: Address) -> Bool {
    if sound.contains(metadata.bits) { return true }
    if damaged.contains(metadata.bits) { return false }
    var seen: Set<UInt64> = [metadata.bits]
    var open = [metadata]
    while let next = open.popLast() {
      guard seen.count <= Self.mostTypes, let parts = parts(of: next) else {
        damaged.insert(metadata.bits)
        return false
      }
      for part in parts where !sound.contains(part.bits) && seen.insert(part.bits).inserted { open.append(part) }
    }
    sound.formUnion(seen)
    return true
  }

  /// The types that a type's metadata refers to; `nil`: damaged.
  private func parts(of metadata: Address) -> [Address]? {
    guard metadata.isAligned(to: 8), metadata.bits >= LayoutSlot.leastPointer, let kind = memory.word(at: metadata)
    else {
      return nil
    }
    switch kind {
    case 0:
      guard let type = ClassMetadata(metadata, memory),
        let arguments = genericArguments(of: type.descriptor, headerOffset: 44, first: type.ownPart(memory))
      else { return nil }
      return arguments + [type.superclass].compactMap { $0 }
    case MetadataKind.structType.rawValue, MetadataKind.enumType.rawValue, MetadataKind.optional.rawValue:
      guard let descriptor = memory.pointer(at: metadata + 8), let flags = memory.load(UInt32.self, at: descriptor),
        flags & 0x1F == (kind == MetadataKind.structType.rawValue ? 17 : 18)
      else { return nil }
      return genericArguments(of: descriptor, headerOffset: 28, first: metadata + 16)
    case MetadataKind.tuple.rawValue:
      // Count, labels, then type and offset of each element.
      guard let count = memory.word(at: metadata + 8), count <= Self.mostParts else { return nil }
      return words(at: metadata + 24, count: Int(count), stride: 16)
    case MetadataKind.function.rawValue:
      // Flags with the number of parameters, the result, the parameters.
      guard let flags = memory.word(at: metadata + 8), flags & 0xFFFF <= Self.mostParts else { return nil }
      return words(at: metadata + 16, count: Int(flags & 0xFFFF) + 1, stride: 8)
    case MetadataKind.metatype.rawValue, MetadataKind.existentialMetatype.rawValue:
      return words(at: metadata + 8, count: 1, stride: 8)
    case MetadataKind.fixedArray.rawValue:
      return words(at: metadata + 16, count: 1, stride: 8)
    case MetadataKind.opaque.rawValue, MetadataKind.existential.rawValue, MetadataKind.extendedExistential.rawValue,
      MetadataKind.foreignClass.rawValue, MetadataKind.foreignReferenceType.rawValue:
      return []
    default:
      return nil
    }
  }

  private func words(at address: Address, count: Int, stride: Int) -> [Address]? {
    var words: [Address] = []
    for index in 0..<count {
      guard let word = memory.pointer(at: address + index * stride) else { return nil }
      words.append(word)
    }
    return words
  }

  /// The arguments that are types; packs and integers are passed over.
  ///
  /// The generic context header (GenericContext.h) has its counts at +8, and behind 16 bytes a byte for each parameter:
  /// bit 7, has an argument; lower bits, 0 for a type, 1 for a pack, 2 for a value.
  private func genericArguments(of descriptor: Address, headerOffset: Int, first: Address?) -> [Address]? {
    guard let flags = memory.load(UInt32.self, at: descriptor) else { return nil }
    if flags & 0x80 == 0 { return [] }
    let header = descriptor + headerOffset
    guard let first, let count = memory.load(UInt16.self, at: header + 8), count <= Self.mostParts else { return nil }
    var arguments: [Address] = []
    var place = first
    for index in 0..<Int(count) {
      guard let parameter = memory.load(UInt8.self, at: header + 16 + index) else { return nil }
      if parameter & 0x80 == 0 { continue }
      if parameter & 0x3F == 0 {
        guard let argument = memory.pointer(at: place) else { return nil }
        arguments.append(argument)
      }
      // A pack's count comes before all arguments: such types are left to the library.
      if parameter & 0x3F == 1 { return [] }
      place = place + 8
    }
    return arguments
  }
}
