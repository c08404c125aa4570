import BenchmarkReport

/// A policy made ready for one comparison: patterns matched with the metrics once, expired waivers and foreign noise
/// floors set aside.
struct EffectivePolicy {
  /// What holds for one metric of one case.
  struct Settings: Equatable {
    var metricClass: MetricClass
    var gated: Bool
    var test = Policy.SignificanceTest.ranks
    var absolute = 0.0
    var hugePagesAbsolute = 0.0
    var relative = 0.0
    /// The greatest measured noise floor that matches; nil: none.
    var noiseFloor: Double?

    init(_ metric: Metric) {
      metricClass = metric.metricClass
      gated = metric.isGatedByDefault
    }

    /// Huge pages widen a margin, and never narrow one.
    func margin(baseMedian: Double?, hugePagesPossible: Bool) -> Margin {
      Margin(
        absolute: hugePagesPossible ? max(absolute, hugePagesAbsolute) : absolute,
        relative: baseMedian.map { relative * abs($0) },
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

    /// O(cells) where none matches; the cells of a case follow each other, so that its name is matched once.
    func matchesAny(_ cells: [ComparedCell]) -> Bool {
      var last: (name: String, matches: Bool)?
      for cell in cells {
        if last?.name != cell.caseName { last = (cell.caseName, cases.matches(cell.caseName)) }
        if last?.matches == true, let position = cell.metric.position, metrics[position] { return true }
      }
      return false
    }
  }

  private let start = Metric.compared.map(Settings.init)
  /// `Policy.effectiveRules`: what is hashed is what decides.
  private let rules: [Matched<Policy.Rule>]
  /// Where the rules that the policy adds to the defaults begin in `rules`, and where in the policy's own list.
  private let firstAdded: (effective: Int, own: Int)
  private let noiseFloors: [Matched<Policy.NoiseFloor>]
  private let waivers: [Matched<Policy.Waiver>]
  private var usedWaivers: Set<Int> = []
  let expiredWaivers: [Policy.Waiver]
  /// Noise floors left out, by the environment that they were measured in.
  let foreignNoiseFloors: [(environmentID: String, count: Int)]

  init(_ policy: Policy, today: CalendarDay, environmentIDs: Set<String>) {
    let effectiveRules = policy.effectiveRules
    rules = effectiveRules.map { Matched($0, metrics: $0.metrics, cases: $0.cases) }
    let defaultCount = Policy.defaults.rules.count
    firstAdded = (defaultCount, defaultCount - (effectiveRules.count - policy.rules.count))
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
    var settings = start
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

  /// The rules that the policy adds to the defaults and that match none of the cells, by their index in the policy.
  func idleRules(_ cells: [ComparedCell]) -> [(index: Int, rule: Policy.Rule)] {
    rules.indices.dropFirst(firstAdded.effective).filter { !rules[$0].matchesAny(cells) }
      .map { (firstAdded.own + $0 - firstAdded.effective, rules[$0].entry) }
  }

  /// The noise floors of this environment that match none of the cells.
  func idleNoiseFloors(_ cells: [ComparedCell]) -> [Policy.NoiseFloor] {
    noiseFloors.filter { !$0.matchesAny(cells) }.map(\.entry)
  }

  var unusedWaivers: [Policy.Waiver] {
    waivers.indices.filter { !usedWaivers.contains($0) }.map { waivers[$0].entry }
  }
}
