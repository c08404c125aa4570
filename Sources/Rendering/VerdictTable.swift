package import BenchmarkReport

/// The table that `weakspot-bench show` and `run` end in: a row per case, and in words what it means.
package struct VerdictTable {
  private let summaries: [CaseSummary]
  private let words: VerdictWords

  /// - Parameter caveats: What is not like for like, by runtime.
  package init(_ summaries: [CaseSummary], caveats: [String: String] = [:]) {
    self.summaries = summaries
    words = VerdictWords(summaries, caveats: caveats)
  }

  /// - Parameter width: Characters that fit on a line; `nil` where nobody counts, in a pipe. A terminal that is too
  ///   narrow for the table gets the same figures in a block per case.
  package func text(width: Int?) -> String {
    guard !summaries.isEmpty else { return Self.empty }
    let table = table
    var text = table.text
    if let width, table.width > width { text = blocks(width: width) }
    return text + "\n" + words.notes.map { wrap($0, width: width) + "\n" }.joined()
  }

  /// A GitHub-flavoured table, and the notes as paragraphs.
  package var markdown: String {
    guard !summaries.isEmpty else { return Self.empty }
    return table.markdown + words.notes.map { "\n" + Markdown.escaped($0) + "\n" }.joined()
  }

  private static let empty = "No samples.\n"

  private var table: TextTable {
    var columns: [TextTable.Column] = words.hasSeveralRuntimes ? [.init("runtime", .left)] : []
    columns += [.init("topology", .left), .init("back link", .left), .init("nodes")]
    if words.hasPayloads { columns.append(.init("payload")) }
    columns += VerdictFigure.allCases.map { .init($0.title) } + [.init(VerdictWords.verdictTitle, .left)]
    var table = TextTable(columns)
    for summary in summaries {
      let identity = summary.identity
      var row = words.hasSeveralRuntimes ? [identity.runtime] : []
      row += [identity.topology, identity.backLink, Quantity.count(identity.nodes)]
      if words.hasPayloads { row.append(Quantity.bytes(Double(identity.payload))) }
      table.append(row + VerdictFigure.allCases.map { $0.text(of: summary) } + [VerdictWords.verdict(of: summary)])
    }
    return table
  }

  /// One case after the other, for narrow terminals.
  private func blocks(width: Int) -> String {
    var text = ""
    for summary in summaries {
      let identity = summary.identity
      var title = "\(identity.topology), \(identity.backLink), \(Quantity.count(identity.nodes)) nodes"
      if words.hasSeveralRuntimes { title = "\(identity.runtime): \(title)" }
      if identity.payload != 0 { title += ", payload \(Quantity.bytes(Double(identity.payload)))" }
      let figures = VerdictFigure.allCases.map { "\($0.title) \($0.text(of: summary))" }.joined(separator: ", ")
      text += title + ": " + VerdictWords.verdict(of: summary) + "\n"
      text += wrap(figures, width: width, indent: "  ") + "\n"
    }
    return text
  }
}
