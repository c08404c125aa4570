import ArgumentParser
import BenchmarkRun
import GraphWorkloads

/// A comma-separated list on the command line; `all` where the values are names.
enum ListArgument {
  static func topologies(_ text: String) throws -> [Topology] {
    try names(
      text, all: Topology.allCases, what: "topology", valid: Topology.allCases.map(\.name), Topology.init(name:))
  }

  static func backLinks(_ text: String) throws -> [BackLink] {
    try names(
      text, all: BackLink.allCases, what: "back link", valid: BackLink.allCases.map(\.name), BackLink.init(name:))
  }

  static func counts(_ text: String) throws -> [Int] { try elements(text).map { try Count.parse($0, unit: .decimal) } }

  static func byteCounts(_ text: String) throws -> [Int] {
    try elements(text).map { try Count.parse($0, unit: .binary) }
  }

  static func elements(_ text: String) throws -> [String] {
    let elements = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !elements.contains("") else { throw ValidationError("“\(text)” has an empty element") }
    return elements
  }

  private static func names<Value>(
    _ text: String, all: [Value], what: String, valid: [String], _ make: (String) -> Value?
  ) throws -> [Value] {
    if text == "all" { return all }
    return try elements(text).map { name in
      guard let value = make(name) else {
        throw ValidationError("no \(what) “\(name)”; there are: \(valid.joined(separator: ", ")), or all")
      }
      return value
    }
  }
}

/// A count with a unit: `250`, `10k`, `1.5M`, `2G`.
enum Count {
  enum Unit { case decimal, binary }

  /// - Parameter unit: Whether k is 1,000, as for nodes, or 1,024, as for bytes.
  static func parse(_ text: String, unit: Unit) throws -> Int {
    let step = unit == .decimal ? 1_000 : 1_024
    let scales: [Character: Int] = [
      "k": step, "K": step, "M": step * step, "G": step * step * step,
    ]
    var digits = text[...]
    var scale = 1
    if let last = text.last, let named = scales[last] {
      scale = named
      digits.removeLast()
    }
    let invalid = ValidationError("“\(text)” is no count; write a whole number such as 250, 10k, 1.5M or 2G")
    guard let first = digits.first, first.isASCII, first.isNumber else { throw invalid }
    if let whole = Int(digits) {
      let (value, overflow) = whole.multipliedReportingOverflow(by: scale)
      guard !overflow else { throw ValidationError("“\(text)” is too large to count") }
      return value
    }
    guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { throw invalid }
    if !digits.contains(".") { throw ValidationError("“\(text)” is too large to count") }
    guard let number = Double(digits) else { throw invalid }
    let value = number * Double(scale)
    guard value == value.rounded(), let count = Int(exactly: value) else { throw invalid }
    return count
  }
}
