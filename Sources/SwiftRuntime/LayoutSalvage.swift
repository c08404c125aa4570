internal import CRemoteMirror
import ProcessImage

/// The fields of a class that the mirror cannot lay out as a whole, because one of them cannot be copied (Mutex and Atomic of module
/// Synchronization, other `~Copyable` types). Names and types come from the class's field descriptor,
/// places from the field offset vector of its metadata.
struct SalvagedField {
  enum Content {
    case value(MirrorChild)
    /// `Mutex<Value>`: a 4-byte lock, then the value at its alignment.
    case mutex(MirrorChild)
    /// Owns nothing.
    case atomic
    case unknown
  }

  var name: String
  var offset: Int
  var content: Content

  private static let mostFields = 4096

  /// `nil`: there is no field descriptor (the image was built without reflection metadata), or it is damaged.
  ///
  /// - Parameter symbolName: The name of the symbol that begins at an address of the target.
  static func fields(
    of metadata: ClassMetadata, _ mirror: RemoteMirror, _ memory: any MemoryReader, symbolName: (Address) -> String?
  ) -> [SalvagedField]? {
    // FieldDescriptor: two relative pointers, kind u16, record size u16, count u32; records: flags, type, name.
    guard let descriptor = memory.relativePointer(at: metadata.descriptor + 16),
      let recordSize = memory.load(UInt16.self, at: descriptor + 10), recordSize == 12,
      let count = memory.load(UInt32.self, at: descriptor + 12), count <= mostFields
    else { return nil }
    if count == 0 { return [] }
    guard let offsets = metadata.fieldOffsets(memory), offsets.count == Int(count) else { return nil }
    let arguments = metadata.genericArguments(memory)
    return (0..<Int(count)).map { index in
      let record = descriptor + 16 + index * 12
      let name = memory.relativePointer(at: record + 8).flatMap { memory.string(at: $0) } ?? String(index)
      var field = SalvagedField(name: name, offset: offsets[index], content: .unknown)
      guard let address = memory.relativePointer(at: record + 4), let type = SymbolicName(at: address, memory) else {
        return field
      }
      if case .reference(kind: 9, _)? = type.pieces.first {
        if let symbol = symbolName(address) {
          field.content = noncopyable(symbol, near: address, arguments: arguments, mirror)
        }
      } else if let value = mirror.fieldType(type, near: address, arguments: arguments) {
        field.content = .value(value)
      }
      return field
    }
  }

  /// What a field whose type cannot be copied holds, from the name of the symbol that stands at its type's mangled name.
  ///
  /// The name itself is a function that answers "empty tuple", so that old reflection code does not copy such values; only the symbol
  /// table knows better: `get_type_metadata TYPE noncopyable`, before a generic class's TYPE an `l`. A stripped image has
  /// none.
  private static func noncopyable(_ symbol: String, near: Address, arguments: [UInt64], _ mirror: RemoteMirror)
    -> Content
  {
    let words = symbol.split(separator: " ")
    guard words.count == 3, words[0] == "get_type_metadata", words[2].hasPrefix("noncopyable") else { return .unknown }
    let name = words[1].utf8.first == UInt8(ascii: "l") ? words[1].dropFirst() : words[1]
    if name.hasPrefix(atomicPrefix) { return .atomic }
    guard name.hasPrefix(mutexPrefix), name.hasSuffix("G") else {
      return known(mirror.type(named: String(name)), mirror).map { .value($0) }
        ?? mirror.fieldType(SymbolicName(text: String(name)), near: near, arguments: arguments).map { .value($0) }
        ?? .unknown
    }
    let inner = SymbolicName(text: String(name.dropFirst(mutexPrefix.count).dropLast()))
    let argument = mirror.type(named: String(name)).flatMap { mirror.genericArgument(0, of: $0) }
    return (known(argument, mirror) ?? mirror.fieldType(inner, near: near, arguments: arguments)).map { .mutex($0) }
      ?? .unknown
  }

  private static func known(_ type: MirrorType?, _ mirror: RemoteMirror) -> MirrorChild? {
    guard let type else { return nil }
    let kind = mirror.layout(of: type).kind
    return kind == wm_unknown.rawValue ? nil : MirrorChild(name: "", offset: 0, kind: kind, type: type)
  }

  private static let mutexPrefix = "15Synchronization5MutexVy"
  private static let atomicPrefix = "15Synchronization6AtomicVy"
}

extension ClassMetadata {
  /// Where the class's own part of its metadata begins, generic arguments first; `nil` if it is damaged.
  func ownPart(_ memory: any MemoryReader) -> Address? {
    if hasResilientSuperclass(memory) {
      // Counted at run time.
      guard let bounds = memory.relativePointer(at: descriptor + 24), let own = memory.load(Int64.self, at: bounds),
        own > 0, own < 1 << 24
      else { return nil }
      return address + Int(own)
    }
    guard let positive = memory.load(UInt32.self, at: descriptor + 28),
      let own = memory.load(UInt32.self, at: descriptor + 32), own <= positive, positive < 1 << 16
    else { return nil }
    return address + Int(positive - own) * 8
  }

  func hasResilientSuperclass(_ memory: any MemoryReader) -> Bool {
    memory.load(UInt32.self, at: descriptor).map { $0 >> 16 & 1 << 13 != 0 } ?? false
  }

  /// Metadata pointers of the generic arguments; empty for a class without any.
  func genericArguments(_ memory: any MemoryReader) -> [UInt64] {
    guard let flags = memory.load(UInt32.self, at: descriptor), flags & 0x80 != 0, let first = ownPart(memory),
      let count = memory.load(UInt16.self, at: descriptor + 52), count <= 8
    else { return [] }
    return (0..<Int(count)).compactMap { memory.word(at: first + $0 * 8) }
  }
}
