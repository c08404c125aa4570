import BenchmarkReport

/// Nanoseconds per node of one step, a dot per sample and a stroke at the median, a line per back link and size.
struct TimeChart {
  enum Step: CaseIterable {
    case build, release

    var figure: VerdictFigure { self == .build ? .build : .release }

    func values(of entry: ReportSeries.Case) -> [Double] {
      self == .build ? entry.buildNanosecondsPerNode : entry.releaseNanosecondsPerNode
    }
  }

  /// Which of a report's values are drawn, so that a page stays readable whatever the size of the report.
  struct Extent {
    let onlyLargestSize: Bool
    /// Only the least, the median and the greatest of a case.
    let onlySpread: Bool

    static let mostCases = 400
    static let mostDots = 20_000

    init(_ panels: [ChartPanel]) {
      let cases = panels.reduce(0) { $0 + $1.rows.reduce(0) { $0 + $1.cases.count } }
      onlyLargestSize = cases > Self.mostCases
      let isLimited = onlyLargestSize
      let dots = panels.flatMap { panel in
        panel.rows.flatMap { row in
          isLimited ? row.entry(nodes: panel.nodes).map { [$0] } ?? [] : row.cases
        }
      }.reduce(0) { $0 + $1.buildNanosecondsPerNode.count + $1.releaseNanosecondsPerNode.count }
      onlySpread = dots > Self.mostDots
    }
  }

  private let panel: ChartPanel
  private let step: Step
  private let extent: Extent
  private let scale: LogarithmicScale
  private let labelWidth: Double
  private let hasGutter: Bool

  private static let top = 34.0
  private static let pitch = 13.0
  private static let gap = 7.0
  private static let sizeWidth = 36.0
  private static let right = 312.0
  /// The room left of the axis for what is below 1 ns, which a logarithmic axis does not reach.
  private static let gutter = 26.0

  /// - Parameter values: Those of the panels that are read together.
  init(_ panel: ChartPanel, _ step: Step, extent: Extent, values: [Double]) {
    self.panel = panel
    self.step = step
    self.extent = extent
    labelWidth = ChartLayout.labelWidth(panel.rows.map(\.label))
    hasGutter = values.contains { $0 < 1 }
    scale = LogarithmicScale(
      around: values.filter { $0 >= 1 } + (hasGutter ? [1] : []),
      from: labelWidth + Self.sizeWidth + (hasGutter ? Self.gutter : 0), to: Self.right)
  }

  var drawing: Drawing {
    let rows = panel.rows.map { ($0.label, cases(of: $0)) }
    let lines = rows.reduce(0) { $0 + max(1, $1.1.count) }
    let height = Self.top + Double(lines) * Self.pitch + Double(rows.count) * Self.gap
    var drawing = Drawing(
      width: ChartLayout.width, height: height, title: "\(title): \(panel.name)", description: description)
    axis(in: &drawing)
    var top = Self.top
    for (label, cases) in rows {
      drawing.line(0, top, ChartLayout.width, top, style: "grid")
      top += Self.gap / 2
      drawing.text(
        fitted(label, width: labelWidth - 6, fontSize: ChartLayout.fontSize), x: 0, y: top + 10.5)
      for (index, entry) in cases.enumerated() {
        line(label, entry, y: top + (Double(index) + 0.5) * Self.pitch, in: &drawing)
      }
      top += Double(max(1, cases.count)) * Self.pitch + Self.gap / 2
    }
    return drawing
  }

  /// Those of a row that are drawn.
  private func cases(of row: ChartPanel.Row) -> [ReportSeries.Case] {
    extent.onlyLargestSize ? row.entry(nodes: panel.nodes).map { [$0] } ?? [] : row.cases
  }

  private func axis(in drawing: inout Drawing) {
    drawing.text("nodes", x: labelWidth + Self.sizeWidth - 10, y: 10, anchor: .end, style: "small")
    drawing.text("ns per node", x: (scale.start + scale.end) / 2, y: 10, anchor: .middle, style: "small")
    drawing.text("median", x: ChartLayout.width, y: 10, anchor: .end, style: "small")
    if hasGutter { drawing.text("<1", x: belowOne, y: 25, anchor: .middle, style: "small") }
    var labels = LabelRow()
    for tick in scale.ticks {
      let position = scale.position(tick)
      drawing.line(position, Self.top - 5, position, drawing.height, style: "grid")
      if labels.hasRoom(for: shortCount(Int(tick)), at: position) {
        drawing.text(shortCount(Int(tick)), x: position, y: 25, anchor: .middle, style: "small")
      }
    }
  }

  private var belowOne: Double { scale.start - Self.gutter + 6 }

  private func x(_ value: Double) -> Double { value < 1 ? belowOne : scale.position(value) }

  private func line(_ label: String, _ entry: ReportSeries.Case, y: Double, in drawing: inout Drawing) {
    let values = step.values(of: entry)
    let spread = step.figure.spread(of: entry.summary)
    let drawn = extent.onlySpread ? spread.map { [$0.least, $0.median, $0.greatest] } ?? [] : values
    let size = Quantity.count(entry.identity.nodes)
    drawing.group(
      ["data-case": entry.identity.description, "data-metric": step.figure.metricName],
      title: "\(label), \(size) nodes: \(words(entry))"
    ) { group in
      group.text(
        shortCount(entry.identity.nodes), x: labelWidth + Self.sizeWidth - 10, y: y + 4, anchor: .end, style: "small")
      for value in drawn {
        group.shape(
          "circle", ["class": "dot", "cx": px(x(value)), "cy": px(y), "r": "2.6", "data-value": Markup.exact(value)])
      }
      if let median = spread?.median {
        let position = px(x(median))
        group.shape(
          "path",
          [
            "class": "median", "d": "M\(position) \(px(y - 5))V\(px(y + 5))", "data-median": Markup.exact(median),
          ])
      }
      group.text(step.figure.text(of: entry.summary), x: ChartLayout.width, y: y + 4, anchor: .end, style: "small")
    }
  }

  private var title: String {
    self.step == .build ? "Time to build, ns per node" : "Time to release, ns per node"
  }

  private var description: String {
    "The axis is logarithmic. "
      + panel.rows.map { row in
        "\(row.label): "
          + cases(of: row).map { "at \(Quantity.count($0.identity.nodes)) nodes \(words($0))" }.joined(separator: "; ")
          + "."
      }.joined(separator: " ")
  }

  private func words(_ entry: ReportSeries.Case) -> String {
    guard let spread = step.figure.spread(of: entry.summary) else { return "unknown" }
    let figures = [spread.median, spread.least, spread.greatest].map { Quantity.fixed($0, digits: $0 < 10 ? 1 : 0) }
    return "median \(figures[0]), from \(figures[1]) to \(figures[2])"
  }
}
