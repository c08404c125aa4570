import Subprocess
import Testing

/// What wrong arguments and quick questions get: golden files of stdout, stderr and exit status.
struct UsageTests {
  @Test(arguments: [
    ("unknown-topology", ["run", "--topology", "rign"]),
    ("unknown-back-link", ["run", "--back-link", "weak,strnog"]),
    ("unknown-suite", ["run", "--suite", "fast"]),
    ("negative-nodes", ["run", "--nodes=-5"]),
    ("zero-nodes", ["run", "--nodes", "0"]),
    ("absurd-nodes", ["run", "--nodes", "99999999999999999999"]),
    ("no-number", ["run", "--nodes", "1x"]),
    ("empty-element", ["run", "--nodes", "1k,,2k"]),
    ("negative-payload", ["run", "--payload=-1"]),
    ("zero-runs", ["run", "--runs", "0"]),
    ("zero-timeout", ["run", "--timeout", "0"]),
    ("negative-seed", ["run", "--seed=-1"]),
    ("meaningless", ["run", "--topology", "closure", "--back-link", "index"]),
    ("unknown-option", ["run", "--fast"]),
    ("unknown-command", ["rum"]),
    ("sample-by-hand", ["measure-sample", "ring"]),
    ("list", ["list"]),
    ("help", ["--help"]),
    ("run-help", ["run", "--help"]),
    ("version", ["--version"]),
    ("show-missing", ["show", "/nowhere/r.csv"]),
  ])
  func `a question or a slip gets its answer`(name: String, arguments: [String]) async throws {
    try expectGolden(name, try await Executable.bench.run(arguments))
  }

  @Test func `the three patterns end as the class expects`() async throws {
    let execution = try await Executable.bench.run(["patterns"])
    var addresses: [(String, String)] = []
    for (index, line) in execution.out.split(separator: "\n").enumerated() where line.contains("Node at 0x") {
      let address = line.drop { $0 != "0" }.dropLast()
      addresses.append((String(address), "0xADDRESS-\(index)"))
    }
    try expectGolden("patterns", execution, replacing: addresses)
  }

  @Test func `the self-test passes here`() async throws {
    let execution = try await Executable.bench.run(["selftest"])
    #expect(execution.status == .exited(0), "\(execution.out)")
    #expect(execution.out.contains("measured: 48000 bytes in 1000 objects"))
    #expect(execution.out.contains("measured: oom"))
    #expect(!execution.out.contains("FAIL"))
  }
}
