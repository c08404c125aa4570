import BenchmarkReport
import RegressionCompare

/// A comparison as one HTML page: the answer, what changed with its interval drawn, and the counts. Every number stands
/// with its exact value in a `data-value`, and its case in a `data-case`.
package struct ComparePage {
  /// Beyond this many rows the cells that are the same are counted and not listed.
  static let mostRows = 2_000

  private static let style: StaticString = """
    .intervals { margin-top: 1.4rem; }
    .cells svg { width: 11rem; }
    .cells th:nth-child(2), .cells td.verdict { text-align: left; white-space: nowrap; overflow-wrap: normal; }
    .cells tbody th, .cells tbody td { border-bottom: 0; padding-bottom: 0; }
    .cells td.why { padding: 0 0 .6rem; text-align: left; white-space: normal; color: var(--muted); font-size: .8rem;
      border-bottom: 1px solid var(--rule); }
    @media (max-width: 40rem) {
      .cells tbody th[scope=row] { min-width: 8rem; white-space: normal; overflow-wrap: anywhere; }
      .cells td.why { padding-right: 0; }
      .cells td.why span { display: block; max-width: calc(100vw - 2rem); position: sticky; left: 0; }
    }

    """

  private let view: ComparisonView

  package init(_ view: ComparisonView) { self.view = view }

  package var html: String {
    let listsAll = view.outcome.cells.count <= Self.mostRows
    return Page(title: "\(view.outcome.newLabel) against \(view.outcome.baseLabel) – Weakspot", style: Self.style) {
      page in
      header(&page)
      page.element("main") { main in
        for block in view.blocks { section(block, listsAll: listsAll, &main) }
        closing(&main)
      }
    }.html
  }

  private func header(_ page: inout Markup) {
    page.element("header") { header in
      header.element("h1", "Did memory get worse?")
      header.element("p", ["class": "source"], "\(view.outcome.baseLabel) → \(view.outcome.newLabel)")
      let isBad = view.conclusion.exit != .ok
      let reason = view.conclusion.reason
      header.element(
        "p", ["class": isBad ? "answer alert" : "answer"], reason.prefix(1).uppercased() + reason.dropFirst() + ".")
      header.element("p", ["class": "muted"], "Gated: " + ComparisonView.text(view.outcome.counts(gated: true)) + ".")
      contents(&header)
      key(&header)
    }
  }

  private func contents(_ header: inout Markup) {
    header.element("nav", ["aria-label": "Contents"]) { nav in
      nav.element("ul") { list in
        for block in view.blocks {
          list.element("li") { $0.element("a", ["href": "#\(block.metric.name)"], block.metric.name) }
        }
        list.element("li") { $0.element("a", ["href": "#closing"], "Counts and policy") }
      }
    }
  }

  private func key(_ header: inout Markup) {
    header.element(
      "p", ["class": "muted intervals"],
      "Intervals are drawn in units of the cell's margin: between the two long ticks, one margin to either side of no "
        + "change, a change does not count. The line is the 95 % interval, the dot the shift; an arrow goes on beyond "
        + "\(Int(IntervalChart.reach)) margins.")
  }

  private func section(_ block: ComparisonView.Block, listsAll: Bool, _ main: inout Markup) {
    main.section(id: block.metric.name, heading: block.metric.name) { section in
      section.element("p", ["class": "muted"], String(block.title.dropFirst(block.metric.name.count + 2)) + ".")
      let shown = block.cells.filter(ComparisonView.isShown)
      let rest = block.cells.filter { !ComparisonView.isShown($0) }
      if !shown.isEmpty { table(shown, block, name: "changed", label: "\(block.metric.name): what changed", &section) }
      if let summary = view.summary(of: block) { section.element("p", ["class": "muted"], summary) }
      guard !rest.isEmpty else { return }
      let counts = (shown.isEmpty ? "" : "Besides: ") + ComparisonView.folded(block)
      guard listsAll else {
        section.element("p", ["class": "muted"], counts + "; too many to list: --format csv has them.")
        return
      }
      section.element("details") { details in
        details.element("summary", counts)
        table(rest, block, name: "rest", label: "\(block.metric.name): the rest", &details)
      }
    }
  }

  private func table(
    _ cells: [ComparedCell], _ block: ComparisonView.Block, name: String, label: String, _ section: inout Markup
  ) {
    let marks = cells.contains { $0.interval != nil }
    section.scrollingTable(label: label, class: "cells") { table in
      table.element("caption", label)
      table.headings(["case", "verdict"] + ComparisonView.figureTitles + (marks ? ["in margins"] : []))
      table.element("tbody") { body in
        for (index, cell) in cells.enumerated() {
          row(cell, block, chartID: marks ? "\(block.metric.name)-\(name)-\(index)" : nil, &body)
        }
      }
    }
  }

  private func row(
    _ cell: ComparedCell, _ block: ComparisonView.Block, chartID: String?, _ body: inout Markup
  ) {
    let isBad = cell.verdict == .regressed && cell.counts
    body.element("tr", ["class": isBad ? "leaks" : nil, "data-case": cell.caseName, "data-metric": cell.metric.name]) {
      row in
      row.element("th", ["scope": "row"], cell.caseName)
      row.element("td", ["class": "verdict"], ComparisonView.verdict(of: cell, in: block))
      let values = [cell.base?.median, cell.new?.median, cell.shift, cell.ratio, nil]
      for (text, value) in zip(ComparisonView.figures(of: cell), values) {
        row.element("td", ["data-value": value.map(Markup.exact)], text)
      }
      if let chartID { row.element("td", [:]) { IntervalChart(cell).write(to: &$0, id: chartID) } }
    }
    body.element("tr") { row in
      let columns = 2 + ComparisonView.figureTitles.count + (chartID == nil ? 0 : 1)
      row.element("td", ["class": "why", "colspan": String(columns)]) { $0.element("span", cell.explanation) }
    }
  }

  private func closing(_ main: inout Markup) {
    main.section(id: "closing", heading: "Counts and policy") { section in
      section.scrollingTable(label: "Counts and policy", class: "facts") { table in
        table.element("caption", "Counts, policy, environment and exit status")
        table.element("tbody") { body in
          for line in view.closing {
            body.element("tr") { row in
              row.element("th", ["scope": "row"], line.name)
              row.element("td", [:], line.text)
            }
          }
        }
      }
    }
  }
}

