import BenchmarkReport

/// Turns pairs of cases into cells. Exact cells get their verdict at once; the others wait for the adjustment of p over
/// all of them, which `finish` makes.
struct CellJudge {
  private let hugePagesPossible: Bool
  private let seed: UInt64
  private var test = MannWhitneyTest()
  /// The cells that wait, by their position in `cells`.
  private var waiting: [(cell: Int, evidence: ShiftVerdict.Evidence)] = []
  var cells: [ComparedCell] = []
  /// Cells off the gate of which good samples lack a reading.
  private var readingsMissing: (cells: Int, first: String)?
  /// Gated metrics that good samples of a case lack in both reports.
  private var absent: [(caseName: String, metric: Metric)] = []

  init(hugePagesPossible: Bool, seed: UInt64) {
    self.hugePagesPossible = hugePagesPossible
    self.seed = seed
  }

  /// Adds the cells of one case; a gated metric that cannot be compared is a problem.
  mutating func add(
    base: CheckedCase, new: CheckedCase, settings: [EffectivePolicy.Settings], _ found: inout Findings
  ) throws(ComparisonError) {
    if base.samples == 0 || new.samples == 0 {
      found.add(
        .tooFewSamples,
        "\(base.name) has \(NumberText.counted(base.samples, "good sample", "good samples")) in BASE and "
          + "\(new.samples) in NEW")
    }
    var starved: [String] = []
    for (position, metric) in Metric.compared.enumerated() {
      let setting = settings[position]
      let values = (base: base.values[position], new: new.values[position])
      guard values.base != nil || values.new != nil else {
        if setting.gated, base.samples > 0, new.samples > 0 { absent.append((base.name, metric)) }
        continue
      }
      noteReadings(base, new, metric, isGated: setting.gated, &found)
      guard let baseValues = values.base, let newValues = values.new else {
        let side: ReportSide = values.base == nil ? .base : .new
        let none = side == .base ? base.samples == 0 : new.samples == 0
        if setting.gated, !none {
          found.add(.missing, "\(side.rawValue) has no \(metric.rawValue) of \(base.name)")
        }
        let counts = (base: values.base?.count ?? 0, new: values.new?.count ?? 0)
        let reason: VerdictReason =
          none
          ? .tooFewSamples(base: counts.base, new: counts.new, needed: Self.needed(setting.metricClass))
          : .metricMissing(side)
        append(
          base.name, metric, setting, Self.summary(values.base), Self.summary(values.new), (.notComparable, reason))
        continue
      }
      switch (setting.metricClass, baseValues, newValues) {
      case (.exact, .integers(let baseIntegers), .integers(let newIntegers)):
        addExact(base.name, metric, setting, baseIntegers, newIntegers)
      case (.exact, _, _):
        throw .wrongKind(side: .base, caseName: base.name, metric: metric)
      default:
        let compared = addShifted(base.name, metric, setting, Self.sorted(baseValues), Self.sorted(newValues))
        if !compared, setting.gated { starved.append(metric.rawValue) }
      }
    }
    if let leaked = Metric.leakedBytes.position, base.values[leaked] != nil || new.values[leaked] != nil,
      let cell = cells.lastIndex(where: { $0.metric == .leakedBytes })
    {
      cells[cell].tidied = (base.tidied, new.tidied)
    }
    if !starved.isEmpty {
      found.add(
        .tooFewSamples,
        "\(base.name) has too few good samples for \(starved.joined(separator: ", ")) "
          + "(\(base.samples) in BASE, \(new.samples) in NEW, \(RunProjection.leastSamples) a side are needed)")
    }
  }

  /// Good samples without a reading are not dropped in silence. That a side has none at all is told by the caller on the
  /// gate.
  private mutating func noteReadings(
    _ base: CheckedCase, _ new: CheckedCase, _ metric: Metric, isGated: Bool, _ found: inout Findings
  ) {
    guard let position = metric.position else { return }
    for (side, report) in [(ReportSide.base, base), (.new, new)] {
      let count = report.values[position]?.count ?? 0
      guard count < report.samples else { continue }
      let text = "\(side.rawValue) has \(count) of \(report.samples) values of \(metric.rawValue) of \(base.name)"
      if !isGated {
        readingsMissing = ((readingsMissing?.cells ?? 0) + 1, readingsMissing?.first ?? text)
      } else if count > 0 {
        found.add(.missing, text)
      }
    }
  }

  /// Warns of the readings that are missing off the gate. On it, a metric that neither report has of a case is missing
  /// there if other cases have it; one that no case has was not measured.
  func noteReadings(_ found: inout Findings) {
    let measured = Set(cells.map(\.metric))
    for (caseName, metric) in absent where measured.contains(metric) {
      found.add(.missing, "neither report has a value of \(metric.rawValue) of \(caseName), but of other cases")
    }
    if let (cells, first) = readingsMissing { found.warnings.append(.readingsMissing(cells: cells, first: first)) }
  }

