import BenchmarkReport
import FoundationEssentials
import RegressionCompare
import Testing

@Suite("The built-in policy as a file")
struct DefaultPolicyTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Benchmarks/Policies/default.json")

  @Test("Benchmarks/Policies/default.json is the built-in policy, under the same hash")
  func file() throws {
    if ProcessInfo.processInfo.environment["WEAKSPOT_RECORD"] == "1" {
      try Policy.defaults.json.write(to: Self.file, atomically: true, encoding: .utf8)
      Issue.record("recorded; run again without WEAKSPOT_RECORD")
    }
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    #expect(text == Policy.defaults.json)
    let policy = try Policy(json: Array(text.utf8))
    #expect(policy == .defaults)
    #expect(policy.effectiveHash == Policy.builtIn.effectiveHash)
    #expect(policy.effectiveRules == Policy.builtIn.effectiveRules)
  }

  @Test("it gives the same cells as no policy, and a rule after it shows in the hash")
  func sameCells() throws {
    let today = try #require(Build.today)
    let base = Build.side([
      Build.item(
        "c", MetricValues(.builtBytes, integers: [1, 1, 1, 1, 1, 1]),
        MetricValues(.residentBuiltBytes, integers: Build.pages(1 << 20, count: 6)),
        MetricValues(.buildNanosecondsPerNode, reals: [1, 2, 3, 4, 5, 6]))
    ])
    for hugePages in [false, true] {
      var new = base
      new.hugePages = hugePages ? .stated("it is always") : .notExpected
      let outcomes = try [Policy.builtIn, .defaults].map {
        try Comparison(policy: $0, today: today).outcome(base: base, new: new)
      }
      #expect(outcomes[0].cells.map(\.margin) == outcomes[1].cells.map(\.margin))
      #expect(outcomes[0].cells.map(\.gated) == outcomes[1].cells.map(\.gated))
      #expect(outcomes[0].cells.map(\.verdict) == outcomes[1].cells.map(\.verdict))
    }
    var looser = Policy.defaults
    looser.rules.append(Policy.Rule(metrics: ["built_bytes"], gated: false))
    #expect(looser.effectiveHash != Policy.builtIn.effectiveHash)
    #expect(looser.effectiveHash == Policy(rules: [looser.rules[looser.rules.count - 1]]).effectiveHash)
  }
}
