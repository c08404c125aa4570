import BenchmarkReport

/// A policy made ready for one comparison: patterns matched with the metrics once, expired waivers and foreign noise
/// floors set aside.
struct EffectivePolicy {
  /// What holds for one metric of one case.
  struct Settings: Equatable {
    var metricClass: MetricClass
    var gated: Bool
    var test = Policy.SignificanceTest.ranks
    /// nil: the class's default.
    var absolute: Double?
    var hugePagesAbsolute: Double?
    var relative: Double?
    /// The greatest measured noise floor that matches; nil: none.
    var noiseFloor: Double?

    init(_ metric: Metric) {
      metricClass = metric.metricClass
      gated = metric.isGatedByDefault
    }

    func margin(baseMedian: Double?, hugePagesPossible: Bool) -> Margin {
      let absolute =
        hugePagesPossible
        ? self.hugePagesAbsolute ?? max(self.absolute ?? 0, metricClass.defaultHugePagesMargin)
        : self.absolute ?? metricClass.defaultAbsoluteMargin
      let fraction = relative ?? metricClass.defaultRelativeMargin
      return Margin(
        absolute: absolute, relative: baseMedian.map { fraction * abs($0) },
        noiseFloor: metricClass == .exact ? nil : noiseFloor)
    }

    fileprivate mutating func apply(_ rule: Policy.Rule) {
      if let metricClass = rule.metricClass { self.metricClass = metricClass }
      if let gated = rule.gated { self.gated = gated }
      if let test = rule.test { self.test = test }
      if let absolute = rule.absolute { self.absolute = absolute }
      if let hugePagesAbsolute = rule.hugePagesAbsolute { self.hugePagesAbsolute = hugePagesAbsolute }
      if let relative = rule.relative { self.relative = relative }
    }
  }

  /// An entry of the policy with its case pattern and the metrics that it matches.
  private struct Matched<Entry> {
    let entry: Entry
    let cases: GlobPattern
    let metrics: [Bool]

    init(_ entry: Entry, metrics patterns: [String], cases: String) {
      self.entry = entry
      self.cases = GlobPattern(cases)
      let globs = patterns.map(GlobPattern.init)
      metrics = Metric.compared.map { metric in globs.contains { $0.matches(metric.rawValue) } }
    }
  }

  private let defaults = Metric.compared.map(Settings.init)
  private let rules: [Matched<Policy.Rule>]
  private let noiseFloors: [Matched<Policy.NoiseFloor>]
  private let waivers: [Matched<Policy.Waiver>]
  private var usedWaivers: Set<Int> = []
  let expiredWaivers: [Policy.Waiver]
  /// Noise floors left out, by the environment that they were measured in.
  let foreignNoiseFloors: [(environmentID: String, count: Int)]

  init(_ policy: Policy, today: CalendarDay, environmentIDs: Set<String>) {
    rules = policy.rules.map { Matched($0, metrics: $0.metrics, cases: $0.cases) }
    waivers = policy.waivers.filter { $0.expires >= today }.map { Matched($0, metrics: [$0.metric], cases: $0.cases) }
    expiredWaivers = policy.waivers.filter { $0.expires < today }
    noiseFloors = policy.noiseFloors.filter { environmentIDs.contains($0.environmentID) }
      .map { Matched($0, metrics: [$0.metric], cases: $0.cases) }
    var foreign: [String: Int] = [:]
    for floor in policy.noiseFloors where !environmentIDs.contains(floor.environmentID) {
      foreign[floor.environmentID, default: 0] += 1
    }
    foreignNoiseFloors = foreign.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The settings of every metric for one case, in the order of `Metric.compared`.
  func settings(for caseName: String) -> [Settings] {
    var settings = defaults
    for rule in rules where rule.cases.matches(caseName) {
      for index in settings.indices where rule.metrics[index] { settings[index].apply(rule.entry) }
    }
    for floor in noiseFloors where floor.cases.matches(caseName) {
      for index in settings.indices where floor.metrics[index] {
        settings[index].noiseFloor = max(settings[index].noiseFloor ?? 0, floor.entry.floor)
      }
    }
    return settings
  }

  /// The first waiver in force for a regression; it is then known to be used.
  mutating func waiver(for caseName: String, _ metric: Metric) -> Policy.Waiver? {
    guard let position = metric.position,
      let found = waivers.firstIndex(where: { $0.metrics[position] && $0.cases.matches(caseName) })
    else { return nil }
    usedWaivers.insert(found)
    return waivers[found].entry
  }

  var unusedWaivers: [Policy.Waiver] {
    waivers.indices.filter { !usedWaivers.contains($0) }.map { waivers[$0].entry }
  }
}
