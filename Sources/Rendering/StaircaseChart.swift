import BenchmarkReport

/// Memory through the four checkpoints, a row per back link: heap in use as filled steps, resident memory as a line.
struct StaircaseChart {
  private let panel: ChartPanel
  private let labelWidth: Double
  /// The least and the greatest step of all rows; 0 is among them.
  private let bounds: ClosedRange<Double>

  private static let rowHeight = 44.0
  private static let stepHeight = 32.0
  private static let top = 22.0

  init(_ panel: ChartPanel) {
    self.panel = panel
    let steps = panel.entries.compactMap(\.entry).flatMap { entry in
      Phase.allCases.flatMap { [entry.heap[$0], entry.resident[$0]].compactMap(\.self) }
    }
    bounds = min(0, steps.min() ?? 0)...max(0, steps.max() ?? 0)
    // The second line of a label has what is left.
    labelWidth = max(ChartLayout.labelWidth(panel.rows.map(\.label)), 104)
  }

  /// The value of the highest step, which gives all rows their scale.
  var highest: String { Quantity.bytes(bounds.upperBound) }

  var drawing: Drawing {
    var drawing = Drawing(
      width: ChartLayout.width, height: Self.top + Double(panel.rows.count) * Self.rowHeight,
      title: "Memory at four checkpoints: \(panel.nameWithSize)", description: description)
    for (index, phase) in Phase.allCases.enumerated() {
      let left = labelWidth + Double(index) * bandWidth
      drawing.text(phase.name, x: left + bandWidth / 2, y: 12, anchor: .middle, style: "small")
      drawing.line(left, Self.top - 4, left, drawing.height, style: "grid")
    }
    for (index, (label, entry)) in panel.entries.enumerated() {
      row(label, entry, top: Self.top + Double(index) * Self.rowHeight, in: &drawing)
    }
    return drawing
  }

  private var bandWidth: Double { (ChartLayout.width - labelWidth) / Double(Phase.allCases.count) }

  private func row(_ label: String, _ entry: ReportSeries.Case?, top: Double, in drawing: inout Drawing) {
    drawing.group(
      ["data-case": entry?.identity.description], title: entry.map { "\(label): \(Self.words($0))" }
    ) { row in
      let width = labelWidth - 8
      row.text(
        fitted(label, width: width, fontSize: ChartLayout.fontSize), x: 0, y: top + 19)
      row.text(
        fitted(Self.remark(entry), width: width, fontSize: ChartLayout.smallFontSize), x: 0, y: top + 34,
        style: "small")
      let zero = top + Self.rowHeight - 4
      row.line(labelWidth, y(0, zero), ChartLayout.width, y(0, zero), style: "axis")
      if let entry {
        heapSteps(entry.heap, zero, in: &row)
        residentSteps(entry.resident, zero, in: &row)
      }
    }
  }

  private func heapSteps(_ steps: ReportSeries.Staircase, _ zero: Double, in row: inout Drawing) {
    for (index, phase) in Phase.allCases.enumerated() {
      guard let value = steps[phase] else { continue }
      let (level, base) = (y(value, zero), y(0, zero))
      row.shape(
        "rect",
        [
          "class": "heap", "x": px(labelWidth + Double(index) * bandWidth), "y": px(min(level, base)),
          "width": px(bandWidth), "height": px(abs(base - level)), "data-metric": "heap_\(phase.name)_bytes",
          "data-value": Markup.exact(value),
        ])
    }
  }

  private func residentSteps(_ steps: ReportSeries.Staircase, _ zero: Double, in row: inout Drawing) {
    var last: Double?
    for (index, phase) in Phase.allCases.enumerated() {
      guard let value = steps[phase] else {
        last = nil
        continue
      }
      let left = labelWidth + Double(index) * bandWidth
      let level = y(value, zero)
      let riser = last.map { "M\(px(left)) \(px($0))V\(px(level))H" } ?? "M\(px(left)) \(px(level))H"
      row.shape(
        "path",
        [
          "class": "resident", "d": riser + px(left + bandWidth), "data-metric": "resident_\(phase.name)_bytes",
          "data-value": Markup.exact(value),
        ])
      last = level
    }
  }

  /// The height of a value in the row whose lowest line is at `bottom`.
  private func y(_ value: Double, _ bottom: Double) -> Double {
    let range = bounds.upperBound - bounds.lowerBound
    return range > 0 ? bottom - (value - bounds.lowerBound) / range * Self.stepHeight : bottom
  }

  private static func remark(_ entry: ReportSeries.Case?) -> String {
    guard let entry else { return "not measured" }
    return VerdictWords.remainder(of: entry.summary) ?? VerdictWords.shortFailures(of: entry.summary)
      ?? VerdictWords.absent
  }

  private var description: String {
    let rows = panel.entries.map { label, entry in "\(label): " + (entry.map(Self.words) ?? "not measured") + "." }
    return "Relative to before, heap in use and resident memory. " + rows.joined(separator: " ")
  }

  private static func words(_ entry: ReportSeries.Case) -> String {
    func words(_ steps: ReportSeries.Staircase) -> String {
      Phase.allCases.dropFirst().map { phase in
        (steps[phase].map(Quantity.bytes) ?? "unknown") + " " + phase.name
      }.joined(separator: ", ")
    }
    return "heap \(words(entry.heap)); resident \(words(entry.resident))"
  }
}
