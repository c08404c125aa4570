/// Leaks that are known, by signature, each with the reason for which it is let be.
package struct IgnoreList: Equatable, Sendable {
  private struct Entry: Equatable, Sendable {
    var pattern: Glob
    var reason: String
  }

  private var entries: [Entry] = []

  package init() {}

  /// What is wrong with a list, and where.
  package struct Fault: Error, Equatable, CustomStringConvertible {
    package var line: Int
    package var text: String
    package var description: String { "line \(line): \(text)" }
  }

  /// Reads a list: on each line a signature, in which `*` stands for any characters, then ` = ` and the reason; empty lines
  /// and those that begin with `#` say nothing.
  package init(parsing text: String) throws(Fault) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = Self.trimmed(line)
      if line.isEmpty || line.hasPrefix("#") { continue }
      guard let separator = line.firstRange(of: " = ") else {
        throw Fault(line: index + 1, text: "no ' = ' between a signature and the reason to ignore it")
      }
      let signature = Self.trimmed(line[..<separator.lowerBound])
      let reason = Self.trimmed(line[separator.upperBound...])
      guard Leak.Kind.allCases.contains(where: { signature.hasPrefix($0.rawValue + ":") }) else {
        throw Fault(
          line: index + 1,
          text: "'\(signature)' is no signature: one begins with "
            + Leak.Kind.allCases.map { "\($0.rawValue):" }.joined(separator: ", ") + " and stands in the JSON report")
      }
      guard !reason.isEmpty else { throw Fault(line: index + 1, text: "the reason is missing") }
      entries.append(Entry(pattern: Glob(String(signature)), reason: String(reason)))
    }
  }

  /// Why a leak of this signature is ignored; `nil`: it is not.
  package func reason(for signature: String) -> String? {
    entries.first { $0.pattern.matches(signature) }?.reason
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let rest = text.drop { $0.isWhitespace }
    return rest.lastIndex { !$0.isWhitespace }.map { rest[...$0] } ?? rest
  }
}