  /// Adjusts p and gives the waiting cells their verdicts; returns the size of the adjusted family.
  mutating func finish() -> Int {
    let family = waiting.filter { cells[$0.cell].gated }.compactMap { waits in
      waits.evidence.p.map { (cell: waits.cell, p: $0) }
    }
    for (member, adjusted) in zip(family, BenjaminiHochberg.adjusted(family.map(\.p))) {
      cells[member.cell].adjustedP = adjusted
    }
    for (cell, evidence) in waiting {
      let judged = ShiftVerdict.of(evidence, adjustedP: cells[cell].adjustedP, gatedCells: family.count)
      cells[cell].verdict = judged.verdict
      cells[cell].reason = judged.reason
    }
    waiting = []
    return family.count
  }

  private static func needed(_ metricClass: MetricClass) -> Int {
    metricClass == .exact ? 1 : RunProjection.leastSamples
  }

  private static func sorted(_ samples: MetricValues.Samples) -> [Double] {
    var values: [Double]
    switch samples {
    case .integers(let integers): values = integers.map(Double.init)
    case .reals(let reals): values = reals
    }
    values.sort()
    return values
  }

  private static func summary(_ samples: MetricValues.Samples?) -> SampleSummary? {
    samples.flatMap { SampleSummary(sorted: sorted($0)) }
  }

  private mutating func addExact(
    _ caseName: String, _ metric: Metric, _ setting: EffectivePolicy.Settings, _ base: [Int64], _ new: [Int64]
  ) {
    guard let baseRange = Self.range(base), let newRange = Self.range(new) else { return }
    let summaries = (base: SampleSummary(integers: base), new: SampleSummary(integers: new))
    let margin = setting.margin(baseMedian: summaries.base?.median, hugePagesPossible: hugePagesPossible)
    append(
      caseName, metric, setting, summaries.base, summaries.new,
      ExactVerdict.of(base: baseRange, new: newRange, margin: margin.value))
  }

  private static func range(_ values: [Int64]) -> ClosedRange<Int64>? {
    guard var least = values.first else { return nil }
    var greatest = least
    for value in values {
      if value < least { least = value }
      if value > greatest { greatest = value }
    }
    return least...greatest
  }

  /// Tests a cell and lets it wait for the adjustment. False where there are too few samples for a verdict.
  private mutating func addShifted(
    _ caseName: String, _ metric: Metric, _ setting: EffectivePolicy.Settings, _ base: [Double], _ new: [Double]
  ) -> Bool {
    let summaries = (base: SampleSummary(sorted: base), new: SampleSummary(sorted: new))
    guard min(base.count, new.count) >= RunProjection.leastSamples,
      let interval = ShiftInterval(sortedBase: base, sortedNew: new, test: &test)
    else {
      let reason = VerdictReason.tooFewSamples(
        base: base.count, new: new.count, needed: Self.needed(setting.metricClass))
      append(caseName, metric, setting, summaries.base, summaries.new, (.notComparable, reason))
      return false
    }
    let margin = setting.margin(baseMedian: summaries.base?.median, hugePagesPossible: hugePagesPossible).value
    // Off the gate p has a say only where the interval is clear of the margin; on the gate all p are adjusted together.
    let decides = setting.gated || interval.lower > margin || interval.upper < -margin
    let result = decides ? tested(caseName, metric, setting.test, base, new) : nil
    // The reason stands in until the adjustment is made.
    append(
      caseName, metric, setting, summaries.base, summaries.new, (.inconclusive, .withinMargin(interval: interval)),
      result)
    let evidence = ShiftVerdict.Evidence(
      interval: interval, margin: margin, p: result?.p, baseCount: base.count, newCount: new.count)
    waiting.append((cells.count - 1, evidence))
    return true
  }

  private mutating func tested(
    _ caseName: String, _ metric: Metric, _ kind: Policy.SignificanceTest, _ base: [Double], _ new: [Double]
  ) -> TestResult {
    switch kind {
    case .ranks: test.twoSided(sortedBase: base, sortedNew: new)
    case .means:
      PermutationTest.twoSided(base: base, new: new, seed: seed ^ FNV1a.hash(of: (caseName + metric.rawValue).utf8))
    }
  }

  private mutating func append(
    _ caseName: String, _ metric: Metric, _ setting: EffectivePolicy.Settings, _ base: SampleSummary?,
    _ new: SampleSummary?, _ judged: (verdict: Verdict, reason: VerdictReason), _ test: TestResult? = nil
  ) {
    var difference: Double?
    if let base, let new { difference = new.median - base.median }
    cells.append(
      ComparedCell(
        caseName: caseName, metric: metric, metricClass: setting.metricClass, gated: setting.gated, base: base,
        new: new, shift: judged.reason.interval?.shift ?? difference,
        margin: setting.margin(baseMedian: base?.median, hugePagesPossible: hugePagesPossible), test: test,
        adjustedP: nil, verdict: judged.verdict, reason: judged.reason, waiver: nil))
  }
}
