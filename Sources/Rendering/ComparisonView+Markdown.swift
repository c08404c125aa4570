import BenchmarkReport
import RegressionCompare

extension ComparisonView {
  /// A comment on GitHub holds 65,536 characters; what does not fit is left out and counted.
  package static let markdownLimit = 60_000
  /// Bytes of a case's name or a report's path; of a reason, a sentence or a line of the closing.
  private static let nameLimit = 300
  private static let sentenceLimit = 600
  /// The line that says how many cells or rows were left out.
  private static let noticeRoom = 100

  /// The comparison as a comment to a pull request: what regressed lies open, the rest is folded.
  package var markdown: String {
    let (base, new) = (outcome.baseLabel, outcome.newLabel)
    var text = "### \(headline)\n\n\(Markdown.escaped(conclusion.reason, atMost: Self.sentenceLimit)).\n"
    text += "\n\(Markdown.code(base, atMost: Self.nameLimit)) → \(Markdown.code(new, atMost: Self.nameLimit))\n"
    let end = closingMarkdown
    let parts = parts.filter { !$0.cells.isEmpty }
    var room = Self.markdownLimit - text.utf8.count - end.utf8.count - parts.count * Self.noticeRoom
    for part in parts {
      let block = section(part, room: room)
      room -= block.utf8.count
      text += block
    }
    return text + end
  }

  private var headline: String {
    let counts = outcome.counts(gated: true)
    switch conclusion.exit {
    case .notComparable: return "Memory: not comparable"
    case .regressed where counts.regressed > 0:
      return "Memory: \(Quantity.count(counts.regressed)) regression\(counts.regressed == 1 ? "" : "s")"
    case .regressed: return "Memory: failed"
    case .ok: return "Memory: nothing regressed"
    }
  }

  /// Cells that are shown together.
  private struct Part {
    let title: String
    let isOpen: Bool
    let cells: [ComparedCell]
  }

  /// Regressions first; off the gate only what changed.
  private var parts: [Part] {
    func cells(_ isIncluded: (ComparedCell) -> Bool) -> [ComparedCell] {
      blocks.flatMap { $0.cells.filter(isIncluded) }
    }
    return [
      Part(title: "Regressed", isOpen: true, cells: cells { $0.counts && $0.verdict == .regressed }),
      Part(title: "Waived", isOpen: false, cells: cells { $0.waiver != nil }),
      Part(title: "Not comparable", isOpen: false, cells: cells { $0.gated && $0.verdict == .notComparable }),
      Part(title: "Inconclusive", isOpen: false, cells: cells { $0.gated && $0.verdict == .inconclusive }),
      Part(title: "Improved", isOpen: false, cells: cells { $0.gated && $0.verdict == .improved }),
      Part(
        title: "Changed off the gate", isOpen: false,
        cells: cells { !$0.gated && ($0.verdict == .regressed || $0.verdict == .improved) }),
    ]
  }

  private func section(_ part: Part, room: Int) -> String {
    let count = Quantity.count(part.cells.count)
    let head =
      part.isOpen
      ? "\n**\(part.title)** (\(count))\n\n" : "\n<details><summary>\(part.title) (\(count))</summary>\n\n"
    let tail = part.isOpen ? "" : "\n</details>\n"
    let columns =
      "| metric | case | base | new | difference | change | 95 % interval | why |\n"
      + "| :--- | :--- | ---: | ---: | ---: | ---: | ---: | :--- |\n"
    var left = room - head.utf8.count - columns.utf8.count - tail.utf8.count
    guard left > 0 else { return "\n\(part.title): \(count) cells, left out to keep this short.\n" }
    var text = head + columns
    for (index, cell) in part.cells.enumerated() {
      let fields =
        [cell.metric.name, Markdown.escaped(cell.caseName, atMost: Self.nameLimit)]
        + Self.figures(of: cell).map(Markdown.escaped)
        + [Markdown.escaped(cell.explanation, atMost: Self.sentenceLimit)]
      let row = "| " + fields.joined(separator: " | ") + " |\n"
      left -= row.utf8.count
      guard left > 0 else {
        text += "\n… and \(Quantity.count(part.cells.count - index)) more, left out to keep this short.\n"
        break
      }
      text += row
    }
    return text + tail
  }

  private var closingMarkdown: String {
    let lines = closing.map { line in
      "- **\(Markdown.escaped(line.name))**: \(Markdown.escaped(line.text, atMost: Self.sentenceLimit))\n"
    }
    return "\n<details><summary>Counts, policy and environment</summary>\n\n" + lines.joined() + "\n</details>\n"
  }
}
