import ProcessImage

/// The types that were met on a heap, each once, and the way from metadata to them.
struct TypeCatalog {
  private(set) var types: [TypeEntry]
  private let reader: MetadataReader
  private var table = MetadataTable()

  /// Index 0: what is not a Swift object.
  static let unknown: UInt32 = 0

  init(reader: MetadataReader) {
    self.reader = reader
    types = [TypeEntry(name: "unknown", kind: .unknown)]
  }

  mutating func add(_ entry: TypeEntry) -> UInt32 {
    types.append(entry)
    return UInt32(truncatingIfNeeded: types.count &- 1)
  }

  /// - Parameter metadata: A block's first word, not 0.
  mutating func facts(for metadata: UInt64) -> MetadataTable.Facts {
    if let known = table.facts(for: metadata) { return known }
    let fresh = makeFacts(for: Address(metadata))
    table.insert(fresh, for: metadata)
    return fresh
  }

  /// The entry of a box with an error of the type whose metadata is `type`; `unknown` if it is none.
  mutating func errorBox(of type: UInt64) -> UInt32 {
    // Metadata is aligned, so that the lowest bit tells these keys from the others.
    let key = type | 1
    if let known = table.facts(for: key) { return known.type }
    var index = Self.unknown
    if reader.kind(at: Address(type)) != nil, let name = reader.namer.name(of: Address(type)) {
      index = add(TypeEntry(name: "error box: \(name)", kind: .errorBox, metadata: Address(type)))
    }
    table.insert(MetadataTable.Facts(type: index, size: 0, form: index == Self.unknown ? .none : .object), for: key)
    return index
  }

  private mutating func makeFacts(for metadata: Address) -> MetadataTable.Facts {
    let none = MetadataTable.Facts(type: Self.unknown, size: .max, form: .none)
    guard let kind = reader.kind(at: metadata) else { return none }
    let entry: TypeEntry
    var size = 16
    switch kind {
    case .classType:
      guard let facts = reader.classFacts(at: metadata) else { return none }
      size = facts.instanceSize
      entry = classEntry(metadata, facts)
    case .heapLocalVariable:
      guard let least = reader.contextSize(at: metadata) else { return none }
      size = least
      entry = TypeEntry(name: contextName(metadata), kind: .closureContext, metadata: metadata)
    case .heapGenericLocalVariable:
      guard let value = reader.boxedValue(at: metadata), let name = reader.namer.name(of: value.type) else {
        return none
      }
      size = value.offset
      entry = TypeEntry(name: "box: \(name)", kind: .box, metadata: metadata)
    case .errorObject:
      // Header, the error's type, its witness table.
      guard reader.hasDestroyer(metadata) else { return none }
      return MetadataTable.Facts(type: Self.unknown, size: 32, form: .error)
    case .task:
      guard reader.hasDestroyer(metadata) else { return none }
      size = TaskLayout.size
      entry = TypeEntry(name: "Task", kind: .task, metadata: metadata)
    case .job:
      guard reader.hasDestroyer(metadata) else { return none }
      size = TaskLayout.jobSize
      entry = TypeEntry(name: "Job", kind: .job, metadata: metadata)
    default: return none
    }
    return MetadataTable.Facts(type: add(entry), size: UInt32(truncatingIfNeeded: size), form: .object)
  }

  /// `closure context (String, App.Model)` by what it holds, as far as that can be read.
  private func contextName(_ metadata: Address) -> String {
    let names = captureNames(metadata)
    return names.isEmpty ? "closure context" : "closure context (\(names.joined(separator: ", ")))"
  }

  private func captureNames(_ metadata: Address) -> [String] {
    guard let place = reader.memory.pointer(at: metadata + 16),
      let descriptor = CaptureDescriptor(at: place, in: reader.memory)
    else { return [] }
    return descriptor.types.map { SymbolicType.name(at: $0, in: reader.memory, namer: reader.namer) ?? "_" }
  }

  /// Takes for boxes those contexts that hold one thing and stand beside no function: the runtime has one kind of metadata for
  /// both, and the compiler one for all boxes of a type, be they a closure's context or not.
  mutating func nameBoxes() {
    for index in types.indices where types[index].kind == .closureContext && types[index].function == nil {
      guard let names = types[index].metadata.map(captureNames), names.count == 1 else { continue }
      types[index].kind = .box
      types[index].name = "box: \(names[0])"
    }
  }

  private func classEntry(_ metadata: Address, _ facts: MetadataReader.ClassFacts) -> TypeEntry {
    let name = reader.namer.name(of: metadata) ?? facts.descriptor.name ?? "class \(metadata)"
    var entry = TypeEntry(
      name: name, kind: .instance, metadata: metadata, module: facts.descriptor.module,
      instanceSize: facts.instanceSize,
      hasReflection: facts.descriptor.fields != nil)
    for descriptor in reader.ancestry(of: metadata) where descriptor.module == "Swift" {
      guard let kind = Self.storageKind(descriptor.name) else { continue }
      entry.kind = kind
      if entry.module == "Swift" { entry.name = Self.storageName(name, kind) }
      break
    }
    return entry
  }

  private static func storageKind(_ name: String?) -> BlockKind? {
    switch name {
    case "__ContiguousArrayStorageBase": .arrayStorage
    case "__RawDictionaryStorage": .dictionaryStorage
    case "__RawSetStorage": .setStorage
    case "__StringStorage", "__SharedStringStorage": .stringStorage
    case "ManagedBuffer": .managedBuffer
    default: nil
    }
  }

  /// `_DictionaryStorage<String, App.Node>` as `[String: App.Node] storage`.
  private static func storageName(_ name: String, _ kind: BlockKind) -> String {
    let generics = name.firstIndex(of: "<").map { name[name.index(after: $0)...].dropLast() }
    switch (kind, generics) {
    case (.arrayStorage, let element?): return "[\(element)] storage"
    case (.setStorage, let element?): return "Set<\(element)> storage"
    case (.dictionaryStorage, let pair?):
      guard let comma = topLevelComma(pair) else { return name }
      return "[\(pair[..<comma]):\(pair[pair.index(after: comma)...])] storage"
    case (.stringStorage, _): return "String storage"
    default: return name
    }
  }

  private static func topLevelComma(_ text: Substring) -> Substring.Index? {
    var level = 0
    var previous: Character = " "
    for index in text.indices {
      let character = text[index]
      switch character {
      case "<", "(", "[": level += 1
      case ">" where previous == "-": break
      case ">", ")", "]": level -= 1
      case "," where level == 0: return index
      default: break
      }
      previous = character
    }
    return nil
  }
}

extension ContextDescriptor {
  /// The name of the module that it was declared in.
  var module: String? {
    var context = Optional(self)
    for _ in 0..<32 {
      guard let current = context else { return nil }
      if current.kind == .module { return current.name }
      context = current.parent
    }
    return nil
  }
}
