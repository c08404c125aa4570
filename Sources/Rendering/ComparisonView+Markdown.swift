import BenchmarkReport
import RegressionCompare

extension ComparisonView {
  /// A comment on GitHub holds 65,536 characters; what does not fit is left out and counted.
  package static let markdownLimit = 60_000

  /// The comparison as a comment to a pull request: what regressed lies open, the rest is folded.
  package var markdown: String {
    var text = "### \(headline)\n\n\(Markdown.escaped(conclusion.reason)).\n"
    text += "\n`\(code(outcome.baseLabel))` → `\(code(outcome.newLabel))`\n"
    let end = closingMarkdown
    var room = Self.markdownLimit - text.utf8.count - end.utf8.count
    for part in parts where !part.cells.isEmpty {
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
    // 80: the line that says how many rows were left out.
    var left = room - head.utf8.count - columns.utf8.count - tail.utf8.count - 80
    guard left > 0 else { return "\n\(part.title): \(count) cells, left out to keep this short.\n" }
    var text = head + columns
    for (index, cell) in part.cells.enumerated() {
      let fields = [cell.metric.name, cell.caseName] + Self.figures(of: cell) + [cell.explanation]
      let row = "| " + fields.map(Markdown.escaped).joined(separator: " | ") + " |\n"
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
      let text = line.text.count > 600 ? String(line.text.prefix(600)) + "…" : line.text
      return "- **\(Markdown.escaped(line.name))**: \(Markdown.escaped(text))\n"
    }
    return "\n<details><summary>Counts, policy and environment</summary>\n\n" + lines.joined() + "\n</details>\n"
  }

  /// A file's name between backquotes.
  private func code(_ text: String) -> String { String(text.map { $0 == "`" || $0.isControl ? "'" : $0 }) }
}
