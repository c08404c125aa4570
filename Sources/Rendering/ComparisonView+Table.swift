import BenchmarkReport
import RegressionCompare

extension ComparisonView {
  /// The comparison as text: a block for each metric, and what it comes to.
  ///
  /// - Parameters:
  ///   - width: Characters that fit on a line; nil where nobody counts. A terminal that is too narrow for a table gets
  ///     the same figures cell by cell.
  ///   - showsAll: Also the cells that are the same, and those off the gate that are inconclusive: else only counted.
  package func table(width: Int?, showsAll: Bool) -> String {
    var text = "BASE  \(outcome.baseLabel)\nNEW   \(outcome.newLabel)\n"
    var footnotes = Footnotes()
    for block in blocks { text += "\n" + self.text(of: block, width: width, showsAll: showsAll, &footnotes) }
    let lines = closing
    let nameWidth = (lines.map(\.name.count).max() ?? 0) + 2
    let indent = String(repeating: " ", count: nameWidth)
    text += "\n"
    for line in lines {
      let wrapped = wrap(line.text, width: max(width ?? defaultLineWidth, nameWidth + 30), indent: indent)
      text += line.name + wrapped.dropFirst(line.name.count) + "\n"
    }
    return text
  }

  private func text(of block: Block, width: Int?, showsAll: Bool, _ footnotes: inout Footnotes) -> String {
    let shown = showsAll ? block.cells : block.cells.filter(Self.isShown)
    let folded = Self.folded(block)
    footnotes.beginBlock()
    var text = wrap(block.title + (shown.isEmpty ? ": " + folded : ""), width: width) + "\n"
    if !shown.isEmpty {
      var table = TextTable(
        [.init("case", .left)] + Self.figureTitles.map { .init($0) } + [.init("verdict", .left)])
      for cell in shown {
        table.append([cell.caseName] + Self.figures(of: cell) + [verdict(of: cell, in: block, &footnotes)])
      }
      if let width, table.width + 2 > width {
        text += cellByCell(table, width: width)
      } else {
        text += table.text.split(separator: "\n").map { "  \($0)\n" }.joined()
      }
    }
    let isFolded = !shown.isEmpty && shown.count < block.cells.count
    for line in [isFolded ? "besides: " + folded : nil, summary(of: block)].compactMap(\.self) {
      text += wrap(line, width: width, indent: "  ") + "\n"
    }
    for note in footnotes.ofBlock { text += wrap(note, width: width, indent: "  ") + "\n" }
    return text
  }

  private func verdict(of cell: ComparedCell, in block: Block, _ footnotes: inout Footnotes) -> String {
    let text = Self.verdict(of: cell, in: block)
    // What is the same within the margin of the block's title needs no more words.
    if case .valuesEqual(let least, let greatest) = cell.reason, least == greatest { return text }
    return "\(text) [\(footnotes.number(of: cell.explanation))]"
  }

  private func cellByCell(_ table: TextTable, width: Int) -> String {
    var text = ""
    for row in table.rows {
      let figures = zip(Self.figureTitles, row.dropFirst()).map { "\($0) \($1)" }.joined(separator: ", ")
      text += wrap("\(row[0]): \(row[row.count - 1])", width: width, indent: "  ") + "\n"
      text += wrap(figures, width: width, indent: "    ") + "\n"
    }
    return text
  }
}

/// Reasons by number; what two cells of a block have in common is said once.
private struct Footnotes {
  private var numbers: [String: Int] = [:]
  private var next = 1
  private(set) var ofBlock: [String] = []

  mutating func beginBlock() {
    numbers = [:]
    ofBlock = []
  }

  mutating func number(of text: String) -> Int {
    if let number = numbers[text] { return number }
    numbers[text] = next
    ofBlock.append("[\(next)] \(text)")
    next += 1
    return next - 1
  }
}
