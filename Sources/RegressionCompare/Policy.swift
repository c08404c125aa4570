package import BenchmarkReport

/// What counts as a regression: classes, margins and gates per metric and case, waivers, and measured noise floors.
///
/// The built-in policy is what `Metric` and `MetricClass` say by default (`Benchmarks/Policies/default.json` has it as
/// a file). A policy's rules are laid over it in
/// order, key by key: **the last rule that matches a metric and a case and sets a key decides that key**, so general
/// rules stand first and exceptions after them. So a rule that sets a class leaves the margins as they are.
package struct Policy: Sendable, Equatable {
  /// The version of the JSON form that this program reads and writes.
  package static let schemaVersion = 1

  /// Settings for the metrics and cases that it matches; nil: left as it is.
  package struct Rule: Sendable, Equatable {
    /// Patterns of metric names (`resident_*`).
    package var metrics: [String]
    /// A pattern of case ids (`swift/ring/*`).
    package var cases: String
    package var metricClass: MetricClass?
    /// The absolute margin in the metric's own unit.
    package var absolute: Double?
    /// The absolute margin where huge pages could apply, if it is the greater one.
    package var hugePagesAbsolute: Double?
    /// The margin as a fraction of |the base's median|.
    package var relative: Double?
    package var gated: Bool?
    package var test: SignificanceTest?

    package init(
      metrics: [String], cases: String = "*", metricClass: MetricClass? = nil, absolute: Double? = nil,
      hugePagesAbsolute: Double? = nil, relative: Double? = nil, gated: Bool? = nil, test: SignificanceTest? = nil
    ) {
      self.metrics = metrics
      self.cases = cases
      self.metricClass = metricClass
      self.absolute = absolute
      self.hugePagesAbsolute = hugePagesAbsolute
      self.relative = relative
      self.gated = gated
      self.test = test
    }
  }

  /// Which of the two tests of MEASUREMENT.md gives p. The interval is the Hodges–Lehmann one with either.
  package enum SignificanceTest: String, CaseIterable, Sendable {
    /// Mann–Whitney: no outlier hides a shift.
    case ranks
    /// The permutation of means: sees that a few samples of many grew by much. Beyond 20 values in all its p comes from
    /// 10,000 random splits and is never below 2/10,001, so it suits comparisons of few cells.
    case means
  }

  /// A known regression that does not decide the exit status until a day, that day included.
  package struct Waiver: Sendable, Equatable {
    package var metric: String
    package var cases: String
    package var owner: String
    package var reason: String
    package var expires: CalendarDay

    package init(metric: String, cases: String, owner: String, reason: String, expires: CalendarDay) {
      self.metric = metric
      self.cases = cases
      self.owner = owner
      self.reason = reason
      self.expires = expires
    }
  }

  /// The shift that comparing A with A showed on a machine (`calibrate`). Of several that match, the greatest counts.
  package struct NoiseFloor: Sendable, Equatable {
    package var metric: String
    package var cases: String
    /// In the metric's unit.
    package var floor: Double
    /// The `env_id` that it was measured in; it applies to reports of that environment only.
    package var environmentID: String
    package var measured: CalendarDay

    package init(
      metric: String, cases: String = "*", floor: Double, environmentID: String, measured: CalendarDay
    ) {
      self.metric = metric
      self.cases = cases
      self.floor = floor
      self.environmentID = environmentID
      self.measured = measured
    }
  }

  package var rules: [Rule]
  package var waivers: [Waiver]
  package var noiseFloors: [NoiseFloor]

  package init(rules: [Rule] = [], waivers: [Waiver] = [], noiseFloors: [NoiseFloor] = []) {
    self.rules = rules
    self.waivers = waivers
    self.noiseFloors = noiseFloors
  }

  /// The policy without a file.
  package static let builtIn = Policy()

  /// The built-in policy spelled out: a rule for each metric.
  package static let defaults = Policy(rules: defaultRules)

  /// The defaults of every metric as rules, and then this policy's own, unless it begins with the defaults itself: what
  /// decides, in full. A comparison applies these and no others, so that one hash stands for one gate.
  package var effectiveRules: [Rule] { rules.starts(with: Self.defaultRules) ? rules : Self.defaultRules + rules }

  private static var defaultRules: [Rule] {
    Metric.compared.map { metric in
      let metricClass = metric.metricClass
      return Rule(
        metrics: [metric.rawValue], metricClass: metricClass, absolute: metricClass.defaultAbsoluteMargin,
        hugePagesAbsolute: metricClass == .quantised ? metricClass.defaultHugePagesMargin : nil,
        relative: metricClass.defaultRelativeMargin,
        gated: metric.isGatedByDefault, test: .ranks)
    }
  }

  /// 16 hexadecimal digits over everything that decides, the built-in rules, the level and the least number of samples
  /// included: a loosened gate shows as another hash.
  package var effectiveHash: String {
    let effective = Policy(rules: effectiveRules, waivers: waivers, noiseFloors: noiseFloors)
    let text = "\(RunProjection.level) \(RunProjection.leastSamples)\n" + effective.json
    return FNV1a.hexadecimal(FNV1a.hash(of: text.utf8))
  }
}
