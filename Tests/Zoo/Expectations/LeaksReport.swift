/// What `weakspot leaks --format json` says, as far as the zoo compares it.
package struct LeaksReport: Decodable, Sendable {
  package struct Summary: Decodable, Sendable {
    package var leakedObjects: Int
    package var groups: Int
  }

  package struct Edge: Decodable, Sendable {
    package var from: String
    package var field: String
    package var ownership: String
    package var to: String
  }

  package struct Weakening: Decodable, Sendable {
    package struct Field: Decodable, Hashable, Sendable {
      package var type: String
      package var field: String
    }

    package var type: String
    package var field: String
    package var together: [Field]?
    package var reason: String

    package var fields: [Field] { [Field(type: type, field: field)] + (together ?? []) }
  }

  package struct Member: Decodable, Sendable {
    package var type: String
    package var count: Int
  }

  package struct Leak: Decodable, Sendable {
    package var verdict: String
    package var kind: String
    package var ignored: Bool
    package var instances: Int
    package var objects: Int
    package var blocks: Int
    package var types: [String]
    package var cycle: [Edge]
    package var weaken: [Weakening]
    /// Blocks of each type, if the report says so.
    package var members: [Member]?

    /// Suspects are listed apart, and are no alarm.
    package var isSuspect: Bool { verdict == "suspect" }
  }

  package var schemaVersion: Int
  package var summary: Summary
  package var leaks: [Leak]

  /// What counts: proven and unreachable, and not ignored.
  package var alarms: [Leak] { leaks.filter { !$0.isSuspect && !$0.ignored } }
}
