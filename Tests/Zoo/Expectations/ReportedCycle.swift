/// A cycle of a report, with the zoo's own types only: contexts, boxes, arrays and other modules' objects between two of
/// them become the names through which an edge goes.
struct ReportedCycle {
  struct Edge {
    var from: String
    var field: String
    var via: [String]
    var to: String
  }

  /// Empty if none of the zoo's types is in the cycle.
  private(set) var edges: [Edge] = []

  /// `nil` if an edge does not start where the one before it ends.
  init?(_ cycle: [LeaksReport.Edge], module: String) {
    for (edge, next) in zip(cycle, cycle.dropFirst() + cycle.prefix(1)) where edge.to != next.from { return nil }
    let named = { (name: String) in name.hasPrefix(module + ".") }
    guard let first = cycle.firstIndex(where: { named(ZooNames.type($0.from)) }) else { return }
    for edge in cycle[first...] + cycle[..<first] {
      let (from, to, field) = (ZooNames.type(edge.from), ZooNames.type(edge.to), ZooNames.field(edge.field))
      if named(from) {
        edges.append(Edge(from: from, field: field, via: [], to: to))
      } else {
        let last = edges.count - 1
        edges[last].via.append(from)
        edges[last].field += (field.hasPrefix("[") || field.isEmpty ? "" : ".") + field
        edges[last].to = to
      }
    }
  }

  /// Whether each edge is one of the expected ones, and each expected one is there.
  func matches(_ expected: [LeakingCase.Edge]) -> Bool {
    edges.allSatisfy { edge in expected.contains { edge.matches($0) } }
      && expected.allSatisfy { wanted in edges.contains { $0.matches(wanted) } }
  }
}

extension ReportedCycle.Edge {
  fileprivate func matches(_ expected: LeakingCase.Edge) -> Bool {
    guard from == expected.from, to == expected.to else { return false }
    guard !via.isEmpty, let wanted = expected.field else { return ZooNames.isField(field, as: expected.field) }
    // A capture's or an element's own name follows.
    guard ["", ".*", "[*"].contains(where: { ZooNames.isField(field, as: wanted + $0) }) else { return false }
    guard let closure = expected.via else { return true }
    return via.contains { ZooNames.isClosure($0, as: closure) }
  }
}
