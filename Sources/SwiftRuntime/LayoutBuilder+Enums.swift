internal import CRemoteMirror
import ProcessImage

extension LayoutBuilder {
  /// An enum's slots: one whose case is asked for on each object, or its only reference where that says it by itself.
  mutating func enumeration(
    _ type: MirrorType, at offset: Int, path: String, depth: Int, into slots: inout [LayoutSlot]
  ) {
    guard let mirror = table.mirror else { return }
    let layout = mirror.layout(of: type)
    guard layout.childCount <= Self.mostChildren else {
      gaps.insert(.unknownField(path))
      return
    }
    let isOptional = LayoutNames.isOptional(mirror.name(of: type, mangled: true))
    enclosing += isOptional ? 0 : 1
    defer { enclosing -= isOptional ? 0 : 1 }
    var cases: [[LayoutSlot]] = []
    var payload: MirrorType?
    for index in 0..<layout.childCount {
      let child = mirror.child(index, of: type)
      var held: [LayoutSlot] = []
      if child.type != nil {
        let name = isOptional ? path : LayoutNames.join(path, child.name)
        isInOptional = isOptional
        add(child, at: offset + child.offset, path: name, depth: depth + 1, into: &held)
        payload = child.type
      }
      cases.append(held)
    }
    guard cases.contains(where: { !$0.isEmpty }) else { return }
    if layout.kind == wm_single_payload_enum.rawValue, let payload, let only = cases.first, only.count == 1,
      holdsItsOwnNull(only[0], at: offset, payload: payload, enumSize: layout.size)
    {
      slots.append(only[0])
      return
    }
    let projection = table.projectionNumber(of: type, size: layout.size, mirror: mirror)
    let ranges = cases.map { table.store($0) }
    let use = LayoutTable.EnumUse(
      projection: projection, offset: UInt32(truncatingIfNeeded: offset),
      firstCase: UInt32(truncatingIfNeeded: table.caseSlots.count), caseCount: UInt32(truncatingIfNeeded: ranges.count))
    for range in ranges { table.caseSlots.append(range) }
    slots.append(
      LayoutSlot(
        offset: UInt32(truncatingIfNeeded: offset), field: 0, detail: UInt32(truncatingIfNeeded: table.enums.count),
        kind: .enumeration))
    table.enums.append(use)
  }

  /// Is the only reference of a payload null exactly in the cases without a payload? Then there is nothing to project:
  /// the payload is that reference and no more, or a type whose spare values are those of that word.
  private func holdsItsOwnNull(_ slot: LayoutSlot, at offset: Int, payload: MirrorType, enumSize: Int) -> Bool {
    guard let mirror = table.mirror else { return false }
    let layout = mirror.layout(of: payload)
    guard layout.size == enumSize else { return false }
    if layout.size == slot.size, Int(slot.offset) == offset, slot.kind != .enumeration, slot.kind != .weak {
      return true
    }
    switch wm_layout_kind(layout.kind) {
    case wm_class_existential: return slot.kind == .reference && Int(slot.offset) == offset
    case wm_opaque_existential: return slot.kind == .existential && Int(slot.offset) == offset
    default: return mirror.name(of: payload, mangled: true) == "SS"
    }
  }
}
