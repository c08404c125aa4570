package import ProcessImage

/// The layouts of all types of one process that were asked for, each computed once.
///
/// Holds a `RemoteMirror`, and like it is confined to one thread.
package final class LayoutTable {
  let memory: any MemoryReader
  let mirror: RemoteMirror?
  let symbolName: (Address) -> String?

  var fieldTable = FieldTable()
  var slots = LayoutStore<LayoutSlot>()
  /// For an enum's each use: where in `caseSlots` its cases begin, where in the value it lies, and how it is projected.
  var enums = LayoutStore<EnumUse>()
  var caseSlots = LayoutStore<SlotRange>()
  var projections: [EnumProjection] = []
  var layouts: [TypeLayout] = [TypeLayout()]

  private var projectionNumbers: [MirrorType: UInt32] = [:]
  private var ofObjects = AddressTable()
  private var ofValues = AddressTable()
  private var inlineTypes = AddressTable()
  private var ofInstances: [InstanceKey: UInt32] = [:]
  private var composedFields: [UInt64: UInt32] = [:]
  private var foundGaps: [Address: Set<LayoutGap>] = [:]

  struct EnumUse: BitwiseCopyable {
    var projection: UInt32
    var offset: UInt32
    var firstCase: UInt32
    var caseCount: UInt32
  }

  /// The number of the layout without slots.
  static let nothing: UInt32 = 0

  /// - Parameters:
  ///   - mirror: `nil`: no type has fields.
  ///   - symbolName: The name of the symbol that begins at an address of the target; without it the values in Mutexes are
  ///     not known.
  package init(
    memory: any MemoryReader, mirror: RemoteMirror?, symbolName: @escaping (Address) -> String? = { _ in nil }
  ) {
    self.memory = memory
    self.symbolName = symbolName
    self.mirror = mirror
  }

  deinit {
    slots.deallocate()
    enums.deallocate()
    caseSlots.deallocate()
  }

  /// All fields met so far, by the number that `Reference.field` carries.
  package var fields: [ReferenceField] { fieldTable.fields }

  /// What is not known of the types met so far, by metadata pointer. Types that are not listed are complete.
  package var gaps: [Address: Set<LayoutGap>] { foundGaps }

  // MARK: Layouts by metadata

  /// The layout of the objects whose first word is `metadata`; computed at the first call.
  ///
  /// - Parameter object: One of them, which must be a live Swift object: damaged metadata must have been refused before.
  @inline(__always)
  func layoutNumber(metadata: Address, object: Address) -> UInt32 {
    if let number = ofObjects.find(metadata.bits) { return number }
    return newLayout(metadata: metadata, object: object)
  }

  @inline(never)
  private func newLayout(metadata: Address, object: Address) -> UInt32 {
    guard metadata.bits != 0 else { return Self.nothing }
    var builder = LayoutBuilder(table: self)
    let layout = builder.object(metadata: metadata, object: object)
    let number = add(layout, builder.gaps, of: metadata)
    ofObjects.insert(metadata.bits, number)
    return number
  }

  /// The layout of a value (in an existential, an error box) of the type with this metadata.
  @inline(__always)
  func valueLayoutNumber(metadata: Address) -> UInt32 {
    if let number = ofValues.find(metadata.bits) { return number }
    return newValueLayout(metadata: metadata)
  }

  @inline(never)
  private func newValueLayout(metadata: Address) -> UInt32 {
    guard metadata.bits != 0 else { return Self.nothing }
    var builder = LayoutBuilder(table: self)
    let layout = builder.value(metadata: metadata)
    let number = add(layout, builder.gaps, of: metadata)
    ofValues.insert(metadata.bits, number)
    return number
  }

  /// Does an existential keep a value of this type in its three words? `nil`: no metadata.
  @inline(__always)
  func isInline(_ metadata: Address) -> Bool? {
    if let known = inlineTypes.find(metadata.bits) { return known == 2 ? nil : known == 1 }
    let witnesses = ValueWitnesses(of: metadata, memory)
    // A class reference always is; damaged tables say neither.
    let isInline = witnesses.map { $0.isInline && $0.size <= 24 }
    inlineTypes.insert(metadata.bits, isInline == nil ? 2 : isInline == true ? 1 : 0)
    return isInline
  }

  private func add(_ layout: TypeLayout, _ gaps: Set<LayoutGap>, of metadata: Address) -> UInt32 {
    if !gaps.isEmpty { foundGaps[metadata, default: []].formUnion(gaps) }
    guard layout.slots.count > 0 || layout.keySlots.count > 0 || layout.shape == .perInstance else {
      return Self.nothing
    }
    layouts.append(layout)
    return UInt32(truncatingIfNeeded: layouts.count - 1)
  }

  // MARK: Layouts by instance

  /// All words that a closure context's layout may depend on.
  struct InstanceKey: Hashable {
    var words: [UInt64]
  }

  /// Number and value offset of a layout that the metadata pointer alone does not give.
  func instanceLayout(metadata: Address, object: Address, bytes: UnsafeRawBufferPointer) -> (
    number: UInt32, offset: Int
  ) {
    guard let kind = memory.word(at: metadata) else { return (Self.nothing, 0) }
    if kind == HeapMetadataKind.errorObject {
      guard bytes.count >= 32 else { return (Self.nothing, 0) }
      let type = Address(bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
      guard let witness = ValueWitnesses(of: type, memory) else { return (Self.nothing, 0) }
      let number = valueLayoutNumber(metadata: type)
      return (boxed(number, of: metadata), (32 + witness.alignmentMask) & ~witness.alignmentMask)
    }
    let descriptor = ContextCaptures(ofContext: metadata, memory)
    let key = InstanceKey(words: descriptor?.identity(metadata, bytes, memory) ?? [metadata.bits])
    if let number = ofInstances[key] { return (number, 0) }
    var builder = LayoutBuilder(table: self)
    let number = add(builder.context(object: object), builder.gaps, of: metadata)
    ofInstances[key] = number
    return (number, 0)
  }

  private var boxedLayouts: [UInt32: UInt32] = [:]

  /// The layout of a value as the content of a box: paths begin with `value`.
  private func boxed(_ number: UInt32, of metadata: Address) -> UInt32 {
    guard number != Self.nothing else { return number }
    if let known = boxedLayouts[number] { return known }
    var layout = layouts[Int(number)]
    let prefix = fieldTable.number("value", .strong)
    layout.slots = copy(layout.slots, prefix: prefix)
    let boxed = add(layout, [], of: metadata)
    boxedLayouts[number] = boxed
    return boxed
  }

  /// The slots again, with paths that begin with another field's.
  private func copy(_ range: SlotRange, prefix: UInt32) -> SlotRange {
    var copies = (0..<range.count).map { slots.base[Int(range.start + $0)] }
    for index in copies.indices {
      if copies[index].kind == .enumeration {
        var use = enums.base[Int(copies[index].detail)]
        let cases = (0..<use.caseCount).map { copy(caseSlots.base[Int(use.firstCase + $0)], prefix: prefix) }
        use.firstCase = UInt32(truncatingIfNeeded: caseSlots.count)
        for item in cases { caseSlots.append(item) }
        copies[index].detail = UInt32(truncatingIfNeeded: enums.count)
        enums.append(use)
      } else {
        copies[index].field = composed(prefix, copies[index].field)
      }
    }
    return store(copies)
  }

  // MARK: Parts

  func store(_ new: [LayoutSlot]) -> SlotRange {
    let range = SlotRange(start: UInt32(truncatingIfNeeded: slots.count), count: UInt32(truncatingIfNeeded: new.count))
    for slot in new { slots.append(slot) }
    return range
  }

  func projectionNumber(of type: MirrorType, size: Int, mirror: RemoteMirror) -> UInt32 {
    if let number = projectionNumbers[type] { return number }
    projections.append(EnumExaminer(mirror: mirror, type: type, size: size).projection())
    let number = UInt32(truncatingIfNeeded: projections.count - 1)
    projectionNumbers[type] = number
    return number
  }

  /// The field of a payload that was found in an existential: both paths, the payload's ownership.
  func composed(_ prefix: UInt32, _ field: UInt32) -> UInt32 {
    let key = UInt64(prefix) << 32 | UInt64(field)
    if let number = composedFields[key] { return number }
    let (outer, inner) = (fieldTable.fields[Int(prefix)], fieldTable.fields[Int(field)])
    let number = fieldTable.number(LayoutNames.join(outer.path, inner.path), inner.ownership)
    composedFields[key] = number
    return number
  }
}
