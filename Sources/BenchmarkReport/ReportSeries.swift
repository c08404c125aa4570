/// What a page draws of a report: per case its figures, its steps through the checkpoints and every time; per series of
/// cases its growth over the sizes.
package struct ReportSeries: Sendable, Equatable {
  /// Bytes at each checkpoint relative to `before`: the medians over the case's samples, nil where no sample has both
  /// readings.
  package struct Staircase: Sendable, Equatable {
    package let built: Double?
    package let released: Double?
    package let trimmed: Double?

    /// The step at a checkpoint; 0 at `before`, to which the others are relative, if one of them is known.
    package subscript(_ phase: Phase) -> Double? {
      switch phase {
      case .before: (built ?? released ?? trimmed).map { _ in 0 }
      case .built: built
      case .released: released
      case .trimmed: trimmed
      }
    }
  }

  package struct Case: Sendable, Equatable {
    package let summary: CaseSummary
    /// Heap in use, as measured: what `CaseSummary.isLeakTidied` speaks of is still in it.
    package let heap: Staircase
    package let resident: Staircase
    /// One value per good sample, in order of first appearance.
    package let buildNanosecondsPerNode: [Double]
    package let releaseNanosecondsPerNode: [Double]

    package var identity: CaseIdentity { summary.identity }
  }

  /// The cases that differ in their number of nodes alone.
  package struct Growth: Sendable, Equatable {
    package struct Point: Sendable, Equatable {
      package let identity: CaseIdentity
      /// Median of the heap bytes of the built graph.
      package let builtBytes: Double
      /// Median of the same per node.
      package let bytesPerNode: Double
    }

    package let runtime: String
    package let topology: String
    package let backLink: String
    package let payload: Int
    /// By number of nodes, which are all different.
    package let points: [Point]
    /// The line of `Point.builtBytes` over the nodes; nil until `fitGrowth` finds one.
    package fileprivate(set) var fit: Fit?
  }

  /// A line through the sizes of a series.
  package struct Fit: Sendable, Equatable {
    /// The slope: bytes that one more node takes.
    package let bytesPerNode: Double
    /// The 95 % interval of the slope.
    package let lower: Double
    package let upper: Double

    package init(bytesPerNode: Double, lower: Double, upper: Double) {
      self.bytesPerNode = bytesPerNode
      self.lower = lower
      self.upper = upper
    }
  }

  /// In the order of `SampleTable.summaries`.
  package let cases: [Case]
  /// In the order of their first cases.
  package private(set) var growth: [Growth]
  /// Every kind of back link that was named or occurs; a kind keeps its place from report to report.
  package let backLinks: [String]

  /// - Parameters:
  ///   - topologies: The order of the topologies; those it does not name come after, by name.
  ///   - backLinks: The same for back links.
  package init(_ samples: SampleTable, topologies: [String], backLinks: [String]) {
    var positions: [CaseIdentity: Int] = [:]
    for (index, entry) in samples.cases.enumerated() { positions[entry.identity] = index }
    cases = samples.summaries(topologies: topologies, backLinks: backLinks).compactMap { summary in
      positions[summary.identity].map { Self.entry(summary, samples, $0) }
    }
    growth = Self.growth(of: cases.map(\.summary))
    let others = Set(cases.map(\.identity.backLink)).subtracting(backLinks)
    self.backLinks = backLinks + others.sorted()
  }

  /// Fits a line to each series of two sizes or more.
  ///
  /// - Parameter line: The line through points of (nodes, bytes), nil where there is none.
  package mutating func fitGrowth(_ line: ([(x: Double, y: Double)]) -> Fit?) {
    for index in growth.indices where growth[index].points.count > 1 {
      growth[index].fit = line(growth[index].points.map { (Double($0.identity.nodes), $0.builtBytes) })
    }
  }

  private static func entry(_ summary: CaseSummary, _ samples: SampleTable, _ index: Int) -> Case {
    func median(_ metric: Metric) -> Double? {
      CaseSummary.Spread(samples.values(metric, ofCase: index))?.median
    }
    func median(_ values: [Int64]) -> Double? {
      let known = values[samples.cases[index].samples].filter { $0 != Report.missing }
      return CaseSummary.Spread(known.map { Double($0) })?.median
    }
    return Case(
      summary: summary,
      heap: Staircase(
        built: median(.builtBytes), released: median(samples.rawLeakedBytes),
        trimmed: median(samples.heapTrimmedBytes)),
      resident: Staircase(
        built: median(.residentBuiltBytes), released: median(.residentReleasedBytes),
        trimmed: median(.residentTrimmedBytes)),
      buildNanosecondsPerNode: samples.values(.buildNanosecondsPerNode, ofCase: index),
      releaseNanosecondsPerNode: samples.values(.releaseNanosecondsPerNode, ofCase: index))
  }

  private static func growth(of summaries: [CaseSummary]) -> [Growth] {
    var order: [CaseIdentity] = []
    var points: [CaseIdentity: [Growth.Point]] = [:]
    for summary in summaries {
      // The series' name: the case without its size.
      var name = summary.identity
      name.nodes = 0
      if points[name] == nil { order.append(name) }
      guard let built = summary.builtBytes, let perNode = summary.bytesPerNode else {
        points[name, default: []] += []
        continue
      }
      points[name, default: []].append(
        Growth.Point(identity: summary.identity, builtBytes: built.median, bytesPerNode: perNode.median))
    }
    return order.map { name in
      Growth(
        runtime: name.runtime, topology: name.topology, backLink: name.backLink, payload: name.payload,
        points: points[name, default: []])
    }
  }
}
