import ObjectGraph
import SwiftRuntime
import Testing

@testable import LeakAnalysis

struct CycleNamesTests {
  /// `Shelf.tree` is `indirect case node(Shelf, Tree)`: a box that refers to the shelf and to a further box.
  private static let types = [
    TypeEntry(name: "App.Shelf", kind: .instance), TypeEntry(name: "box", kind: .box),
  ]
  private static let labels = [
    EdgeLabel(source: 0, path: "tree.node", isDirectCapture: false),
    EdgeLabel(source: 1, path: "value.0", isDirectCapture: false),
    EdgeLabel(source: 1, path: "value.1.node", isDirectCapture: false),
  ]
  private static let classes = [
    EdgeClass(source: 0, label: 0, target: 1), EdgeClass(source: 1, label: 1, target: 0),
    EdgeClass(source: 1, label: 2, target: 1),
  ]

  @Test func `a reference on two cycles is called as on the first one, which is shown`() {
    var names = CycleNames(types: Self.types, labels: Self.labels, classes: Self.classes)
    let first = names.path([Self.classes[0], Self.classes[1]])
    let second = names.path([Self.classes[0], Self.classes[2], Self.classes[1]])
    #expect(first.map(\.field) == ["tree.node.0"] && second.map(\.field) == ["tree.node.1.node.0"])
    let fields = (0...2).map { names.field(of: $0) }
    #expect(fields.map(\.type) == ["App.Shelf", "App.Shelf", "App.Shelf"])
    #expect(fields.map(\.field) == ["tree.node.0", "tree.node.0", "tree.node.1.node.0"])
    #expect((0...2).map { names.end(of: $0) } == [1, 1, 1])
  }
}
