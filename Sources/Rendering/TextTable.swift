/// A table of text with aligned columns, two spaces apart.
package struct TextTable {
  package enum Alignment: Sendable { case left, right }

  package struct Column: Sendable {
    package let title: String
    package let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment = .right) {
      self.title = title
      self.alignment = alignment
    }
  }

  package let columns: [Column]
  package private(set) var rows: [[String]] = []

  package init(_ columns: [Column]) { self.columns = columns }

  private init(columns: [Column], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }

  package mutating func append(_ row: [String]) {
    precondition(row.count == columns.count)
    rows.append(row)
  }

  /// The columns' widths in characters.
  private var widths: [Int] {
    columns.indices.map { index in
      rows.reduce(columns[index].title.count) { max($0, $1[index].count) }
    }
  }

  /// Characters of the longest line.
  package var width: Int { widths.reduce(0, +) + 2 * (columns.count - 1) }

  /// Title line and rows, each with its line end; no blank at the end of a line.
  package var text: String { text(widths: widths) }

  /// As `text`, on lines of at most `width` characters as far as that can be. A last column of texts gives way first: its
  /// cells are shortened in the middle. Where even that is too wide, a row takes lines of its own, under the text of its
  /// last left-aligned column. `nil`: nobody counts.
  package func fitting(width: Int?) -> String {
    guard let width, self.width > width, let last = columns.indices.last else { return text }
    let room = width - (self.width - widths[last])
    if columns[last].alignment == .left, room >= 20 {
      return TextTable(columns: columns, rows: rows.map { $0[..<last] + [Self.shortened($0[last], to: room)] }).text
    }
    let heading = columns.lastIndex { $0.alignment == .left } ?? last
    var text = ""
    for row in rows {
      text += wrap(row[heading], width: width) + "\n"
      let figures = row.indices.filter { $0 != heading && !row[$0].isEmpty }.map { "\(columns[$0].title) \(row[$0])" }
      text += wrap(figures.joined(separator: ", "), width: width, indent: "  ") + "\n"
    }
    return text
  }

  /// The beginning and the end of a text that is too long.
  static func shortened(_ text: String, to width: Int) -> String {
    guard text.count > width, width > 2 else { return text }
    let tail = (width - 1) / 2
    return text.prefix(width - 1 - tail) + "…" + text.suffix(tail)
  }

  private func text(widths: [Int]) -> String {
    var text = ""
    for cells in [columns.map(\.title)] + rows {
      var line = ""
      for (index, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[index] - cell.count)
        if index > 0 { line += "  " }
        line += columns[index].alignment == .right ? padding + cell : cell + padding
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text
  }
}
