internal import CRemoteMirror
import ProcessImage

/// Turns what the mirror says of a type into flat slots.
struct LayoutBuilder {
  unowned let table: LayoutTable
  var gaps: Set<LayoutGap> = []
  /// Enums' payloads and tuples around the value at hand.
  var enclosing = 0
  /// Whether the value at hand is an optional's, and whether of a protocol's type.
  var isInOptional = false
  private var isOptionalProtocol = false
  private var declaredBy: FieldDeclaration?

  private static let deepest = 24
  /// More than any real type has; a damaged descriptor may claim more.
  static let mostChildren = 4096
  private static let mostSlots = 1 << 16

  init(table: LayoutTable) { self.table = table }

  private var memory: any MemoryReader { table.memory }

  // MARK: Heap objects

  /// The layout of the objects with this metadata; `object` is one of them.
  mutating func object(metadata: Address, object: Address) -> TypeLayout {
    guard let kind = memory.word(at: metadata) else {
      gaps.insert(.damagedMetadata)
      return TypeLayout()
    }
    switch kind {
    case 0:
      return classInstance(metadata)
    case HeapMetadataKind.heapLocalVariable:
      guard let captures = ContextCaptures(ofContext: metadata, memory) else { return unreflected() }
      if !captures.isFixed { return TypeLayout(shape: .perInstance) }
      return context(object: object)
    case HeapMetadataKind.heapGenericLocalVariable:
      return genericBox(metadata)
    case HeapMetadataKind.errorObject:
      return TypeLayout(shape: .perInstance)
    default:
      // Tasks and jobs: their memory is a stack, not fields.
      return TypeLayout()
    }
  }

  private mutating func unreflected() -> TypeLayout {
    gaps.insert(.noReflection)
    return TypeLayout()
  }

  private mutating func classInstance(_ metadata: Address) -> TypeLayout {
    guard table.check.isSound(metadata), let chain = ClassMetadata.chain(of: metadata, memory), let own = chain.last
    else {
      gaps.insert(.damagedMetadata)
      return TypeLayout()
    }
    let declaration = own.declaration(memory)
    switch declaration?.module == "Swift" ? declaration?.name : nil {
    case "_ContiguousArrayStorage": return elements(of: metadata, shape: .array)
    case "_SetStorage": return elements(of: metadata, shape: .set)
    case "_DictionaryStorage": return elements(of: metadata, shape: .dictionary)
    default: break
    }
    guard let mirror = table.mirror else { return unreflected() }
    var slots: [LayoutSlot] = []
    defer { declaredBy = nil }
    for ancestor in chain {
      declaredBy = FieldDeclaration(
        descriptor: ancestor.descriptor, metadata: ancestor.address, isInherited: ancestor.address != metadata)
      let name = ancestor.declaration(memory)
      if name?.module == "Swift", name?.name == "ManagedBuffer" { gaps.insert(.managedBufferElements) }
      if name?.module == "Foundation", let name = name?.name, name.hasPrefix("_NSCF") || name.hasPrefix("__NSCF") {
        // Core Foundation makes these objects in C, in a layout of its own over the fields that Swift declares.
        gaps.insert(.foreignLayout)
        return TypeLayout()
      }
      let layout = mirror.layout(ofClass: ancestor.address)
      guard layout.kind == wm_class_instance.rawValue, layout.childCount <= Self.mostChildren else {
        salvage(ancestor, mirror, into: &slots)
        continue
      }
      let offsets = ancestor.fieldOffsets(memory)
      let known = offsets?.count == layout.childCount ? offsets : nil
      for index in 0..<layout.childCount {
        let child = mirror.child(index, ofClass: ancestor.address)
        let name = LayoutNames.property(child.name, in: nil) ?? child.name
        add(child, at: known?[index] ?? child.offset, path: name, depth: 0, into: &slots)
      }
    }
    return finish(slots)
  }

  /// The captures of a closure's context, the value of a box.
  mutating func context(object: Address) -> TypeLayout {
    guard let mirror = table.mirror else { return unreflected() }
    let layout = mirror.layout(ofInstance: object)
    guard layout.kind == wm_closure_context.rawValue, layout.childCount <= Self.mostChildren else {
      return functionBox(object) ?? unreflected()
    }
    var slots: [LayoutSlot] = []
    for index in 0..<layout.childCount {
      let child = mirror.child(index, ofInstance: object)
      let path = layout.childCount == 1 ? "value" : "capture[\(index)]"
      add(child, at: child.offset, path: path, depth: 0, into: &slots)
    }
    if slots.isEmpty, !gaps.isEmpty, let box = functionBox(object) {
      gaps = []
      return box
    }
    return finish(slots)
  }

  /// The box of a variable that holds a function of a generic type: the mirror knows no type for it, yet every function is
  /// laid out alike.
  private mutating func functionBox(_ object: Address) -> TypeLayout? {
    guard let metadata = memory.pointer(at: object), memory.word(at: metadata) == HeapMetadataKind.heapLocalVariable,
      ContextCaptures(ofContext: metadata, memory)?.holdsOneFunction == true
    else { return nil }
    return finish([slot(.function, at: 16, path: "value.context", .strong)])
  }

