import FoundationEssentials

/// What each program of one set must show: `Tests/Zoo/leaking.json` or `Tests/Zoo/clean.json`.
package struct ZooTable<Case: Decodable & Sendable>: Decodable, Sendable {
  /// The executable, which is also the module of its types.
  package var module: String
  package var cases: [Case]

  package init(json: some Sequence<UInt8>) throws(ZooTableError) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json))
    } catch {
      throw ZooTableError(description: "the zoo's table cannot be read: \(error); see Tests/Zoo/Expectations")
    }
  }
}

package struct ZooTableError: Error, CustomStringConvertible {
  package var description: String
}

/// A program that leaks.
package struct LeakingCase: Decodable, Sendable {
  /// `nil` in the tables stands for anything.
  package struct Edge: Decodable, Sendable {
    package var from: String
    /// A path in the words of the JSON contract, or a pattern of it (`ZooNames.isField`).
    package var field: String?
    package var ownership: String
    package var to: String
    /// The closure whose context may lie between the two, as "closure #1 in Model.bind()".
    package var via: String?
  }

  /// An edge that may stand first among those to weaken. No type: a context or a box, whatever it is called.
  package struct Weakening: Decodable, Sendable {
    package var type: String?
    package var field: String?
  }

  package enum Verdict: String, Decodable, Sendable { case proven, unreachable, either }

  package var name: String
  /// The case of which this one is the same bug under other names, nested and generic.
  package var variantOf: String?
  package var verdict: Verdict
  package var kinds: [String]
  /// Live instances of each type at the end. All of them are leaked.
  package var leaked: [String: Int]
  /// Cycles of which one must be shown, `nil` if none need be. Contexts, boxes and arrays between the named types are left
  /// out, and the path of the first one's field is the edge's.
  package var cycles: [[Edge]]?
  package var weaken: [Weakening]?
  package var blocks: Int?
  package var instances: Int?
  /// Why no tool can know.
  package var outOfReach: String?
  package var note: String
}

/// A program that leaks nothing.
package struct CleanCase: Decodable, Sendable {
  package var name: String
  package var suspectAllowed: Bool
  /// Live instances of each type at the end. None of them is leaked.
  package var live: [String: Int]
  /// Why no tool can know.
  package var outOfReach: String?
  package var note: String
}

/// What a report says otherwise than expected.
package struct ZooMismatch: Equatable, Sendable, CustomStringConvertible {
  package enum Aspect: String, Sendable {
    case notFound, falseAlarm, types, verdict, kind, objects, cycle, weaken
  }

  package var aspect: Aspect
  package var text: String

  package var description: String { "\(aspect.rawValue): \(text)" }
}
