/// What identifies a case: the same identity in two reports is the same question asked twice.
package struct CaseIdentity: Hashable, Sendable, CustomStringConvertible {
  /// `swift`, or a peer: `cpython`, `cpp`, `rust`.
  package var runtime: String
  package var topology: String
  package var backLink: String
  /// Every instance of the model's classes.
  package var nodes: Int
  /// Bytes of the byte array in each node; 0 means that there is none.
  package var payload: Int

  package init(runtime: String, topology: String, backLink: String, nodes: Int, payload: Int) {
    self.runtime = runtime
    self.topology = topology
    self.backLink = backLink
    self.nodes = nodes
    self.payload = payload
  }

  /// Reads what `description` writes, and nothing else: `swift/ring/weak/n=1000/p=0`.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[3].hasPrefix("n="), parts[4].hasPrefix("p="),
      parts[0...2].allSatisfy({ !$0.isEmpty }),
      let nodes = Int(parts[3].dropFirst(2)), let payload = Int(parts[4].dropFirst(2)), nodes >= 0, payload >= 0
    else { return nil }
    self.init(
      runtime: String(parts[0]), topology: String(parts[1]), backLink: String(parts[2]), nodes: nodes, payload: payload)
    // Int("+7") and Int("007") are numbers too: one case must have one spelling.
    guard description == text else { return nil }
  }

  /// The report's `case_id`.
  package var description: String { "\(runtime)/\(topology)/\(backLink)/n=\(nodes)/p=\(payload)" }
}
