package import ProcessImage

/// The layouts of all types of one process that were asked for, each computed once.
///
/// Holds a `RemoteMirror`, and like it is confined to one thread.
package final class LayoutTable {
  let memory: any MemoryReader
  let mirror: RemoteMirror?
  let symbolName: (Address) -> String?

  var check: LayoutMetadataCheck
  var fieldTable = FieldTable()
  let slots = LayoutStore<LayoutSlot>()
  /// For an enum's each use: where in `caseSlots` its cases begin, where in the value it lies, and how it is projected.
  let enums = LayoutStore<EnumUse>()
  let caseSlots = LayoutStore<SlotRange>()
  var projections: [EnumProjection] = []
  let layouts = LayoutStore<TypeLayout>()

  private var projectionNumbers: [MirrorType: UInt32] = [:]
  private let ofObjects = LayoutIndex()
  private let ofValues = LayoutIndex()
  private var ofInstances: [InstanceKey: UInt32] = [:]
  private let composedFields = LayoutIndex()
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
    check = LayoutMetadataCheck(memory)
    layouts.append(TypeLayout())
    self.mirror = mirror
  }

  deinit {
    slots.deallocate()
    enums.deallocate()
    caseSlots.deallocate()
    layouts.deallocate()
    ofObjects.deallocate()
    ofValues.deallocate()
    composedFields.deallocate()
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

  /// How an existential or an error box keeps a value of the type with this metadata.
  struct ValueEntry {
    /// Layout number, and in the two lowest bits: 0 damaged metadata, 1 kept in a box, 2 in place.
    let bits: UInt32
    var number: UInt32 { bits >> 2 }
    var isBoxed: Bool { bits & 3 == 1 }
    var isInline: Bool { bits & 3 == 2 }
  }

  @inline(__always)
  func value(metadata: Address) -> ValueEntry {
    if let bits = ofValues.find(metadata.bits) { return ValueEntry(bits: bits) }
    return newValue(metadata: metadata)
  }

  @inline(never)
  private func newValue(metadata: Address) -> ValueEntry {
    guard metadata.bits != 0 else { return ValueEntry(bits: 0) }
    var entry = ValueEntry(bits: 0)
    if let witnesses = ValueWitnesses(of: metadata, memory) {
      var builder = LayoutBuilder(table: self)
      let number = add(builder.value(metadata: metadata), builder.gaps, of: metadata)
      entry = ValueEntry(bits: number << 2 | (witnesses.isInline && witnesses.size <= 24 ? 2 : 1))
    }
    ofValues.insert(metadata.bits, entry.bits)
    return entry
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
      return (boxed(value(metadata: type).number, of: metadata), (32 + witness.alignmentMask) & ~witness.alignmentMask)
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
    var layout = layouts.base[Int(number)]
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
  @inline(__always)
  func composed(_ prefix: UInt32, _ field: UInt32) -> UInt32 {
    composedFields.find(Self.key(prefix, field)) ?? newComposed(prefix, field)
  }

  private static func key(_ prefix: UInt32, _ field: UInt32) -> UInt64 { UInt64(prefix &+ 1) << 32 | UInt64(field) }

  @inline(never)
  private func newComposed(_ prefix: UInt32, _ field: UInt32) -> UInt32 {
    let (outer, inner) = (fieldTable.fields[Int(prefix)], fieldTable.fields[Int(field)])
    let number = fieldTable.number(
      ReferenceField(
        path: LayoutNames.join(outer.path, inner.path), ownership: inner.ownership,
        takesWeak: outer.takesWeak && inner.takesWeak, isClosure: inner.isClosure,
        isOptionalProtocol: inner.path.isEmpty ? outer.isOptionalProtocol : inner.isOptionalProtocol,
        declaration: outer.declaration))
    composedFields.insert(Self.key(prefix, field), number)
    return number
  }
}
