import BenchmarkReport

// The page's sections of charts, a small one for each topology.

extension ReportPage {
  func staircases(_ main: inout Markup) {
    main.section(id: "staircase", heading: "Memory through the four checkpoints") { section in
      section.element(
        "p",
        "Each graph is built, its root is dropped (released), and the heap is trimmed with malloc_trim; all steps are "
          + "relative to before. A leak is heap that stays up to the end. Where the heap falls at released and "
          + "resident memory only at trimmed, all was freed, and the allocator kept the pages.")
      if words.hasSeveralRuntimes, panels.contains(where: { $0.rows.contains { $0.label == $0.backLink } }) {
        section.element("p", "Rows that do not name a runtime are Swift's: no other runtime has that back link there.")
      }
      section.element("p", ["class": "key"]) { key in
        key.element("span") {
          $0.element("i", ["class": "heap-key"], ""); $0.write("heap in use")
        }
        key.element("span") {
          $0.element("i", ["class": "resident-key"], ""); $0.write("resident memory (RSS)")
        }
      }
      charts(&section, id: "staircase", panels) { panel in
        let chart = StaircaseChart(panel)
        return (caption(panel, "\(size(panel)); highest step \(chart.highest)"), chart.drawing)
      }
      staircaseFigures(&section)
    }
  }

  func nodeBytes(_ main: inout Markup) {
    main.section(id: "node-bytes", heading: "Bytes per node") { section in
      section.element(
        "p",
        "Heap in use at built, relative to before and divided by the nodes: what an object costs with its links, its "
          + "allocator's chunk and, where it is weakly referenced, its side table. Bars have one scale for "
          + "all topologies.")
      let values = panels.flatMap(\.entries).compactMap { $0.entry?.summary.bytesPerNode?.median }
      charts(&section, id: "node-bytes", panels) { panel in
        (
          caption(panel, "\(size(panel)); bytes per node"),
          NodeBytesChart(panel, greatest: values.max() ?? 0).drawing
        )
      }
    }
  }

  func growth(_ main: inout Markup) {
    main.section(id: "growth", heading: "Bytes per node over the number of nodes") { section in
      guard series.growth.contains(where: { $0.points.count > 1 }) else {
        section.element("p", "The report has one size of each graph: there is no growth to show.")
        return
      }
      section.element(
        "p",
        "A level line is a cost that grows with the nodes and nothing else. The slope is that of heap bytes over "
          + "nodes, fitted to the sizes by Theil and Sen's median of slopes: what one more node takes.")
      let values = series.growth.flatMap { $0.points.map(\.bytesPerNode) }
      charts(&section, id: "growth", panels) { panel in
        (
          caption(panel, "logarithmic axes; slope in bytes per node"),
          GrowthChart(name: panel.name, lines: chartLines(panel), values: values).drawing
        )
      }
      growthFigures(&section)
    }
  }

  func times(_ main: inout Markup) {
    let extent = TimeChart.Extent(panels)
    main.section(id: "time", heading: "Time per node") { section in
      var text =
        "The time of the step divided by the nodes, by CLOCK_MONOTONIC, on a logarithmic axis; times move by tens "
      text += "of percent from run to run. Where a graph leaks, releasing it is quick because nothing is freed."
      section.element("p", text)
      section.element("p", ["class": "key"]) { key in
        key.element("span") {
          $0.element("i", ["class": "dot-key"], "")
          $0.write(extent.onlySpread ? "least, median and greatest of a case" : "a sample")
        }
        key.element("span") {
          $0.element("i", ["class": "median-key"], ""); $0.write("median")
        }
      }
      if extent.onlyLargestSize {
        section.element(
          "p", ["class": "muted"],
          "The report has more than \(TimeChart.Extent.mostCases) cases: only the largest size of each graph is drawn. "
            + "The table below has all.")
      }
      if extent.onlySpread {
        section.element(
          "p", ["class": "muted"],
          "The report has more than \(Quantity.count(TimeChart.Extent.mostDots)) values to draw: of each case the "
            + "least, the median and the greatest are drawn.")
      }
      for (step, heading) in [(TimeChart.Step.build, "Build"), (.release, "Release")] {
        let values = series.cases.flatMap(step.values)
        section.element("h3", ["class": "step"], heading)
        charts(&section, id: "time-\(step)", level: "h4", panels) { panel in
          (
            caption(panel, step == .build ? "from nothing to the whole graph" : "dropping the root"),
            TimeChart(panel, step, extent: extent, values: values).drawing
          )
        }
      }
    }
  }

  /// The lines of a panel, in the order of its rows.
  func chartLines(_ panel: ChartPanel) -> [GrowthChart.Line] {
    panel.rows.compactMap { row in
      let growth = series.growth.first {
        $0.topology == panel.topology && $0.payload == panel.payload && $0.runtime == row.runtime
          && $0.backLink == row.backLink
      }
      return growth.map {
        GrowthChart.Line(
          label: row.label, growth: $0, mark: (series.backLinks.firstIndex(of: row.backLink) ?? 0) % 8)
      }
    }
  }

  private typealias Caption = (heading: String, text: String)

  private func caption(_ panel: ChartPanel, _ text: String) -> Caption { (panel.name, text) }

  private func size(_ panel: ChartPanel) -> String { "\(Quantity.count(panel.nodes)) nodes" }

  private func charts<Item>(
    _ section: inout Markup, id: String, level: StaticString = "h3", _ items: [Item],
    _ chart: (Item) -> (Caption, Drawing)
  ) {
    section.element("div", ["class": "charts"]) { grid in
      for (index, item) in items.enumerated() {
        let (caption, drawing) = chart(item)
        grid.element("figure") { figure in
          figure.element("figcaption") { text in
            text.element(level, caption.heading)
            text.element("p", caption.text)
          }
          drawing.write(to: &figure, id: "\(id)-\(index + 1)")
        }
      }
    }
  }
}
