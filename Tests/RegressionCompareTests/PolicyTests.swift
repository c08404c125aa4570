import BenchmarkReport
import RegressionCompare
import Testing
import SeededRandom

@Suite("Policies")
struct PolicyTests {
  private static let full = """
    { "schemaVersion": 1,
      "rules": [
        { "metrics": ["resident_*", "peak_bytes"], "cases": "swift/ring/*", "class": "noisy", "absoluteBytes": 131072,
          "hugePagesAbsoluteBytes": 4194304, "relative": 0.015, "gated": true, "test": "means" },
        { "metrics": ["*_ns_per_node"], "absolute": 2.5 }
      ],
      "waivers": [ { "metric": "built_bytes", "cases": "swift/tree2/*", "owner": "ann", "reason": "tr\\u00e4ge\\n“x”",
                     "expires": "2026-12-31" } ],
      "noiseFloors": [ { "metric": "resident_built_bytes", "floor": 28672, "environment": "e1",
                         "measured": "2026-11-23" } ] }
    """

  @Test("every key is read, written back and read the same")
  func roundTrip() throws {
    let policy = try Policy(json: Array(Self.full.utf8))
    #expect(policy.rules.count == 2)
    #expect(policy.rules[0].metricClass == .noisy)
    #expect(policy.rules[0].absolute == 131_072)
    #expect(policy.rules[0].hugePagesAbsolute == 4_194_304)
    #expect(policy.rules[0].relative == 0.015)
    #expect(policy.rules[0].gated == true)
    #expect(policy.rules[0].test == .means)
    #expect(policy.rules[1].cases == "*")
    #expect(policy.rules[1].absolute == 2.5)
    #expect(policy.waivers[0].reason == "träge\n“x”")
    #expect(policy.waivers[0].expires.description == "2026-12-31")
    #expect(policy.noiseFloors[0].floor == 28_672)
    let written = policy.json
    #expect(try Policy(json: Array(written.utf8)) == policy)
    #expect(try Policy(json: Array(("\u{FEFF}" + written).utf8)) == policy)
    #expect(try Policy(json: Array(written.utf8)).json == written)
  }

  struct Damaged: Sendable {
    let text: String
    let line: Int
    let column: Int
    var path = ""
    let fact: String
  }

  private static func rule(_ text: String) -> String { "{\"schemaVersion\": 1,\n\"rules\": [\(text)]}" }