  /// A box of a value whose type and place the metadata names: those of existentials, of variables in generic code.
  private mutating func genericBox(_ metadata: Address) -> TypeLayout {
    guard let offset = memory.load(UInt32.self, at: metadata + 8), offset < 1 << 16,
      let type = memory.pointer(at: metadata + 16)
    else {
      gaps.insert(.damagedMetadata)
      return TypeLayout()
    }
    return value(metadata: type, at: Int(offset), path: "value")
  }

  /// A class that the mirror cannot lay out as a whole.
  private mutating func salvage(_ metadata: ClassMetadata, _ mirror: RemoteMirror, into slots: inout [LayoutSlot]) {
    guard let fields = SalvagedField.fields(of: metadata, mirror, memory, symbolName: table.symbolName) else {
      gaps.insert(.noReflection)
      return
    }
    for field in fields {
      let path = LayoutNames.property(field.name, in: nil) ?? field.name
      switch field.content {
      case .value(let child):
        add(child, at: field.offset, path: path, depth: 0, into: &slots)
      case .mutex(let child):
        let alignment = child.type.map { mirror.layout(of: $0).alignment } ?? 0
        guard alignment > 0, alignment & (alignment - 1) == 0 else {
          gaps.insert(.unknownField(path))
          continue
        }
        let offset = field.offset + ((4 + alignment - 1) & ~(alignment - 1))
        add(child, at: offset, path: LayoutNames.join(path, "value"), depth: 0, into: &slots)
      case .atomic:
        break
      case .unknown:
        gaps.insert(.unknownField(path))
      }
    }
  }

  // MARK: Collections

  private mutating func elements(of metadata: Address, shape: TypeLayout.Shape) -> TypeLayout {
    guard let mirror = table.mirror, let type = mirror.type(ofMetadata: metadata) else { return unreflected() }
    var layout = TypeLayout(shape: shape)
    let isDictionary = shape == .dictionary
    guard let value = element(isDictionary ? 1 : 0, of: type, path: isDictionary ? "[value]" : "[]") else {
      return unreflected()
    }
    (layout.slots, layout.extent, layout.stride) = value
    if isDictionary {
      guard let key = element(0, of: type, path: "[key]") else { return unreflected() }
      (layout.keySlots, layout.keyExtent, layout.keyStride) = key
    }
    return layout
  }

  private mutating func element(_ index: Int, of type: MirrorType, path: String) -> (SlotRange, UInt32, UInt32)? {
    guard let mirror = table.mirror, let argument = mirror.genericArgument(index, of: type) else { return nil }
    let info = mirror.layout(of: argument)
    guard info.kind != wm_unknown.rawValue, info.stride > 0 else { return nil }
    var slots: [LayoutSlot] = []
    add(argument, info.kind, at: 0, path: path, depth: 0, into: &slots)
    let layout = finish(slots)
    return (layout.slots, layout.extent, UInt32(truncatingIfNeeded: info.stride))
  }

  // MARK: Values

  /// The layout of a value of the type that this metadata describes.
  mutating func value(metadata: Address, at offset: Int = 0, path: String = "") -> TypeLayout {
    var slots: [LayoutSlot] = []
    guard table.check.isSound(metadata) else {
      gaps.insert(.damagedMetadata)
      return TypeLayout()
    }
    if memory.word(at: metadata) == 0 {
      slots.append(slot(.reference, at: offset, path: path, .strong))
      return finish(slots)
    }
    guard let mirror = table.mirror, let type = mirror.type(ofMetadata: metadata) else { return unreflected() }
    add(type, mirror.layout(of: type).kind, at: offset, path: path, depth: 0, into: &slots)
    return finish(slots)
  }

  private mutating func finish(_ slots: [LayoutSlot]) -> TypeLayout {
    var layout = TypeLayout()
    layout.slots = table.store(slots)
    layout.extent = UInt32(truncatingIfNeeded: extent(of: slots))
    return layout
  }

  /// Bytes that must be there for the slots, and for the cases of their enums, to be read.
  private func extent(of slots: [LayoutSlot]) -> Int {
    var extent = 0
    for slot in slots {
      extent = max(extent, Int(slot.offset) + slot.size)
      guard slot.kind == .enumeration else { continue }
      let use = table.enums.base[Int(slot.detail)]
      extent = max(extent, Int(use.offset) + table.projections[Int(use.projection)].size)
      for index in 0..<Int(use.caseCount) {
        let range = table.caseSlots.base[Int(use.firstCase) + index]
        extent = max(extent, self.extent(of: (0..<Int(range.count)).map { table.slots.base[Int(range.start) + $0] }))
      }
    }
    return extent
  }

  private mutating func slot(
    _ kind: LayoutSlot.Kind, at offset: Int, path: String, _ ownership: Ownership, isOptional: Bool = false
  ) -> LayoutSlot {
    let field = table.fieldTable.number(
      ReferenceField(
        path: path, ownership: ownership, takesWeak: enclosing == 0 && kind != .existential,
        isClosure: kind == .function, isOptionalProtocol: isOptionalProtocol,
        isRequired: kind == .reference && !isOptional && enclosing == 0 && !path.contains { $0 == "." || $0 == "[" },
        declaration: declaredBy))
    return LayoutSlot(offset: UInt32(truncatingIfNeeded: offset), field: field, detail: 0, kind: kind)
  }

