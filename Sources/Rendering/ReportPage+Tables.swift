import BenchmarkReport

// The page's tables of cases: all verdicts, the figures behind the charts, and the runtimes side by side.

extension ReportPage {
  func verdicts(_ main: inout Markup) {
    main.section(id: "verdicts", heading: "All cases") { section in
      for sentence in words.legend { section.element("p", sentence) }
      section.scrollingTable(label: "All cases", class: "verdicts") { table in
        table.element("caption", "Every case of the report, medians")
        table.headings(["back link", VerdictWords.verdictTitle] + VerdictFigure.allCases.map(\.title))
        for group in groups(series.cases.map(\.summary)) {
          rowGroup(&table, group.name, columns: VerdictFigure.allCases.count + 2) { body in
            for summary in group.cases { verdict(summary, &body) }
          }
        }
      }
    }
  }

  private func verdict(_ summary: CaseSummary, _ body: inout Markup) {
    let leaks = (summary.leakedObjects?.median ?? 0) > 0
    body.element("tr", ["class": leaks ? "leaks" : nil, "data-case": summary.identity.description]) { row in
      let identity = summary.identity
      row.element(
        "th", ["scope": "row"],
        words.hasSeveralRuntimes ? "\(identity.runtime) \(identity.backLink)" : identity.backLink)
      row.element(
        "td",
        [
          "class": "verdict", "data-metric": Metric.leakedObjects.name,
          "data-value": (summary.leakedObjects?.median).map(Markup.exact),
        ], VerdictWords.verdict(of: summary))
      for figure in VerdictFigure.allCases { self.figure(figure, of: summary, &row) }
    }
  }

  private func figure(_ figure: VerdictFigure, of summary: CaseSummary, _ row: inout Markup) {
    let median = figure.spread(of: summary)?.median
    row.element(
      "td", ["data-metric": figure.metricName, "data-value": median.map(Markup.exact)], figure.text(of: summary))
  }

  func staircaseFigures(_ section: inout Markup) {
    section.element("details") { details in
      details.element("summary", "The figures of these charts")
      details.scrollingTable(label: "The figures of the checkpoints") { table in
        table.element("caption", "Medians, relative to before; heap is heap in use, RSS resident memory.")
        let phases = Array(Phase.allCases.dropFirst())
        table.headings(
          ["back link"] + phases.map { "heap \($0.name)" } + phases.map { "RSS \($0.name)" })
        for panel in panels {
          rowGroup(&table, panel.name + ", \(Quantity.count(panel.nodes)) nodes", columns: 7) { body in
            for (label, entry) in panel.entries {
              body.element("tr", ["data-case": entry?.identity.description]) { row in
                row.element("th", ["scope": "row"], label)
                for phase in phases { cell(entry?.heap[phase], "heap_\(phase.name)_bytes", &row) }
                for phase in phases { cell(entry?.resident[phase], "resident_\(phase.name)_bytes", &row) }
              }
            }
          }
        }
      }
    }
  }

  private func cell(_ value: Double?, _ metric: String, _ row: inout Markup) {
    row.element(
      "td", ["data-metric": metric, "data-value": value.map(Markup.exact)],
      value.map(Quantity.bytes) ?? VerdictWords.absent)
  }

  func growthFigures(_ section: inout Markup) {
    let sizes = Set(series.growth.flatMap { $0.points.map(\.identity.nodes) }).sorted()
    section.element("details") { details in
      details.element("summary", "The figures of these charts")
      details.scrollingTable(label: "Bytes per node at each size") { table in
        table.element(
          "caption",
          "Bytes per node at each number of nodes (medians), the fitted slope, and the slope's 95 % interval, which "
            + "spans all slopes where there are fewer than five sizes.")
        table.headings(["back link"] + sizes.map(Quantity.count) + ["slope", "from", "to"])
        for panel in panels {
          rowGroup(&table, panel.name, columns: sizes.count + 4) { body in
            for line in chartLines(panel) { self.growth(line, sizes, &body) }
          }
        }
      }
    }
  }

