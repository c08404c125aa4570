import Subprocess
import TestSupport
import Testing

/// `weakspot-bench compare` as a user starts it: what it prints, and its exit status.
struct CompareTests {
  private let scratch = ScratchFolder()

  /// Runs in the folder of the reports, so that the paths are short and the same everywhere.
  private func compare(_ arguments: String...) async throws -> Execution {
    try await Executable.bench.shell(
      #"cd "$1"; shift; exec "$0" compare "$@""#, [scratch.path, "base.csv", "new.csv"] + arguments)
  }

  /// Two reports between which every verdict is given.
  private static var reports: (base: ReportText, new: ReportText) {
    let steady = ReportText.samples()
    func samples(_ change: (inout ReportText.Sample, Int) -> Void) -> [ReportText.Sample] {
      ReportText.samples(10, change)
    }
    let base = ReportText(cases: [
      ("ring/strong", samples { sample, _ in (sample.leaked, sample.live) = (48_000, 1_000) }),
      ("ring/weak", steady), ("ring/unowned", steady), ("ring/broken", steady), ("list/weak", steady),
      ("list/unowned", steady), ("tree2/weak", ReportText.samples(5)),
      ("tree2/strong", samples { sample, index in if index == 3 { sample.status = "crashed" } }),
    ])
    let new = ReportText(
      cases: [
        ("ring/strong", samples { sample, _ in (sample.leaked, sample.live) = (48_000, 1_000) }),
        // A leak from 0 to N.
        ("ring/weak", samples { sample, _ in (sample.leaked, sample.live) = (48_000, 1_000) }),
        ("ring/unowned", samples { sample, _ in sample.built -= 16 }),
        // Repeats of an exact metric that disagree.
        ("ring/broken", samples { sample, index in sample.built += index % 3 * 16 }),
        ("list/weak", samples { sample, _ in sample.resident += 262_144 }),
        ("list/unowned", samples { sample, index in sample.resident += index % 2 * 163_840 }),
        // Too few samples for resident memory.
        ("tree2/weak", ReportText.samples(5)),
        ("tree2/strong", samples { sample, index in if index < 2 { sample.status = "oom" } }),
      ], run: "run-b")
    return (base, new)
  }

  private func write(_ reports: (base: ReportText, new: ReportText)) throws {
    try reports.base.write("base", in: scratch)
    try reports.new.write("new", in: scratch)
  }

  private static let waiving = """
    { "schemaVersion": 1,
      "rules": [ { "metrics": ["*_ns_per_node"], "relative": 0.05 } ],
      "waivers": [
        { "metric": "leaked_*", "cases": "swift/ring/weak/*", "owner": "@ann", "reason": "known, see #12",
          "expires": "2999-12-31" },
        { "metric": "resident_*", "cases": "swift/list/*", "owner": "bob", "reason": "old", "expires": "2020-01-01" },
        { "metric": "built_bytes", "cases": "swift/tree16/*", "owner": "eve", "reason": "-", "expires": "2999-12-31" }
      ] }
    """

  @Test(arguments: ["table", "markdown", "csv", "json", "junit", "html"])
  func `every verdict is shown in every format`(format: String) async throws {
    try write(Self.reports)
    let execution = try await compare("--format", format)
    // The style sheet is every page's.
    let style = execution.out.firstRange(of: "<style>").map {
      String(execution.out[$0.upperBound...].prefix { $0 != "<" })
    }
    try expectGolden("compare-\(format)", execution, replacing: style.map { [($0, "STYLE")] } ?? [])
  }

  @Test(arguments: ["table", "markdown", "json", "html", "csv"])
  func `a report of an interrupted run compares with a warning, and passes on the run's own`(
    format: String
  ) async throws {
    var (base, new) = Self.reports
    base.isInterrupted = true
    new.warnings = ["2 samples failed"]
    try write((base, new))
    let execution = try await compare("--format", format)
    let warnings = [
      "base.csv: base.meta.json says that the run was interrupted: the report is not complete",
      "new.csv: 2 samples failed",
    ]
    for warning in warnings {
      #expect((format == "csv" ? execution.error : execution.out).contains(warning), "\(execution.out)")
    }
  }

  @Test func `all cells are listed with their reasons when asked for`() async throws {
    try write(Self.reports)
    try expectGolden("compare-all", try await compare("--all"))
  }

  @Test func `a policy's waivers are shown with owner and expiry, and its hash stands in the output`() async throws {
    try write(Self.reports)
    try scratch.write(Self.waiving, to: "policy.json")
    try expectGolden("compare-policy", try await compare("--policy", "policy.json"))
  }

  @Test func `a narrow terminal gets every figure`() async throws {
    try write(Self.reports)
    let execution = try await Executable.bench.shell(
      #"cd "$1"; export B="$0"; script -qec 'stty cols 60; "$B" compare base.csv new.csv' /dev/null"#, [scratch.path])
    #expect(execution.status == .exited(1))
    let lines = execution.out.split { $0 == "\n" || $0 == "\r\n" }
    #expect(lines.allSatisfy { $0.count <= 60 }, "\(lines.filter { $0.count > 60 })")
    #expect(execution.out.contains("swift/ring/weak/n=1000/p=0: regressed"))
  }

  @Test(arguments: ["table", "json", "html"])
  func `the result is written to a file in one step, and the reason told beside it`(format: String) async throws {
    try write(Self.reports)
    try scratch.write("old", to: "result")
    let execution = try await compare("--format", format, "--output", "result")
    #expect(execution.status == .exited(1))
    #expect(execution.out == "")
    #expect(execution.error.contains("gated cells regressed"))
    #expect(try scratch.read("result").contains("swift/ring/weak/n=1000/p=0"))
    let left = try await Executable.bench.shell(#"ls "$1""#, [scratch.path])
    #expect(!left.out.contains("tmp"))
  }

  @Test(arguments: [
    ["--output", "/nowhere/result"], ["--output", "base.csv"], ["--output", "new.meta.json"], ["--output", "."],
    ["--policy", "missing.json"], ["--policy", "base.csv"], ["--policy", "."], ["--policy", "/dev/zero"],
    ["--output", "/dev/full"],
  ])
  func `what cannot be read or written is exit status 2`(arguments: [String]) async throws {
    try write(Self.reports)
    let before = try scratch.read("base.csv")
    let execution = try await Executable.bench.shell(
      #"cd "$1"; shift; exec "$0" compare "$@""#, [scratch.path, "base.csv", "new.csv"] + arguments)
    #expect(execution.status == .exited(2))
    #expect(execution.out == "")
    #expect(execution.error.contains(arguments[1]), "\(execution.error)")
    #expect(try scratch.read("base.csv") == before)
  }

  @Test(arguments: [
    (#"{ "schemaVersion": 1, "rules": [ { "metrics": ["built_bytes"], "gate": false } ] }"#, "policy.json:1:64:"),
    ("{ \"schemaVersion\": 1,\n  \"rules\": 7 }", "policy.json:2:12:"),
    (#"{ "schemaVersion": 2 }"#, "policy.json:1:20:"), ("", "policy.json:1:1:"), ("\u{0}\u{1}", "policy.json:1:1:"),
    (#"{ "schemaVersion": 1, "rules": [ { "metrics": ["heap"] } ] }"#, "matches no metric"),
  ])
  func `a damaged policy is told with file, line and column`(policy: String, says: String) async throws {
    try write(Self.reports)
    try scratch.write(policy, to: "policy.json")
    let execution = try await compare("--policy", "policy.json")
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains(says), "\(execution.error)")
  }

  struct Status: Sendable, CustomTestStringConvertible {
    let name: String
    var base = [("ring/weak", ReportText.samples())]
    var new = [("ring/weak", ReportText.samples())]
    var environment = "env-a"
    var arguments: [String] = []
    let status: Int32
    let says: String

    var testDescription: String { name }
  }

  private static let improved = [("ring/weak", ReportText.samples(10) { sample, _ in sample.built = 40_000 })]
  private static let straying = [
    ("ring/weak", ReportText.samples(10) { sample, index in sample.resident += index * 20_000 })
  ]
  private static let both = [("ring/weak", ReportText.samples()), ("ring/strong", ReportText.samples())]
  private static let failed = [("ring/weak", ReportText.samples(10) { sample, _ in sample.status = "timeout" })]

  private static let statuses = [
    Status(name: "nothing changed", status: 0, says: "nothing regressed in 5 gated cells"),
    Status(name: "an improvement", new: improved, status: 0, says: "1 improved"),
    Status(
      name: "an improvement is not wanted", new: improved, arguments: ["--fail-on", "improvement"], status: 1,
      says: "1 gated cell improved, which --fail-on names"),
    Status(name: "an inconclusive cell", new: straying, status: 0, says: "runs a side would settle it"),
    Status(
      name: "an inconclusive cell is not wanted", new: straying, arguments: ["--fail-on", "inconclusive,improvement"],
      status: 1, says: "inconclusive, which --fail-on names"),
    Status(
      name: "a case is missing", base: both, status: 3,
      says: "NEW has no case swift/ring/strong/n=1000/p=0 (to compare all the same: --allow missing)"),
    Status(name: "a case is new", new: both, status: 3, says: "BASE has no case swift/ring/strong/n=1000/p=0"),
    Status(
      name: "a missing case is allowed", base: both, arguments: ["--allow", "missing"], status: 0,
      says: "swift/ring/strong/n=1000/p=0 (allowed)"),
    Status(
      name: "another environment", environment: "env-b", status: 3, says: "glibcVersion: 2.36 → 2.39"),
    Status(
      name: "another environment is allowed", environment: "env-b", arguments: ["--allow", "missing,environment"],
      status: 0, says: "glibcVersion: 2.36 → 2.39"),
    Status(name: "only failed samples in both", base: failed, new: failed, status: 3, says: "not comparable"),
    Status(
      name: "only failed samples in the new one", new: failed, status: 1,
      says: "samples of 1 case fail in NEW alone, first of swift/ring/weak/n=1000/p=0; besides, 2 problems"),
    Status(
      name: "nothing compared cannot be allowed", base: failed, new: failed,
      arguments: ["--allow", "missing,environment,too-few"], status: 3, says: "not comparable"),
    Status(
      name: "too few samples", base: [("ring/weak", ReportText.samples(5))], status: 3,
      says: "too few good samples for resident_built_bytes"),
    Status(
      name: "too few samples are allowed", base: [("ring/weak", ReportText.samples(5))],
      arguments: ["--allow", "too-few"], status: 0, says: "(allowed)"),
  ]

  @Test(arguments: statuses)
  func `the exit status comes with its reason`(_ expected: Status) async throws {
    try ReportText(cases: expected.base).write("base", in: scratch)
    var new = ReportText(cases: expected.new, run: "run-b", environment: expected.environment)
    if expected.environment != "env-a" { (new.glibc, new.kernel) = ("2.39", "6.18") }
    try new.write("new", in: scratch)
    for format in ["table", "markdown"] {
      let execution = try await Executable.bench.shell(
        #"cd "$1"; shift; exec "$0" compare "$@""#,
        [scratch.path, "base.csv", "new.csv", "--format", format] + expected.arguments)
      #expect(execution.status == .exited(expected.status), "\(execution.out)\(execution.error)")
      guard format == "table" else { continue }
      let text = execution.out.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains(expected.says), "\(execution.out)")
      #expect(text.contains("Exit status \(expected.status) "))
    }
  }

  @Test(arguments: [
    ("compare-unknown-allow", ["--allow", "missing,everything"]), ("compare-allow-schema", ["--allow", "schema"]),
    ("compare-unknown-fail-on", ["--fail-on", "regression"]), ("compare-unknown-format", ["--format", "yaml"]),
    ("compare-empty-allow", ["--allow", ""]),
  ])
  func `a slip in the options gets the names that there are`(name: String, arguments: [String]) async throws {
    try expectGolden(name, try await Executable.bench.run(["compare", "base.csv", "new.csv"] + arguments))
  }

  @Test(arguments: ["compare", "ab", "calibrate"])
  func `each command says what it does`(command: String) async throws {
    try expectGolden("\(command)-help", try await Executable.bench.run([command, "--help"]))
  }

  @Test func `a report without its meta file is compared by its env_id`() async throws {
    try scratch.write(ReportText(cases: Self.both).text, to: "base.csv")
    try scratch.write(ReportText(cases: Self.both, run: "run-b").text, to: "new.csv")
    let same = try await compare()
    #expect(same.status == .exited(0))
    #expect(same.out.contains("new.meta.json is missing"))
    try scratch.write(ReportText(cases: Self.both, run: "run-b", environment: "env-b").text, to: "new.csv")
    let other = try await compare()
    #expect(other.status == .exited(3))
    #expect(other.out.contains("env_id is env-a in BASE and env-b in NEW"))
  }

  @Test func `a partial report is compared with a warning`() async throws {
    try ReportText(cases: Self.both).write("base", in: scratch)
    try scratch.write(ReportText(cases: Self.both, run: "run-b").text + "1,run-b,env", to: "new.csv.partial")
    let execution = try await Executable.bench.shell(
      #"cd "$1"; exec "$0" compare base.csv new.csv.partial"#, [scratch.path])
    #expect(execution.status == .exited(0), "\(execution.error)")
    #expect(execution.out.contains("the last row was cut off"))
    #expect(execution.out.contains("is a partial report"))
  }

  @Test func `a report compared with itself is not comparable`() async throws {
    try ReportText(cases: Self.both).write("base", in: scratch)
    try ReportText(cases: Self.both).write("new", in: scratch)
    let itself = try await compare()
    #expect(itself.status == .exited(3))
    #expect(itself.out.contains("same run, run-a"))
    #expect(itself.out.contains("--allow same-run"))
    #expect(try await compare("--allow", "same-run").status == .exited(0))
  }

  @Test func `graphs drawn by another seed are not comparable, others are with a warning`() async throws {
    for (name, status) in [("random/strong", Int32(3)), ("ring/strong", 0)] {
      let cases = [(name, ReportText.samples())]
      try ReportText(cases: cases).write("base", in: scratch)
      try ReportText(cases: cases, run: "run-b", seed: 2).write("new", in: scratch)
      let execution = try await compare()
      #expect(execution.status == .exited(status), "\(execution.out)")
      #expect(execution.out.contains("seed: 1 → 2"))
      #expect(try await compare("--allow", "environment").status == .exited(0))
    }
  }

  @Test func `another compiler or interpreter of a runtime that both reports have is another environment`() async throws
  {
    func runtime(_ version: String, _ build: String) -> String {
      #"{ "version": "\#(version)", "build": "\#(build)", "notLikeForLike": "" }"#
    }
    var base = ReportText(cases: Self.both)
    base.runtimes = #"{ "cpython": \#(runtime("3.11", "x")), "rust": \#(runtime("1.63", "-O")) }"#
    try base.write("base", in: scratch)
    var new = ReportText(cases: Self.both, run: "run-b")
    new.runtimes = #"{ "cpython": \#(runtime("3.12", "x")), "cpp": \#(runtime("12", "-O2")) }"#
    try new.write("new", in: scratch)
    let other = try await compare("--format", "json")
    #expect(other.status == .exited(3))
    #expect(other.error.contains("the environments differ: cpython version: 3.11 → 3.12 ("), "\(other.error)")
    #expect(try await compare("--allow", "environment").status == .exited(0))
    new.runtimes = base.runtimes
    try new.write("new", in: scratch)
    #expect(try await compare().status == .exited(0))
  }
}