  mutating func add(
    _ child: MirrorChild, at offset: Int, path: String, depth: Int, into slots: inout [LayoutSlot]
  ) {
    guard let type = child.type else {
      gaps.insert(.unknownField(path))
      return
    }
    add(type, child.kind, at: offset, path: path, depth: depth, into: &slots)
  }

  private mutating func add(
    _ type: MirrorType, _ kind: UInt32, at offset: Int, path: String, depth: Int, into slots: inout [LayoutSlot]
  ) {
    guard let mirror = table.mirror, depth < Self.deepest, offset >= 0, offset < 1 << 28, slots.count < Self.mostSlots
    else {
      gaps.insert(.unknownField(path))
      return
    }
    let isPayload = isInOptional
    isInOptional = false
    switch wm_layout_kind(kind) {
    case wm_builtin:
      if mirror.name(of: type, mangled: true) == "Bb" { slots.append(slot(.bridge, at: offset, path: path, .strong)) }
    case wm_raw_pointer, wm_no_payload_enum, wm_existential_metatype:
      break
    case wm_tuple, wm_struct:
      aggregate(type, isTuple: wm_layout_kind(kind) == wm_tuple, at: offset, path: path, depth: depth, into: &slots)
    case wm_strong_reference:
      switch mirror.name(of: type, mangled: true) {
      case "Bc": break  // A continuation's context: the task owns it.
      case "Bb": slots.append(slot(.bridge, at: offset, path: path, .strong))
      default: slots.append(slot(.reference, at: offset, path: path, .strong, isOptional: isPayload))
      }
    case wm_unowned_reference:
      slots.append(slot(.reference, at: offset, path: path, .unowned))
    case wm_unmanaged_reference:
      slots.append(slot(.reference, at: offset, path: path, .unmanaged))
    case wm_weak_reference:
      slots.append(slot(.weak, at: offset, path: path, .weak))
    case wm_thick_function:
      slots.append(slot(.function, at: offset, path: LayoutNames.join(path, "context"), .strong))
    case wm_class_existential:
      // Its first child is the reference, which may be weak or unowned.
      let reference = mirror.child(0, of: type)
      isOptionalProtocol = isPayload && mirror.layout(of: type).childCount > 1
      isInOptional = isPayload
      add(reference, at: offset, path: path, depth: depth + 1, into: &slots)
      isOptionalProtocol = false
    case wm_error_existential:
      slots.append(slot(.reference, at: offset, path: path, .strong))
    case wm_opaque_existential:
      isOptionalProtocol = isPayload && mirror.layout(of: type).childCount > 1
      slots.append(slot(.existential, at: offset, path: path, .strong))
      isOptionalProtocol = false
    case wm_single_payload_enum, wm_multi_payload_enum:
      enumeration(type, at: offset, path: path, depth: depth, into: &slots)
    default:
      gaps.insert(.unknownField(path))
    }
  }

  private mutating func aggregate(
    _ type: MirrorType, isTuple: Bool, at offset: Int, path: String, depth: Int, into slots: inout [LayoutSlot]
  ) {
    guard let mirror = table.mirror else { return }
    let count = mirror.layout(of: type).childCount
    guard count > 0 else { return }
    guard count <= Self.mostChildren else {
      gaps.insert(.unknownField(path))
      return
    }
    let container = isTuple ? nil : mirror.name(of: type, mangled: true)
    if let container, container.hasPrefix("s11InlineArrayVy") {
      inlineArray(type, at: offset, path: path, depth: depth, into: &slots)
      return
    }
    enclosing += isTuple ? 1 : 0
    defer { enclosing -= isTuple ? 1 : 0 }
    for index in 0..<count {
      let child = mirror.child(index, of: type)
      let name = isTuple ? String(index) : LayoutNames.property(child.name, in: container) ?? ""
      add(child, at: offset + child.offset, path: LayoutNames.join(path, name), depth: depth + 1, into: &slots)
    }
  }

  /// `InlineArray<count, Element>`, whose elements the mirror does not list.
  private mutating func inlineArray(
    _ type: MirrorType, at offset: Int, path: String, depth: Int, into slots: inout [LayoutSlot]
  ) {
    guard let mirror = table.mirror, let element = mirror.genericArgument(1, of: type) else {
      gaps.insert(.unknownField(path))
      return
    }
    let (info, size) = (mirror.layout(of: element), mirror.layout(of: type).size)
    guard info.kind != wm_unknown.rawValue, info.stride > 0, size / info.stride <= Self.mostChildren else {
      gaps.insert(.unknownField(path))
      return
    }
    for place in stride(from: 0, to: size, by: info.stride) {
      add(
        element, info.kind, at: offset + place, path: LayoutNames.join(path, "[]"), depth: depth + 1, into: &slots)
    }
  }
}
