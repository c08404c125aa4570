/// What the charts have in common.
enum ChartLayout {
  /// A chart is about as wide as a phone, so that its texts are read there at their own size.
  static let width = 360.0
  static let fontSize = 12.0
  static let smallFontSize = 10.5

  /// The width of a column of labels, kept within bounds.
  static func labelWidth(_ labels: [String]) -> Double {
    let widest = labels.map { textWidth($0, fontSize: fontSize) }.max() ?? 0
    return min(max(widest + 8, 60), 130)
  }
}

/// The labels of an axis, of which those that would touch are left out.
struct LabelRow {
  private var end = -Double.infinity

  /// Whether a label fits behind the last one that did.
  mutating func hasRoom(for text: String, at position: Double) -> Bool {
    let half = textWidth(text, fontSize: ChartLayout.smallFontSize) / 2
    guard position - half > end + 4 else { return false }
    end = position + half
    return true
  }
}

/// A number of nodes in a chart: `1k`, `100k`, `2.5M`, as `--nodes` takes it.
func shortCount(_ value: Int) -> String {
  for (unit, name) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] where value >= unit {
    if value.isMultiple(of: unit) { return "\(value / unit)\(name)" }
    if value.isMultiple(of: unit / 10) { return "\(value / unit).\(value % unit / (unit / 10))\(name)" }
  }
  return Quantity.count(value)
}
