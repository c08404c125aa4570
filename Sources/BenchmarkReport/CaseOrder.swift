/// The order in which cases are shown: by topology and then by size, in a size by back link, and the same graph in
/// several runtimes side by side.
package struct CaseOrder: Sendable {
  /// Names in their order; what a list does not name comes after it, by name.
  private let topologies: [String]
  private let backLinks: [String]

  package init(topologies: [String], backLinks: [String]) {
    self.topologies = topologies
    self.backLinks = backLinks
  }

  package func precedes(_ left: CaseIdentity, _ right: CaseIdentity) -> Bool {
    if left.topology != right.topology { return Self.precedes(left.topology, right.topology, in: topologies) }
    if left.nodes != right.nodes { return left.nodes < right.nodes }
    if left.payload != right.payload { return left.payload < right.payload }
    if left.backLink != right.backLink { return Self.precedes(left.backLink, right.backLink, in: backLinks) }
    return left.runtime < right.runtime
  }

  private static func precedes(_ left: String, _ right: String, in names: [String]) -> Bool {
    (names.firstIndex(of: left) ?? names.count, left) < (names.firstIndex(of: right) ?? names.count, right)
  }
}
