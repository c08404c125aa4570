/// A checkpoint of a sample, in the order in which a sample passes them.
package enum Phase: UInt8, CaseIterable, Sendable {
  case before, built, released, trimmed

  /// The word in the report.
  package var name: String { String(describing: self) }

  package init?(name: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}

/// How the process of a sample ended.
package enum SampleStatus: UInt8, CaseIterable, Sendable {
  case ok, crashed, timeout, oom

  /// The word in the report.
  package var name: String { String(describing: self) }

  package init?(name: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}
