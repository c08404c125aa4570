import BenchmarkReport

/// Bytes per node over the number of nodes, both logarithmic, a line per back link with the fitted slope at its end. A
/// level line is a cost that grows with the nodes alone.
struct GrowthChart {
  /// A series and how the panel calls it.
  struct Line {
    let label: String
    let growth: ReportSeries.Growth
    /// Which of the page's colours and marks it has.
    let mark: Int

    /// Those that a logarithmic axis can show.
    fileprivate var points: [ReportSeries.Growth.Point] { growth.points.filter { $0.bytesPerNode > 0 } }
  }

  private typealias Place = (x: Double, y: Double)

  private let name: String
  private let lines: [Line]
  private let x: LogarithmicScale
  private let y: LogarithmicScale
  private let height: Double
  /// Of each line, where its points lie.
  private let places: [[Place]]

  private static let left = 36.0
  private static let right = 182.0
  private static let top = 20.0
  private static let labelPitch = 15.0

  /// - Parameters:
  ///   - values: Every value of the panels that are read together.
  init(name: String, lines: [Line], values: [Double]) {
    self.name = name
    self.lines = lines
    let bottom = max(190, Self.top + Double(lines.count) * Self.labelPitch + 4)
    height = bottom + 32
    let sizes = lines.flatMap { $0.growth.points.map { Double($0.identity.nodes) } }
    x = LogarithmicScale(
      lower: sizes.min() ?? 1, upper: sizes.max() ?? 10, start: Self.left + 6, end: Self.right - 6)
    y = LogarithmicScale(around: values, from: bottom, to: Self.top)
    places = lines.map { [x, y] line in
      line.points.map { (x.position(Double($0.identity.nodes)), y.position($0.bytesPerNode)) }
    }
  }

  var drawing: Drawing {
    var drawing = Drawing(
      width: ChartLayout.width, height: height, title: "Bytes per node over the number of nodes: \(name)",
      description: description)
    axes(in: &drawing)
    drawing.text("slope", x: ChartLayout.width, y: 10, anchor: .end, style: "small")
    for (index, labelY) in labelPositions.enumerated() { draw(index, labelY: labelY, in: &drawing) }
    return drawing
  }

  private func axes(in drawing: inout Drawing) {
    drawing.text("bytes per node", x: 0, y: 10, style: "small")
    var last = Double.infinity
    for tick in y.ticks {
      let position = y.position(tick)
      drawing.line(Self.left, position, Self.right, position, style: "grid")
      // Ticks come from the bottom up; those too close to the one below stay without a number.
      guard last - position >= 12 else { continue }
      drawing.text(Self.tickText(tick), x: Self.left - 5, y: position + 4, anchor: .end, style: "small")
      last = position
    }
    let bottom = height - 32
    drawing.line(Self.left, bottom, Self.right, bottom, style: "axis")
    var labels = LabelRow()
    for size in Set(lines.flatMap { $0.growth.points.map(\.identity.nodes) }).sorted() {
      let position = x.position(Double(size))
      drawing.line(position, bottom, position, bottom + 4, style: "axis")
      guard labels.hasRoom(for: shortCount(size), at: position) else { continue }
      drawing.text(shortCount(size), x: position, y: bottom + 15, anchor: .middle, style: "small")
    }
    drawing.text("nodes", x: (Self.left + Self.right) / 2, y: bottom + 28, anchor: .middle, style: "small")
  }

  private func draw(_ index: Int, labelY: Double, in drawing: inout Drawing) {
    let line = lines[index]
    let places = places[index]
    // Lines on top of each other would show the colour of the last alone: they are grey, and leaders tell them apart.
    let isShared = lines.indices.contains { $0 != index && coincide(places, self.places[$0]) }
    drawing.group(["class": isShared ? "shared" : "mark\(line.mark)"], title: words(line)) { group in
      let start = Self.right + 28
      if let end = places.last {
        group.path(places, style: "series")
        group.path(
          [end, (Self.right + 4, end.y), (Self.right + 14, labelY - 4)] + (isShared ? [(start - 4, labelY - 4)] : []),
          style: "leader")
      }
      for (point, place) in zip(line.points, places) {
        group.shape(
          "path",
          [
            "class": "point", "d": Self.markPath(isShared ? 1 : line.mark, place.x, place.y),
            "data-case": point.identity.description, "data-metric": VerdictFigure.bytesPerNode.metricName,
            "data-value": Markup.exact(point.bytesPerNode),
          ])
      }
      if !isShared {
        group.shape("path", ["class": "point", "d": Self.markPath(line.mark, Self.right + 20, labelY - 4)])
      }
      let slope = line.growth.fit.map { Self.slopeText($0.bytesPerNode) } ?? VerdictWords.absent
      let width = ChartLayout.width - start - textWidth(slope, fontSize: ChartLayout.fontSize) - 4
      group.text(fitted(line.label, width: width, fontSize: ChartLayout.fontSize), x: start, y: labelY)
      group.text(slope, x: ChartLayout.width, y: labelY, anchor: .end)
    }
  }

