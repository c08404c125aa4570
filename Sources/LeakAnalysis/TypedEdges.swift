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
    let isContext = objects.types.map { $0.kind == .closureContext }
    var edges = EdgeTable(nodeCount: blocks.count, expectedEdges: blocks.count)
    var labels = LabelTable(layouts)
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
        let label = labels.number(of: reference.field, isContext: isContext[Int(objects.type[target])])
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

/// Labels of edges: two for each field, for a closure's context may be the captured object itself.
private struct LabelTable {
  private let layouts: LayoutTable
  private var strong: [Bool] = []
  private var leadsToContext: [Bool] = []
  private(set) var labels: [EdgeLabel] = []

  init(_ layouts: LayoutTable) { self.layouts = layouts }

  /// Learns the fields that the scanner met since.
  mutating func update() {
    for field in layouts.fields[strong.count...] {
      strong.append(field.ownership == .strong)
      leadsToContext.append(field.path.hasSuffix(".context"))
      labels.append(EdgeLabel(path: field.path, isDirectCapture: false))
      labels.append(EdgeLabel(path: field.path, isDirectCapture: true))
    }
  }

  @inline(__always)
  func isStrong(_ field: UInt32) -> Bool { strong[Int(field)] }

  @inline(__always)
  func number(of field: UInt32, isContext: Bool) -> UInt32 {
    field &* 2 &+ (leadsToContext[Int(field)] && !isContext ? 1 : 0)
  }
}
