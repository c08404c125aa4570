import BenchmarkReport

/// Heap bytes per node, a bar per back link.
struct NodeBytesChart {
  private let panel: ChartPanel
  /// The value of the longest bar of all panels that are read together.
  private let greatest: Double

  private static let rowHeight = 22.0

  init(_ panel: ChartPanel, greatest: Double) {
    self.panel = panel
    self.greatest = greatest
  }

  var drawing: Drawing {
    var drawing = Drawing(
      width: ChartLayout.width, height: Double(panel.rows.count) * Self.rowHeight + 2,
      title: "Heap bytes per node: \(panel.nameWithSize)", description: description)
    let labelWidth = ChartLayout.labelWidth(panel.rows.map(\.label))
    let valueWidth = 56.0
    for (index, (label, entry)) in panel.entries.enumerated() {
      let top = Double(index) * Self.rowHeight
      drawing.text(
        fitted(label, width: labelWidth - 8, fontSize: ChartLayout.fontSize), x: 0, y: top + 15)
      guard let entry, let value = entry.summary.bytesPerNode?.median else {
        drawing.text(VerdictWords.absent, x: labelWidth, y: top + 15)
        continue
      }
      let length = greatest > 0 ? max(0, value) / greatest * (ChartLayout.width - labelWidth - valueWidth) : 0
      drawing.shape(
        "rect",
        [
          "class": "bar", "x": px(labelWidth), "y": px(top + 4), "width": px(length), "height": "14",
          "data-case": entry.identity.description, "data-metric": VerdictFigure.bytesPerNode.metricName,
          "data-value": Markup.exact(value),
        ])
      drawing.text(
        VerdictFigure.bytesPerNode.text(of: entry.summary), x: labelWidth + length + 6, y: top + 15)
    }
    return drawing
  }

  private var description: String {
    panel.entries.map { label, entry in
      "\(label): " + (entry.map { VerdictFigure.bytesPerNode.text(of: $0.summary) } ?? "not measured") + "."
    }.joined(separator: " ")
  }
}