  /// Whether two lines cannot be told apart on the page.
  private func coincide(_ first: [Place], _ second: [Place]) -> Bool {
    !first.isEmpty && first.count == second.count
      && zip(first, second).allSatisfy { abs($0.x - $1.x) < 1 && abs($0.y - $1.y) < 2 }
  }

  /// The labels' baselines: each as near to the end of its line as the others allow, in the order of the ends.
  private var labelPositions: [Double] {
    let wanted = places.map { ($0.last?.y ?? y.start) + 4 }
    let order = lines.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var positions = wanted
    // Labels that touch form a block, which stands where its labels would on average.
    var blocks: [(first: Int, count: Int, sum: Double)] = []
    func top(_ block: (first: Int, count: Int, sum: Double)) -> Double {
      let height = Double(block.count - 1) * Self.labelPitch
      let centred = block.sum / Double(block.count) - height / 2
      return max(Self.top + 8, min(centred, self.height - 32 - height))
    }
    for (place, index) in order.enumerated() {
      blocks.append((place, 1, wanted[index]))
      while blocks.count > 1 {
        let (upper, lower) = (blocks[blocks.count - 2], blocks[blocks.count - 1])
        guard top(upper) + Double(upper.count) * Self.labelPitch > top(lower) else { break }
        blocks.removeLast(2)
        blocks.append((upper.first, upper.count + lower.count, upper.sum + lower.sum))
      }
    }
    for block in blocks {
      for offset in 0..<block.count {
        positions[order[block.first + offset]] = top(block) + Double(offset) * Self.labelPitch
      }
    }
    return positions
  }

  private var description: String {
    "Both axes are logarithmic. " + lines.map { words($0) + "." }.joined(separator: " ")
  }

  private func words(_ line: Line) -> String {
    let points = line.growth.points.map {
      "\(Quantity.fixed($0.bytesPerNode, digits: 1)) at \(Quantity.count($0.identity.nodes))"
    }
    let fit = line.growth.fit.map { ", slope \(Self.slopeText($0.bytesPerNode)) bytes per node" } ?? ""
    return "\(line.label): " + (points.isEmpty ? "unknown" : points.joined(separator: ", ")) + fit
  }

  static func slopeText(_ slope: Double) -> String {
    Quantity.fixed(slope, digits: slope.magnitude >= 1000 ? 0 : 1)
  }

  private static func tickText(_ value: Double) -> String {
    value >= 1 ? shortCount(Int(value)) : "\(value)"
  }

  /// Eight shapes that are told apart without colour.
  static func markPath(_ mark: Int, _ x: Double, _ y: Double) -> String {
    func polygon(_ corners: [(Double, Double)]) -> String {
      "M" + corners.map { "\(px(x + $0.0)) \(px(y + $0.1))" }.joined(separator: "L") + "Z"
    }
    switch mark % 8 {
    case 0: return polygon([(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)])
    case 1: return "M\(px(x - 4)) \(px(y))a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z"
    case 2: return polygon([(0, -4.5), (4.2, 3.3), (-4.2, 3.3)])
    case 3: return polygon([(0, 4.5), (4.2, -3.3), (-4.2, -3.3)])
    case 4: return polygon([(0, -4.8), (4.8, 0), (0, 4.8), (-4.8, 0)])
    case 5: return polygon([(-4, -1.6), (4, -1.6), (4, 1.6), (-4, 1.6)])
    case 6: return polygon([(-1.6, -4), (1.6, -4), (1.6, 4), (-1.6, 4)])
    default: return polygon([(4.5, 0), (-3.3, 4.2), (-3.3, -4.2)])
    }
  }
}
