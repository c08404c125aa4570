// Reading a policy: every key and value is checked, and an error names its line, column and key path.

import BenchmarkReport

extension Policy {
  /// - Throws: `ComparisonError.damagedPolicy`: broken JSON, an unknown or missing key, a value of the wrong type or out
  ///   of range, a pattern that matches no metric, a date that does not exist.
  package init(json bytes: [UInt8]) throws(ComparisonError) {
    let root = try PolicyObject(
      try JSONParser.parse(bytes), path: "", known: ["schemaVersion", "rules", "waivers", "noiseFloors"])
    let version = try root.required("schemaVersion").number(0...Double(UInt32.max))
    guard version == Double(Policy.schemaVersion) else {
      let found = "the policy has schema version \(JSONText.number(version)), "
      throw try root.required("schemaVersion").fault(found + "this program reads \(Policy.schemaVersion)")
    }
    var policy = Policy()
    for element in try root.elements("rules") { policy.rules.append(try Rule(element)) }
    for element in try root.elements("waivers") { policy.waivers.append(try Waiver(element)) }
    for element in try root.elements("noiseFloors") { policy.noiseFloors.append(try NoiseFloor(element)) }
    self = policy
  }
}

extension Policy.Rule {
  fileprivate init(_ field: PolicyField) throws(ComparisonError) {
    let object = try PolicyObject(
      field.node, path: field.path,
      known: [
        "metrics", "cases", "class", "absolute", "absoluteBytes", "hugePagesAbsolute", "hugePagesAbsoluteBytes",
        "relative", "gated", "test",
      ])
    var matched: Set<Metric> = []
    var patterns: [String] = []
    for element in try object.required("metrics").list() {
      matched.formUnion(try element.matchedMetrics())
      patterns.append(try element.text())
    }
    guard !patterns.isEmpty else { throw try object.required("metrics").fault("the list is empty; \"*\" means all") }
    self.init(metrics: patterns)
    if let cases = object["cases"] { self.cases = try cases.text() }
    if let named = object["class"] {
      let metricClass: MetricClass = try named.choice()
      let times = matched.filter { $0.unit == .nanosecondsPerNode }.map(\.rawValue).sorted()
      guard metricClass != .exact || times.isEmpty else {
        throw named.fault("\(times.joined(separator: " and ")) cannot be exact: a time never repeats")
      }
      guard metricClass != .quantised || matched.allSatisfy({ $0.unit == .bytes }) else {
        let others = matched.filter { $0.unit != .bytes }.map(\.rawValue).sorted()
        throw named.fault("\(others.joined(separator: " and ")) cannot be quantised: only bytes come in pages")
      }
      self.metricClass = metricClass
    }
    absolute = try Self.margin(object, "absolute", matched)
    hugePagesAbsolute = try Self.margin(object, "hugePagesAbsolute", matched)
    if let relative = object["relative"] { self.relative = try relative.number(0...1_000) }
    if let gated = object["gated"] { self.gated = try gated.bool() }
    if let test = object["test"] { self.test = try test.choice() }
  }

  /// The margin under `key`, or under `key` + "Bytes" where every metric of the rule is in bytes.
  private static func margin(
    _ object: PolicyObject, _ key: String, _ matched: Set<Metric>
  ) throws(ComparisonError) -> Double? {
    let range = 0...9_007_199_254_740_992.0
    guard let bytes = object[key + "Bytes"] else { return try object[key]?.number(range) }
    if let both = object[key] { throw both.fault("stands beside \(key)Bytes; keep one of them") }
    if let other = Metric.compared.first(where: { matched.contains($0) && $0.unit != .bytes }) {
      throw bytes.fault("\(other.rawValue) is in \(other.unit.rawValue), not bytes; give it a rule with \(key)")
    }
    return try bytes.number(range)
  }
}

extension Policy.Waiver {
  fileprivate init(_ field: PolicyField) throws(ComparisonError) {
    let object = try PolicyObject(
      field.node, path: field.path, known: ["metric", "cases", "owner", "reason", "expires"])
    _ = try object.required("metric").matchedMetrics()
    self.init(
      metric: try object.required("metric").text(), cases: try object.required("cases").text(),
      owner: try object.required("owner").words(), reason: try object.required("reason").words(),
      expires: try object.required("expires").day())
  }
}

extension Policy.NoiseFloor {
  fileprivate init(_ field: PolicyField) throws(ComparisonError) {
    let object = try PolicyObject(
      field.node, path: field.path, known: ["metric", "cases", "floor", "environment", "measured"])
    _ = try object.required("metric").matchedMetrics()
    self.init(
      metric: try object.required("metric").text(), cases: try object["cases"]?.text() ?? "*",
      floor: try object.required("floor").number(0...9_007_199_254_740_992),
      environmentID: try object.required("environment").text(), measured: try object.required("measured").day())
  }
}