  @Test(
    "a damaged policy is an error with line, column, key path and fact",
    arguments: [
      Damaged(text: "", line: 1, column: 1, fact: "empty"),
      Damaged(text: " \n ", line: 2, column: 2, fact: "empty"),
      Damaged(text: "\u{FEFF}", line: 1, column: 1, fact: "empty"),
      Damaged(text: "\u{FEFF}{} x", line: 1, column: 4, fact: "text after the end"),
      Damaged(text: "\u{FEFF}\u{FEFF}{}", line: 1, column: 1, fact: "a value is due here"),
      Damaged(text: "{", line: 1, column: 2, fact: "a key in quotes is due here, not the end of the text"),
      Damaged(text: "[]", line: 1, column: 1, fact: "an object is due here, not a list"),
      Damaged(text: "{}", line: 1, column: 1, fact: "“schemaVersion” is missing"),
      Damaged(text: "{} x", line: 1, column: 4, fact: "text after the end"),
      Damaged(text: "{\"schemaVersion\": 2}", line: 1, column: 19, path: "schemaVersion", fact: "version 2"),
      Damaged(text: "{\"schemaVersion\": \"1\"}", line: 1, column: 19, path: "schemaVersion", fact: "not a string"),
      Damaged(text: "{\"schemaVersion\": 1,\n \"rulez\": []}", line: 2, column: 2, path: "rulez", fact: "unknown key"),
      Damaged(text: "{\"schemaVersion\": 1, \"schemaVersion\": 1}", line: 1, column: 22, fact: "second time"),
      Damaged(text: "{\"schemaVersion\": 1,}", line: 1, column: 21, fact: "a key in quotes is due"),
      Damaged(text: "{\"schemaVersion\": 01}", line: 1, column: 19, fact: "not a number"),
      Damaged(text: "{\"schemaVersion\": 1e999}", line: 1, column: 19, fact: "not a number"),
      Damaged(text: "{\"schemaVersion\": 1, \"rules\": nul}", line: 1, column: 31, fact: "is “null” meant"),
      Damaged(text: "{\"é\": \"\\q\"}", line: 1, column: 8, fact: "no such escape"),
      Damaged(text: "{\"a\": \"\\ud800\"}", line: 1, column: 8, fact: "surrogate"),
      Damaged(text: "{\"a\": \"b\nc\"}", line: 1, column: 9, fact: "control character"),
      Damaged(text: "{\"a", line: 1, column: 2, fact: "no end"),
      Damaged(text: String(repeating: "[", count: 100_000), line: 1, column: 65, fact: "more than 64 levels"),
      Damaged(text: rule("1"), line: 2, column: 11, path: "rules[0]", fact: "an object is due here, not a number"),
      Damaged(text: rule("{}"), line: 2, column: 11, path: "rules[0]", fact: "“metrics” is missing"),
      Damaged(
        text: rule("{\"metrics\": \"*\"}"), line: 2, column: 23, path: "rules[0].metrics", fact: "a list is due"),
      Damaged(text: rule("{\"metrics\": []}"), line: 2, column: 23, path: "rules[0].metrics", fact: "empty"),
      Damaged(
        text: rule("{\"metrics\": [\"*\", \"resident_bult\"]}"), line: 2, column: 29, path: "rules[0].metrics[1]",
        fact: "matches no metric"),
      Damaged(
        text: rule("{\"metrics\": [\"*\"], \"margin\": 1}"), line: 2, column: 30, path: "rules[0].margin",
        fact: "unknown key"),
      Damaged(
        text: rule("{\"metrics\": [\"*\"], \"class\": \"exact\"}"), line: 2, column: 39, path: "rules[0].class",
        fact: "cannot be exact"),
      Damaged(
        text: rule("{\"metrics\": [\"leaked_*\"], \"class\": \"quantised\"}"), line: 2, column: 46,
        path: "rules[0].class", fact: "leaked_objects_count cannot be quantised"),
      Damaged(
        text: rule("{\"metrics\": [\"*_ns_per_node\"], \"class\": \"quantised\"}"), line: 2, column: 51,
        path: "rules[0].class", fact: "build_ns_per_node and release_ns_per_node cannot be quantised"),
      Damaged(
        text: rule("{\"metrics\": [\"built_bytes\"], \"class\": \"loose\"}"), line: 2, column: 49,
        path: "rules[0].class", fact: "“loose” is none of exact, quantised, noisy"),
      Damaged(
        text: rule("{\"metrics\": [\"*\"], \"relative\": -0.1}"), line: 2, column: 42, path: "rules[0].relative",
        fact: "out of range"),
      Damaged(
        text: rule("{\"metrics\": [\"*\"], \"absoluteBytes\": 1}"), line: 2, column: 47,
        path: "rules[0].absoluteBytes", fact: "leaked_objects_count is in objects, not bytes"),
      Damaged(
        text: rule("{\"metrics\": [\"peak_bytes\"], \"absoluteBytes\": 1, \"absolute\": 1}"), line: 2, column: 71,
        path: "rules[0].absolute", fact: "keep one of them"),
      Damaged(
        text: rule("{\"metrics\": [\"*\"], \"gated\": 1}"), line: 2, column: 39, path: "rules[0].gated",
        fact: "true or false is due here, not a number"),
      Damaged(
        text: "{\"schemaVersion\": 1, \"waivers\": [{\"metric\": \"built_bytes\"}]}", line: 1, column: 34,
        path: "waivers[0]", fact: "“cases” is missing"),
      Damaged(
        text: """
          {"schemaVersion": 1, "waivers": [
          {"metric": "built_bytes", "cases": "*", "owner": " ", "reason": "r", "expires": "2026-02-28"}]}
          """, line: 2, column: 50, path: "waivers[0].owner", fact: "blank"),
      Damaged(
        text: """
          {"schemaVersion": 1, "waivers": [
          {"metric": "built_bytes", "cases": "*", "owner": "a", "reason": "\\t ", "expires": "2026-02-28"}]}
          """, line: 2, column: 65, path: "waivers[0].reason", fact: "blank"),
      Damaged(
        text: """
          {"schemaVersion": 1, "waivers": [
          {"metric": "built_bytes", "cases": "*", "owner": "a", "reason": "r", "expires": "2026-02-29"}]}
          """, line: 2, column: 81, path: "waivers[0].expires", fact: "“2026-02-29” is no day"),
    ])
  func damaged(_ damaged: Damaged) throws {
    let error = #expect(throws: ComparisonError.self) { try Policy(json: Array(damaged.text.utf8)) }
    guard case .damagedPolicy(let line, let column, let path, let fact) = try #require(error) else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(line == damaged.line && column == damaged.column, "\(line):\(column) \(fact)")
    #expect(path == damaged.path)
    #expect(fact.contains(damaged.fact), "\(fact)")
  }

