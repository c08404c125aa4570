import HeapBlocks
import ObjectGraph
import ProcessImage
import SwiftRuntime

/// A heap as a graph of its live blocks: which strong references their types show, which words may hold an address besides,
/// and what that proves.
struct HeapGraph {
  let graph: ObjectGraph
  let subtraction: Subtraction
  /// Objects without an owner outside their set.
  let proven: NodeSet
  /// What the labels of the graph's edges stand for.
  let labels: [EdgeLabel]
  /// Where each of the graph's roots lies, by `RootWord.place`.
  let places: [RootPlace]
  /// The memory in which the roots were looked for.
  let regions: RootRegions
  /// Types whose fields are not all known, by their place in `ObjectTable.types`.
  let incompleteTypes: Set<UInt32>

  /// `App.Branch.children[]`, for a label.
  func fieldName(of label: UInt32, _ objects: ObjectTable) -> String {
    let edge = labels[Int(label)]
    return "\(objects.types[Int(edge.source)].name).\(edge.path)"
  }

  /// - Parameter layouts: Confined to the calling thread.
  init(_ inspection: Inspection, layouts: LayoutTable) {
    let nodes = NodeReader.nodes(of: inspection)
    let count = nodes.traits.count
    let (references, labels) = TypedEdges.scan(inspection, traits: nodes.traits, layouts: layouts)
    let none = EdgeTable.empty(nodeCount: count)
    let typed = ObjectGraph(nodes: nodes, references: references, words: none, roots: [])
    subtraction = typed.subtract()
    proven = typed.provenSet(subtraction)
    regions = RootRegions(inspection)
    let words = UntypedWords(
      inspection, regions: regions, traits: nodes.traits, subtraction: subtraction, proven: proven)
    let roots = words.roots()
    graph = ObjectGraph(
      nodes: nodes, references: references, words: words.wordsInBlocks(references: references), roots: roots.words)
    places = roots.places
    self.labels = labels
    let gaps = layouts.gaps
    incompleteTypes = Set(
      inspection.objects.types.indices.lazy.filter { type in
        inspection.objects.types[type].metadata.map { gaps[$0] != nil } ?? false
      }.map { UInt32(truncatingIfNeeded: $0) })
  }
}

/// What the edges of one label have in common: the type and the field that hold the reference.
struct EdgeLabel: Hashable, Sendable {
  /// The type's place in `ObjectTable.types`.
  var source: UInt32
  /// In Swift's names, from the object that holds the word.
  var path: String
  /// The path is a closure's context, and leads to the one object that the closure captures.
  var isDirectCapture: Bool
  /// A closure that is stored.
  var isClosure = false
  /// `weak` may stand before the field.
  var takesWeak = true
  /// It leads to what a collection or a box keeps its contents in.
  var leadsToStorage = false
  /// An optional of a protocol's type, as delegates have.
  var isOptionalProtocol = false
  /// A class's own reference to an object, and no optional.
  var isRequired = false
  /// The class that declares the field, which may be a superclass of the source.
  var declaration: FieldDeclaration?
}

extension EdgeTable {
  static func empty(nodeCount: Int) -> EdgeTable {
    var table = EdgeTable(nodeCount: nodeCount, isLabelled: false)
    table.finish()
    return table
  }
}

/// What the graph asks of each block: a pass over the heap.
private enum NodeReader {
  static func nodes(of inspection: Inspection) -> ObjectGraph.Nodes {
    let objects = inspection.objects
    let blocks = inspection.heap.blocks
    let ofKind = objects.types.map { NodeTraits(of: $0.kind) }
    var traits = [NodeTraits](repeating: [], count: blocks.count)
    var counts = [UInt32](repeating: ObjectGraph.Nodes.pinned, count: blocks.count)
    var weights = [UInt32](repeating: 0, count: blocks.count)
    var cursor = MemoryCursor(inspection.snapshot)
    for block in 0..<blocks.count {
      var trait = ofKind[Int(objects.type[block])]
      let flags = objects.flags[block]
      if flags.contains(.dead) { trait.insert(.deiniting) }
      traits[block] = trait
      weights[block] = UInt32(clamping: blocks.chunkBytes(of: block) / 16)
      guard trait.contains(.counted), !flags.contains(.immortal),
        let word = cursor.word(at: blocks.address(of: block) + 8)
      else { continue }
      var strong = ReferenceCounts(word)
      if let sideTable = strong.sideTable {
        guard let entry = SideTableEntry(at: sideTable, in: inspection.snapshot) else { continue }
        strong = entry.counts
      }
      if let strong = strong.strong { counts[block] = strong }
    }
    return ObjectGraph.Nodes(traits: traits, kinds: objects.type, strongCounts: counts, weights: weights)
  }
}

extension NodeTraits {
  init(of kind: BlockKind) {
    switch kind {
    case .instance, .errorBox, .job: self = .counted
    case .task: self = [.counted, .passing]
    case .arrayStorage, .dictionaryStorage, .setStorage, .stringStorage, .managedBuffer, .box, .closureContext:
      self = [.counted, .part]
    case .taskSlab: self = .passing
    case .unknown, .sideTable, .runtimeData, .dispatchObject, .cppObject: self = []
    }
  }
}

/// Reads ascending addresses of a process: asks for the next run of memory only where the last one ends.
struct MemoryCursor {
  private let memory: any MemoryReader
  private var start: UInt64 = 0
  private var run = UnsafeRawBufferPointer(start: nil, count: 0)

  init(_ memory: any MemoryReader) { self.memory = memory }

  /// `count` bytes at `address`; `nil` if they cannot all be read.
  @inline(__always)
  mutating func bytes(at address: Address, count: Int) -> UnsafeRawBufferPointer? {
    var offset = address.bits &- start
    if offset &+ UInt64(truncatingIfNeeded: count) > UInt64(run.count) || offset >= UInt64(run.count) {
      start = address.bits
      run = memory.bytes(from: address)
      offset = 0
      guard count >= 0, count <= run.count, count > 0 else { return nil }
    }
    let first = Int(truncatingIfNeeded: offset)
    return UnsafeRawBufferPointer(rebasing: run[first..<first &+ count])
  }

  @inline(__always)
  mutating func word(at address: Address) -> UInt64? {
    bytes(at: address, count: 8)?.loadUnaligned(as: UInt64.self)
  }
}