  private func growth(_ line: GrowthChart.Line, _ sizes: [Int], _ body: inout Markup) {
    let growth = line.growth
    let name = "\(growth.runtime)/\(growth.topology)/\(growth.backLink)/p=\(growth.payload)"
    body.element("tr", ["data-series": name]) { row in
      row.element("th", ["scope": "row"], line.label)
      for size in sizes {
        let point = growth.points.first { $0.identity.nodes == size }
        row.element(
          "td",
          [
            "data-case": point?.identity.description, "data-metric": VerdictFigure.bytesPerNode.metricName,
            "data-value": point.map { Markup.exact($0.bytesPerNode) },
          ], point.map { Quantity.fixed($0.bytesPerNode, digits: 1) } ?? VerdictWords.absent)
      }
      for (metric, value) in [
        ("slope", growth.fit?.bytesPerNode), ("slope_lower", growth.fit?.lower), ("slope_upper", growth.fit?.upper),
      ] {
        row.element(
          "td", ["data-metric": metric, "data-value": value.map(Markup.exact)],
          value.map { Quantity.fixed($0, digits: 2) } ?? VerdictWords.absent)
      }
    }
  }

  /// The cases that two runtimes or more have, a column of figures for each runtime.
  func peers(_ main: inout Markup) {
    let runtimes = words.runtimes
    let figures: [VerdictFigure] = [.bytesPerNode, .leaked, .build, .release]
    main.section(id: "peers", heading: "Runtimes side by side") { section in
      for sentence in words.likeness { section.element("p", sentence) }
      section.scrollingTable(label: "Runtimes side by side", class: "peers") { table in
        table.element(
          "caption", "Cases that at least two runtimes have, by \(runtimes.joined(separator: ", ")); medians.")
        table.element("thead") { head in
          head.element("tr") { row in
            row.element("th", ["scope": "col", "rowspan": "2"], "back link, nodes")
            for figure in figures {
              row.element(
                "th", ["scope": "colgroup", "colspan": String(runtimes.count), "class": "first"], figure.title)
            }
          }
          head.element("tr") { row in
            for _ in figures {
              for (index, runtime) in runtimes.enumerated() {
                row.element("th", ["scope": "col", "class": index == 0 ? "first" : nil], runtime)
              }
            }
          }
        }
        for panel in panels {
          let rows = sideBySide(panel)
          if rows.isEmpty { continue }
          rowGroup(&table, panel.name, columns: 1 + figures.count * runtimes.count) { body in
            for cases in rows { peer(cases, runtimes, figures, &body) }
          }
        }
      }
    }
  }

  /// The cases of a panel that differ in their runtime alone, two at least.
  private func sideBySide(_ panel: ChartPanel) -> [[CaseSummary]] {
    let cases = panel.rows.flatMap { $0.cases.map(\.summary) }
    return series.backLinks.flatMap { backLink in
      let ofLink = cases.filter { $0.identity.backLink == backLink }
      return Set(ofLink.map(\.identity.nodes)).sorted().map { nodes in ofLink.filter { $0.identity.nodes == nodes } }
    }.filter { $0.count > 1 }
  }

  private func peer(
    _ cases: [CaseSummary], _ runtimes: [String], _ figures: [VerdictFigure], _ body: inout Markup
  ) {
    guard let identity = cases.first?.identity else { return }
    body.element("tr") { row in
      row.element("th", ["scope": "row"], "\(identity.backLink), \(Quantity.count(identity.nodes))")
      for figure in figures {
        for (index, runtime) in runtimes.enumerated() {
          let summary = cases.first { $0.identity.runtime == runtime }
          row.element(
            "td",
            [
              "class": index == 0 ? "first" : nil, "data-case": summary?.identity.description,
              "data-metric": figure.metricName,
              "data-value": summary.flatMap { figure.spread(of: $0) }.map { Markup.exact($0.median) },
            ], summary.map { figure.text(of: $0) } ?? VerdictWords.absent)
        }
      }
    }
  }

  private func rowGroup(
    _ table: inout Markup, _ name: String, columns: Int, _ rows: (inout Markup) -> Void
  ) {
    table.element("tbody") { body in
      body.element("tr") { $0.element("th", ["scope": "rowgroup", "colspan": String(columns)], name) }
      rows(&body)
    }
  }

  /// Neighbouring cases that differ in their back link and their runtime alone.
  private func groups(_ summaries: [CaseSummary]) -> [(name: String, cases: [CaseSummary])] {
    var groups: [(name: String, cases: [CaseSummary])] = []
    for summary in summaries {
      let identity = summary.identity
      let name = "\(ChartPanel.name(identity.topology, identity.payload)), \(Quantity.count(identity.nodes)) nodes"
      if groups.last?.name == name {
        groups[groups.count - 1].cases.append(summary)
      } else {
        groups.append((name, [summary]))
      }
    }
    return groups
  }
}