/// The interval of one cell's shift in units of its margin.
private struct IntervalChart {
  /// Margins to either side of no change.
  static let reach = 4.0
  private static let width = 180.0
  private static let height = 18.0

  private let cell: ComparedCell

  init(_ cell: ComparedCell) { self.cell = cell }

  func write(to markup: inout Markup, id: String) {
    guard let interval = cell.interval, cell.margin.value > 0 else { return }
    let scale = cell.margin.value
    let (lower, shift, upper) = (interval.lower / scale, interval.shift / scale, interval.upper / scale)
    var drawing = Drawing(
      width: Self.width, height: Self.height, title: "\(cell.caseName), \(cell.metric.name)",
      description: "\(cell.verdict.rawValue): shift \(Self.text(shift)), interval \(Self.text(lower)) to "
        + "\(Self.text(upper)) margins")
    let middle = Self.height / 2
    drawing.line(0, middle, Self.width, middle, style: "grid")
    drawing.line(Self.x(0), middle - 4, Self.x(0), middle + 4, style: "grid")
    for edge in [-1.0, 1] { drawing.line(Self.x(edge), 1, Self.x(edge), Self.height - 1, style: "axis") }
    drawing.group(["class": Self.mark(cell.verdict)]) { group in
      // An interval that lies wholly beyond the drawing keeps a stub.
      let start = min(Self.x(lower), Self.x(Self.reach) - 12)
      group.line(start, middle, max(Self.x(upper), Self.x(-Self.reach) + 12), middle, style: "series")
      for (end, direction) in [(lower, -1.0), (upper, 1)] {
        let x = Self.x(end)
        if end * direction > Self.reach {
          group.path([(x - 5 * direction, middle - 4), (x, middle), (x - 5 * direction, middle + 4)], style: "series")
        } else {
          group.line(x, middle - 3, x, middle + 3, style: "series")
        }
      }
      if abs(shift) <= Self.reach {
        group.shape("circle", ["class": "point", "cx": px(Self.x(shift)), "cy": px(middle), "r": "3.5"])
      }
    }
    drawing.write(to: &markup, id: id)
  }

  private static func x(_ margins: Double) -> Double {
    let inside = min(max(margins, -reach), reach)
    return width / 2 + inside / reach * (width / 2 - 4)
  }

  private static func text(_ margins: Double) -> String {
    (margins > 0 ? "+" : "") + Quantity.fixed(margins, digits: 2)
  }

  private static func mark(_ verdict: Verdict) -> String {
    switch verdict {
    case .regressed: "mark0"
    case .improved: "mark2"
    case .inconclusive: "mark5"
    case .same, .notComparable: "shared"
    }
  }
}