  @Test("bytes that are not UTF-8 are refused where they stand")
  func notText() {
    #expect(
      throws: ComparisonError.damagedPolicy(
        line: 2, column: 2, path: "", fact: "not UTF-8 text; save the policy as UTF-8")
    ) {
      try Policy(json: Array("{\n ".utf8) + [0xC3, 0x28] + Array("}".utf8))
    }
  }

  @Test("two thousand mutations of a policy are read or refused, without a trap")
  func mutations() {
    let original = Array(Self.full.utf8)
    var generator = SplitMix64(seed: 99)
    var refused = 0
    for _ in 0..<2_000 {
      var bytes = original
      for _ in 0...generator.next(below: 3) {
        let position = generator.next(below: bytes.count)
        switch generator.next(below: 3) {
        case 0: bytes[position] = UInt8(generator.next(below: 256))
        case 1: bytes.remove(at: position)
        default: bytes.removeSubrange(position...)
        }
        if bytes.isEmpty { bytes = [0x7B] }
      }
      do {
        let policy = try Policy(json: bytes)
        #expect(policy.effectiveHash.utf8.count == 16)
      } catch {
        refused += 1
        #expect(!error.description.isEmpty)
      }
    }
    #expect(refused > 1_000)
  }

  @Test("the last rule that matches and sets a key decides that key alone")
  func lastRuleWins() throws {
    let today = try #require(Build.today)
    let policy = Policy(rules: [
      Policy.Rule(metrics: ["built_bytes"], absolute: 100, gated: false),
      Policy.Rule(metrics: ["*"], cases: "swift/*", absolute: 10),
      Policy.Rule(metrics: ["built_*"], cases: "swift/ring/?", gated: true),
    ])
    let values = MetricValues(.builtBytes, integers: [0])
    let side = Build.side(["other", "swift/ring/10", "swift/ring/1"].map { Build.item($0, values) })
    let outcome = try Comparison(policy: policy, today: today).outcome(base: side, new: side)
    #expect(outcome.cells.map(\.margin.absolute) == [100, 10, 10])
    #expect(outcome.cells.map(\.gated) == [false, false, true])
  }

  @Test("a rule that sets a class leaves the margins as they are")
  func classOverride() throws {
    let today = try #require(Build.today)
    let policy = Policy(rules: [
      Policy.Rule(metrics: ["built_bytes"], metricClass: .quantised),
      Policy.Rule(metrics: ["resident_*"], metricClass: .noisy),
    ])
    let item = Build.item(
      "c", MetricValues(.builtBytes, integers: Build.pages(1 << 20)),
      MetricValues(.residentBuiltBytes, integers: Build.pages(1 << 20)))
    let side = Build.side([item])
    let outcome = try Comparison(policy: policy, today: today).outcome(base: side, new: side)
    #expect(outcome.cells.map(\.metricClass) == [.quantised, .noisy])
    #expect(outcome.cells.map(\.margin.value) == [0, 65_536])
  }

  /// Every metric of one case, with and without huge pages: all that a policy can set.
  private static func settings(_ policy: Policy) throws -> [String] {
    let item = Build.item(
      "c/1",
      Metric.compared.map { metric in
        metric.isInteger
          ? MetricValues(metric, integers: Array(repeating: 1 << 24, count: 6))
          : MetricValues(metric, reals: Array(repeating: 100, count: 6))
      })
    let today = try #require(Build.today)
    return try [false, true].flatMap { hugePages in
      let base = Build.side([item], hugePages: hugePages ? .seen : .notExpected)
      return try Comparison(policy: policy, today: today).outcome(base: base, new: Build.side([item])).cells.map {
        "\($0.metric) \($0.metricClass) \($0.gated) \($0.margin) \(String(describing: $0.test?.method))"
      }
    }
  }

  @Test("two policies of one hash judge every metric alike, however the defaults are written")
  func hashNamesGate() throws {
    var generator = SplitMix64(seed: 11)
    var gates: [String: [String]] = [:]
    for _ in 0..<200 {
      func one<Value>(_ values: [Value]) -> Value? {
        let index = generator.next(below: values.count + 1)
        return index < values.count ? values[index] : nil
      }
      let rules = (0..<generator.next(below: 3)).map { _ in
        let patterns = ["leaked_bytes", "built_*", "resident_*", "peak_bytes"]
        return Policy.Rule(
          metrics: [one(patterns) ?? "built_bytes"], cases: one(["c/*", "d/*"]) ?? "*",
          metricClass: one(MetricClass.allCases), absolute: one([0, 4_096, 4_194_304]),
          hugePagesAbsolute: one([0, 1_048_576]), relative: one([0, 0.5]), gated: one([true, false]),
          test: one(Policy.SignificanceTest.allCases))
      }
      for policy in [Policy(rules: rules), Policy(rules: Policy.defaults.rules + rules)] {
        let settings = try Self.settings(policy)
        #expect(gates[policy.effectiveHash, default: settings] == settings, "\(policy.json)")
        gates[policy.effectiveHash] = settings
      }
    }
    #expect(gates.count > 100)
  }

  @Test("a rule or a noise floor that matches no cell is told by its place and patterns")
  func idle() throws {
    let today = try #require(Build.today)
    let typo = Policy.Rule(metrics: ["built_*"], cases: "swift/rnig/*", gated: true)
    let floors = ["*", "swift/rnig/*", "swift/tere/*"].map {
      Policy.NoiseFloor(metric: "built_bytes", cases: $0, floor: 1, environmentID: "env", measured: today)
    }
    let side = Build.side([Build.item("swift/ring/a", MetricValues(.builtBytes, integers: [0]))])
    for (defaults, index) in [([], 1), (Policy.defaults.rules, Policy.defaults.rules.count + 1)] {
      let fits = Policy.Rule(metrics: ["*"], cases: "swift/ring/?", gated: true)
      let policy = Policy(rules: defaults + [fits, typo], noiseFloors: floors)
      let outcome = try Comparison(policy: policy, today: today).outcome(base: side, new: side)
      #expect(outcome.warnings == [.ruleIdle(index: index, typo), .noiseFloorsIdle(count: 2, first: floors[1])])
      #expect(
        outcome.warnings[0].description
          == "rules[\(index)] of the policy (built_* in swift/rnig/*) matches no cell and has no effect")
    }
    // A metric that has no cell: the case alone is no match.
    let times = Policy.Rule(metrics: ["*_ns_per_node"], gated: true)
    let outcome = try Comparison(policy: Policy(rules: [times]), today: today).outcome(base: side, new: side)
    #expect(outcome.warnings == [.ruleIdle(index: 0, times)])
  }

  @Test("the hash names the effective policy: every loosening shows, and the built-in one is known")
  func effectiveHash() {
    let policies = [
      Policy.builtIn, Policy(rules: [Policy.Rule(metrics: ["*"], gated: false)]),
      Policy(rules: [Policy.Rule(metrics: ["*"], relative: 0.1)]),
      Policy(rules: [Policy.Rule(metrics: ["*"], relative: 0.2)]),
      Policy(rules: [Policy.Rule(metrics: ["*"], cases: "a", relative: 0.2)]),
    ]
    #expect(Set(policies.map(\.effectiveHash)).count == policies.count)
    #expect(Policy.builtIn.effectiveHash == Policy(rules: []).effectiveHash)
    #expect(Policy.builtIn.effectiveRules.count == Metric.compared.count)
  }

  @Test(
    "glob patterns",
    arguments: [
      ("*", "", true), ("*", "a/b", true), ("a*", "b", false), ("a*c", "abbc", true), ("a*c", "abcd", false),
      ("?", "", false), ("?", "x", true), ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false),
      ("swift/*/n=1000/*", "swift/ring/strong/n=1000/p=0", true), ("", "", true), ("", "a", false), ("**", "x", true),
    ])
  func globs(pattern: String, name: String, matches: Bool) {
    #expect(GlobPattern(pattern).matches(name) == matches)
  }

  @Test(
    "only days that exist are days",
    arguments: [
      ("2026-12-31", true), ("2024-02-29", true), ("2000-02-29", true), ("1900-02-29", false), ("2026-04-31", false),
      ("2026-13-01", false), ("2026-00-10", false), ("2026-1-01", false), ("2026-01-00", false), ("0000-01-01", false),
      ("2026/01/01", false), ("2026-01-01 ", false), ("２026-01-1", false),
    ])
  func days(text: String, exists: Bool) {
    #expect((CalendarDay(text) != nil) == exists)
    #expect(CalendarDay(text).map(\.description) == (exists ? text : nil))
  }
}
