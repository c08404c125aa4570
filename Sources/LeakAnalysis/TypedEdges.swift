import HeapBlocks
import ObjectGraph
import ProcessImage
import SwiftRuntime

/// The strong references that the heap's types show: exact, none invented.
enum TypedEdges {
  /// References are taken from the scanner when so many have gathered.
  private static let batch = 1 << 16

  /// A pass over the Swift objects that are alive.
  static func scan(
    _ inspection: Inspection, traits: [NodeTraits], layouts: LayoutTable
  ) -> (EdgeTable, [EdgeLabel]) {
    let objects = inspection.objects
    let blocks = inspection.heap.blocks
    let hasFields = objects.types.map(\.kind.hasTypedFields)
    var edges = EdgeTable(nodeCount: blocks.count, expectedEdges: blocks.count)
    var labels = LabelTable(layouts: layouts, kinds: objects.types.map(\.kind))
    var scanner = ReferenceScanner(layouts: layouts)
    scanner.reserve(batch * 2)
    var cursor = MemoryCursor(inspection.snapshot)

    func drain() {
      let references = scanner.takeReferences()
      labels.update()
      for reference in references where labels.isStrong(reference.field) {
        guard let target = blocks.index(startingAt: Address(reference.target)), traits[target].contains(.counted) else {
          continue
        }
        let label = labels.number(
          field: reference.field, source: objects.type[Int(reference.source)], target: objects.type[target])
        edges.append(from: Int(reference.source), to: target, label: label)
      }
    }
    for block in 0..<blocks.count {
      guard hasFields[Int(objects.type[block])], !traits[block].contains(.deiniting) else { continue }
      let address = blocks.address(of: block)
      guard let bytes = cursor.bytes(at: address, count: blocks.usableBytes(of: block)) else { continue }
      scanner.scan(object: address, bytes: bytes, source: UInt32(truncatingIfNeeded: block))
      if scanner.references.count >= batch {
        drain()
        scanner.reserve(batch * 2)
      }
    }
    drain()
    edges.finish()
    return (edges, labels.labels)
  }
}

extension BlockKind {
  /// Whether a type tells where its references lie; a task's memory is like a stack.
  fileprivate var hasTypedFields: Bool {
    switch self {
    case .instance, .closureContext, .box, .errorBox, .arrayStorage, .dictionaryStorage, .setStorage, .managedBuffer:
      true
    default: false
    }
  }
}

/// Numbers the labels of edges: a field of a type is one, whatever it leads to; a closure's context is two, for it may be the
/// captured object itself.
private struct LabelTable {
  private let layouts: LayoutTable
  private let kinds: [BlockKind]
  private var strong: [Bool] = []
  private var isClosure: [Bool] = []
  private var numbers: [UInt64: UInt32] = [:]
  /// The last key at each of a few places: most edges need no look into the dictionary.
  private var recent = [(key: UInt64, number: UInt32)](repeating: (.max, 0), count: 256)
  private(set) var labels: [EdgeLabel] = []

  init(layouts: LayoutTable, kinds: [BlockKind]) {
    self.layouts = layouts
    self.kinds = kinds
  }

  /// Learns the fields that the scanner met since.
  mutating func update() {
    for field in layouts.fields[strong.count...] {
      strong.append(field.ownership == .strong)
      isClosure.append(field.isClosure)
    }
  }

  @inline(__always)
  func isStrong(_ field: UInt32) -> Bool { strong[Int(field)] }

  @inline(__always)
  mutating func number(field: UInt32, source: UInt32, target: UInt32) -> UInt32 {
    let isDirect = isClosure[Int(field)] && kinds[Int(target)] != .closureContext
    let key = UInt64(source) << 32 | UInt64(field) << 1 | (isDirect ? 1 : 0)
    let place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 56)
    if recent[place].key == key { return recent[place].number }
    let number = newNumber(key, field: field, source: source, target: target, isDirect: isDirect)
    recent[place] = (key, number)
    return number
  }

  private mutating func newNumber(
    _ key: UInt64, field: UInt32, source: UInt32, target: UInt32, isDirect: Bool
  ) -> UInt32 {
    if let number = numbers[key] { return number }
    let number = UInt32(truncatingIfNeeded: labels.count)
    let known = layouts.fields[Int(field)]
    labels.append(
      EdgeLabel(
        source: source, path: known.path, isDirectCapture: isDirect, isClosure: known.isClosure,
        takesWeak: known.takesWeak, leadsToStorage: kinds[Int(target)].isStorage,
        isOptionalProtocol: known.isOptionalProtocol,
        isRequired: known.isRequired, declaration: known.declaration))
    numbers[key] = number
    return number
  }
}
