import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `weakspot-bench ab` and `calibrate`, on graphs so small that nothing can differ but time.
struct ABTests {
  private let scratch = ScratchFolder()
  private static let small = ["--topology", "ring", "--back-link", "weak", "--nodes", "10", "--runs", "6"]

  private func ab(_ arguments: String...) async throws -> Execution {
    try await Executable.bench.run(
      ["ab", "--base", Executable.bench.path.string, "--output", scratch["x"]] + Self.small + arguments)
  }

  @Test func `an executable against itself has not regressed, and both reports stay`() async throws {
    let execution = try await ab("--head", Executable.bench.path.string)
    #expect(execution.status == .exited(0), "\(execution.out)\(execution.error)")
    #expect(execution.out.contains("nothing regressed in 5 gated cells"))
    #expect(execution.out.contains("Reports: \(scratch["x-base.csv"]), \(scratch["x-head.csv"])"))
    for name in ["x-base", "x-head"] {
      #expect(try scratch.read(name + ".csv").split(separator: "\n").count == 1 + 6 * 4)
      #expect(try scratch.read(name + ".meta.json").contains("\"executable\" : \"\(Executable.bench.path.string)\""))
    }
    // The order in which the samples were taken: base head head base, or the other way round.
    func orders(_ name: String) throws -> [Int] {
      try scratch.read(name).split(separator: "\n").dropFirst().compactMap { row in
        let fields = row.split(separator: ",", omittingEmptySubsequences: false)
        return fields[13] == "before" ? Int(fields[11]) : nil
      }
    }
    let base = try orders("x-base.csv")
    #expect((base + (try orders("x-head.csv"))).sorted() == Array(0..<12))
    #expect(
      Set(stride(from: 0, to: 12, by: 4).map { block in base.filter { $0 / 4 == block / 4 }.map { $0 % 4 } })
        .isSubset(of: [[0, 3], [1, 2]]))
    let again = try await ab("--head", Executable.bench.path.string)
    #expect(again.status == .exited(2))
    #expect(again.error.contains("--force"))
  }

  @Test(arguments: [
    ("/bin/true", "does not describe itself"), ("/bin/yes", "no weakspot-bench"), ("/nowhere/bench", "No such file"),
    ("/etc/passwd", "no weakspot-bench"),
  ])
  func `what is no weakspot-bench is refused before anything is measured`(path: String, says: String) async throws {
    let execution = try await ab("--head", path)
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains(says), "\(execution.error)")
    #expect(!scratch.exists("x-base.csv.partial") && !scratch.exists("x-base.csv"))
  }

  @Test func `another protocol, and another environment, are refused by name`() async throws {
    for (change, status, says) in [
      (#"s/"sampleProtocol":1/"sampleProtocol":9/"#, 2, "version 9 of the samples' protocol"),
      (#"s/"optimization":"[a-z]*"/"optimization":"other"/"#, 3, "optimization: "),
    ] as [(String, Int32, String)] {
      try scratch.write(
        "#!/bin/sh\n'\(Executable.bench.path.string)' \"$@\" | sed '\(change)'\n", to: "other")
      _ = try await Executable.bench.shell(#"chmod +x "$1""#, [scratch["other"]])
      let execution = try await ab("--head", scratch["other"])
      #expect(execution.status == .exited(status), "\(execution.error)")
      #expect(execution.error.contains(says), "\(execution.error)")
    }
  }

  @Test func `an interrupted session keeps both reports`() async throws {
    let script = """
      "$0" ab --base "$0" --head "$0" --output "$1" --topology ring --back-link weak --nodes 1k --runs 100000 & pid=$!
      for i in $(seq 1000); do [ "$(wc -l < "$1-head.csv.partial")" -gt 8 ] && break; sleep 0.02; done 2>/dev/null
      kill -\(SIGINT) $pid; wait $pid
      """
    let execution = try await Executable.bench.shell(script, [scratch["x"]])
    #expect(execution.status == .exited(130), "\(execution.error)")
    for name in ["x-base", "x-head"] {
      #expect(!scratch.exists(name + ".csv.partial"))
      #expect(try scratch.read(name + ".csv").split(separator: "\n").count > 4)
      #expect(try scratch.read(name + ".meta.json").contains(#""interrupted" : true"#))
    }
    #expect(execution.out.contains("Reports: "))
  }

  @Test func `calibrate writes a policy under which the same comparison is the same`() async throws {
    let arguments = ["calibrate", "--output", scratch["p.json"]] + Self.small
    let execution = try await Executable.bench.run(arguments)
    #expect(execution.status == .exited(0), "\(execution.error)")
    #expect(execution.out.contains("Noise floors of env-"))
    #expect(execution.out.contains("build_ns_per_node"))
    #expect(try scratch.read("p.json").contains(#""noiseFloors": ["#))
    let compared = try await Executable.bench.run([
      "compare", scratch["p-base.csv"], scratch["p-head.csv"], "--policy", scratch["p.json"],
    ])
    #expect(compared.status == .exited(0))
    #expect(compared.out.contains("0 inconclusive, 0 not comparable\nPolicy"), "\(compared.out)")
    let again = try await Executable.bench.run(arguments)
    #expect(again.status == .exited(2))
    #expect(again.error.contains("p.json: exists"))
    // The classes of a policy that is given hold while it is measured.
    try scratch.write(
      #"{ "schemaVersion": 1, "rules": [ { "metrics": ["built_bytes"], "class": "noisy" } ] }"#, to: "start.json")
    let classes = try await Executable.bench.run(arguments + ["--force", "--policy", scratch["start.json"]])
    #expect(classes.status == .exited(0), "\(classes.error)")
    #expect(!execution.out.contains("\nbuilt_bytes") && classes.out.contains("\nbuilt_bytes"), "\(classes.out)")
    let few = try await Executable.bench.run(["calibrate", "--runs", "5"])
    #expect(few.status == .exited(64))
  }
}
