import ObjectGraph
import SwiftRuntime

/// Cycles and labels in Swift's names. Storage of collections and boxes are no stations of their own: `Branch.children`, then
/// `[]`, is `Branch.children[] → Branch`.
struct CycleNames {
  private let types: [TypeEntry]
  private let labels: [EdgeLabel]
  private let classes: [EdgeClass]
  /// The kind that the first class of each label leads to.
  private let targets: [UInt32: UInt32]
  /// The named step that each label is a part of, with the label at its end: that of the first cycle, which is the one shown.
  private var named: [UInt32: (field: Weakening.Field, end: UInt32)] = [:]

  init(types: [TypeEntry], labels: [EdgeLabel], classes: [EdgeClass]) {
    self.types = types
    self.labels = labels
    self.classes = classes
    targets = Dictionary(classes.lazy.map { ($0.label, $0.target) }, uniquingKeysWith: { first, _ in first })
  }

  func name(ofKind kind: UInt32) -> String { types[Int(kind)].name }

  /// The steps of one turn, each run once, from the first object that is no storage.
  mutating func steps(of cycle: Cycle) -> [CycleStep] {
    let turn = cycle.runs.flatMap(\.classes).map { classes[Int($0)] }
    let start = turn.firstIndex { !isStorage($0.source) } ?? 0
    let steps = path(Array(turn[start...] + turn[..<start]))
    // A run that is repeated stands once.
    return steps.enumerated().filter { $0.offset == 0 || steps[$0.offset - 1] != $0.element }.map(\.element)
  }

  /// References in a row, from one object that is no storage to the next.
  mutating func path(_ edges: [EdgeClass]) -> [CycleStep] {
    var steps: [CycleStep] = []
    var pending: [EdgeClass] = []
    for (index, edge) in edges.enumerated() {
      pending.append(edge)
      guard !isStorage(edge.target) || index == edges.count - 1 else { continue }
      let field = pending.reduce(into: "") { $0 = Self.joined($0, fieldName($1)) }
      let from = name(ofKind: pending[0].source)
      let isTyped = pending.allSatisfy { $0.label != ObjectGraph.untyped }
      steps.append(
        CycleStep(from: from, field: field, ownership: isTyped ? "strong" : "unknown", to: name(ofKind: edge.target)))
      for part in pending where named[part.label] == nil {
        named[part.label] = (Weakening.Field(type: from, field: field), edge.label)
      }
      pending = []
    }
    return steps
  }

  /// What the reference to weaken is called: the whole step, where a cycle has shown it.
  func field(of label: UInt32) -> Weakening.Field {
    if let step = named[label] { return step.field }
    let edge = labels[Int(label)]
    return Weakening.Field(type: name(ofKind: edge.source), field: edge.path)
  }

  /// The label that the whole step ends with.
  func end(of label: UInt32) -> UInt32 { named[label]?.end ?? label }

  /// The type that most edges of a label lead to, as far as the classes tell: the first one.
  func target(of label: UInt32) -> String? { targets[label].map(name(ofKind:)) }

  private func fieldName(_ edge: EdgeClass) -> String {
    guard edge.label != ObjectGraph.untyped else { return "a word" }
    let path = labels[Int(edge.label)].path
    // What a box holds has no name of its own.
    if types[Int(edge.source)].kind == .box, path == "value" || path.hasPrefix("value.") {
      return String(path.dropFirst("value".count).drop { $0 == "." })
    }
    return path
  }

  private static func joined(_ path: String, _ field: String) -> String {
    if path.isEmpty || field.isEmpty || field.hasPrefix("[") { return path + field }
    return path + "." + field
  }

  private func isStorage(_ kind: UInt32) -> Bool { types[Int(kind)].kind.isStorage }
}

extension BlockKind {
  /// Made by one owner for what it holds, and without a name in the program.
  var isStorage: Bool {
    switch self {
    case .arrayStorage, .dictionaryStorage, .setStorage, .box, .errorBox: true
    default: false
    }
  }
}
