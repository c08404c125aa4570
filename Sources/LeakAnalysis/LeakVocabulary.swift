import ObjectGraph
import ProcessImage
import SwiftRuntime

/// What the names of types and fields say to the graph: keys that are the same in every run, and which references look like
/// ways back.
struct LeakVocabulary {
  private let types: [TypeEntry]
  private let labels: [EdgeLabel]
  private let initial: InitialValues

  init(types: [TypeEntry], labels: [EdgeLabel], initial: InitialValues) {
    self.types = types
    self.labels = labels
    self.initial = initial
  }

  var vocabulary: Vocabulary {
    Vocabulary(
      kindKeys: types.map { Self.key($0.name) },
      labelKeys: labels.map { Self.key(types[Int($0.source)].name + "." + $0.path) }, priors: labels.map(prior),
      declarations: declarations)
  }

  private func prior(of label: EdgeLabel) -> Prior {
    if label.leadsToStorage { return .storage }
    if label.isDirectCapture { return .capture }
    switch types[Int(label.source)].kind {
    case .closureContext where Self.isWholeCapture(label.path): return .capture
    case .closureContext, .arrayStorage, .dictionaryStorage, .setStorage, .managedBuffer, .box, .errorBox:
      // An element as such cannot be weak, nor a closure that is captured; a field of a struct among them can.
      guard let name = Self.lastName(of: label.path), !label.isClosure else { return .never }
      return prior(of: label, named: name)
    default:
      guard let name = Self.lastName(of: label.path) else { return .owner }
      return prior(of: label, named: name)
    }
  }

  private func prior(of label: EdgeLabel, named name: Substring) -> Prior {
    // A closure that is stored is owned by who stores it.
    if label.isClosure { return .owner }
    if Self.isBack(name) { return .back }
    if Self.isOwner(name) { return .owner }
    if label.isOptionalProtocol { return .back }
    guard label.isRequired, label.takesWeak else { return label.takesWeak ? .neutral : .owner }
    return initial.isMadeInPlace(label) ? .owner : .required
  }

  /// Labels of one declaration get the same number: a field of a superclass, or of a generic class, is weakened once.
  private var declarations: [UInt32] {
    struct Place: Hashable {
      var descriptor: Address
      var path: String
      var isDirectCapture: Bool
    }
    var numbers: [Place: UInt32] = [:]
    return labels.enumerated().map { index, label in
      let own = UInt32(truncatingIfNeeded: index)
      guard let declaration = label.declaration else { return own }
      let place = Place(
        descriptor: declaration.descriptor, path: label.path, isDirectCapture: label.isDirectCapture)
      if let known = numbers[place] { return known }
      numbers[place] = own
      return own
    }
  }

  /// What a capture list names: not a part of it.
  private static func isWholeCapture(_ path: String) -> Bool { path == "value" || path.hasSuffix("]") }

  /// The name behind the last dot; `nil` for an element (`[]`, `[value]`) or what a box holds.
  static func lastName(of path: String) -> Substring? {
    guard let last = path.split(separator: ".").last, !last.hasSuffix("]"), path != "value" else { return nil }
    return last
  }

  /// Words that end the names of references by which people mean "the one above me", "the one who wants to know".
  private static let backWords = [
    "parent", "owner", "delegate", "datasource", "superview", "supernode", "container", "observer", "listener",
    "target",
    "host", "previous", "prev", "back", "coordinator", "responder", "client", "weakself", "outer", "enclosing",
  ]

  /// Words that end the names of references by which people mean "what is mine".
  private static let ownerWords = [
    "children", "child", "items", "elements", "next", "head", "first", "storage", "root",
  ]

  static func isBack(_ name: Substring) -> Bool {
    let name = name.lowercased()
    return backWords.contains { name.hasSuffix($0) }
  }

  private static func isOwner(_ name: Substring) -> Bool {
    let name = name.lowercased()
    return ownerWords.contains { name.hasSuffix($0) }
  }

  /// FNV-1a, 64 bits (Fowler, Noll, Vo).
  static func key(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }
}
