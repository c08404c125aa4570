import BenchmarkReport

/// A JSON value of a policy with the path of its key.
struct PolicyField {
  let node: JSONNode
  let path: String

  func fault(_ fact: String) -> ComparisonError {
    .damagedPolicy(line: node.position.line, column: node.position.column, path: path, fact: fact)
  }

  private func wrongType(_ due: String) -> ComparisonError { fault("\(due) is due here, not \(node.value.kind)") }

  /// A string that is not empty.
  func text() throws(ComparisonError) -> String {
    guard case .string(let text) = node.value else { throw wrongType("a string") }
    guard !text.isEmpty else { throw fault("the string is empty") }
    return text
  }

  /// A string in which there is something to read.
  func words() throws(ComparisonError) -> String {
    let text = try text()
    guard !text.allSatisfy(\.isWhitespace) else { throw fault("the string is blank") }
    return text
  }

  func number(_ range: ClosedRange<Double>) throws(ComparisonError) -> Double {
    guard case .number(let number) = node.value else { throw wrongType("a number") }
    guard range.contains(number) else {
      throw fault(
        "\(JSONText.number(number)) is out of range: from \(JSONText.number(range.lowerBound)) "
          + "to \(JSONText.number(range.upperBound))")
    }
    return number
  }

  func bool() throws(ComparisonError) -> Bool {
    guard case .bool(let bool) = node.value else { throw wrongType("true or false") }
    return bool
  }

  func list() throws(ComparisonError) -> [PolicyField] {
    guard case .array(let nodes) = node.value else { throw wrongType("a list") }
    return nodes.enumerated().map { PolicyField(node: $1, path: "\(path)[\($0)]") }
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>() throws(ComparisonError) -> Choice {
    let text = try text()
    guard let choice = Choice(rawValue: text) else {
      throw fault("“\(text)” is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  func day() throws(ComparisonError) -> CalendarDay {
    let text = try text()
    guard let day = CalendarDay(text) else { throw fault("“\(text)” is no day; write it as 2026-12-31") }
    return day
  }

  /// The metrics that the pattern matches, at least one.
  func matchedMetrics() throws(ComparisonError) -> [Metric] {
    let text = try text()
    let pattern = GlobPattern(text)
    let matched = Metric.compared.filter { pattern.matches($0.rawValue) }
    guard !matched.isEmpty else {
      let names = Metric.compared.map(\.rawValue).joined(separator: ", ")
      throw fault("“\(text)” matches no metric; there are \(names)")
    }
    return matched
  }
}

/// A JSON object of a policy, all of whose keys are known.
struct PolicyObject {
  private let field: PolicyField
  private let members: [String: JSONNode]

  init(_ node: JSONNode, path: String, known: [String]) throws(ComparisonError) {
    field = PolicyField(node: node, path: path)
    guard case .object(let list) = node.value else {
      throw field.fault("an object is due here, not \(node.value.kind)")
    }
    var members: [String: JSONNode] = [:]
    for member in list {
      guard known.contains(member.key) else {
        throw .damagedPolicy(
          line: member.position.line, column: member.position.column, path: Self.path(path, member.key),
          fact: "unknown key; known are \(known.joined(separator: ", "))")
      }
      members[member.key] = member.value
    }
    self.members = members
  }

  private static func path(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  subscript(key: String) -> PolicyField? {
    members[key].map { PolicyField(node: $0, path: Self.path(field.path, key)) }
  }

  func required(_ key: String) throws(ComparisonError) -> PolicyField {
    guard let field = self[key] else { throw self.field.fault("the key “\(key)” is missing") }
    return field
  }

  /// The elements of a list that may be left out.
  func elements(_ key: String) throws(ComparisonError) -> [PolicyField] { try self[key]?.list() ?? [] }
}
