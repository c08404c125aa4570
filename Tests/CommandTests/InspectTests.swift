import Subprocess
import TestSupport
import Testing

/// `weakspot-bench run --inspect`, with the weakspot that lies beside it.
struct InspectTests {
  private let scratch = ScratchFolder()

  private struct Key: Hashable {
    let column: String
    let phase: String
  }

  /// The report's values, by case.
  private func cases(_ name: String = "r.csv") throws -> [String: [Key: String]] {
    let lines = try scratch.read(name).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    var cases: [String: [Key: String]] = [:]
    for line in lines.dropFirst() {
      let row = Dictionary(uniqueKeysWithValues: zip(header, line))
      for (column, value) in row {
        cases[row["case_id"] ?? "", default: [:]][Key(column: column, phase: row["phase"] ?? "")] = value
      }
    }
    return cases
  }

  /// How many objects weak references lead to in a graph of 33 nodes; of the random one it is not told here.
  private static let sideTables = [
    "ring": 33, "list": 32, "tree2": 16, "tree16": 2, "clique16": 32, "delegate": 16, "closure": 33, "observer": 30,
    "document": 33,
  ]

  @Test(
    arguments: ["ring", "list", "tree2", "tree16", "clique16", "random", "delegate", "closure", "observer", "document"])
  func `the inspector, the models' counts and glibc's bytes agree with every back link`(topology: String) async throws {
    let execution = try await Executable.bench.run(
      ["run", "--inspect", "--output", scratch["r.csv"], "--topology", topology, "--nodes", "33", "--runs", "1"])
    #expect(execution.status == .exited(0), "\(execution.error)")
    #expect(execution.error == "")
    let cases = try cases()
    #expect(cases.count >= 6)
    for (name, values) in cases {
      for phase in ["before", "built", "released", "trimmed"] {
        func value(_ column: String) throws -> Int {
          try #require(Int(values[Key(column: column, phase: phase)] ?? ""), "\(name), \(column) at \(phase)")
        }
        let live = try value("live_objects_count")
        let objects = values[Key(column: "back_link", phase: phase)] == "index" ? min(live, 1) : live
        #expect(try value("inspected_objects_count") == objects, "\(name) at \(phase)")
        let isAfterRelease = phase == "released" || phase == "trimmed"
        #expect(try value("inspected_leaked_count") == (isAfterRelease ? objects : 0), "\(name) at \(phase)")
        let isWeak = values[Key(column: "back_link", phase: phase)] == "weak" && phase == "built"
        let sideTables = try value("inspected_side_tables_count")
        if isWeak, topology == "random" {
          #expect((1...33).contains(sideTables))
        } else {
          #expect(sideTables == (isWeak ? Self.sideTables[topology] : 0), "\(name) at \(phase)")
        }
      }
    }
  }

  @Test func `being inspected changes no count and no byte`() async throws {
    for (name, options) in [("plain.csv", []), ("looked.csv", ["--inspect"])] {
      let execution = try await Executable.bench.run(
        ["run", "--output", scratch[name], "--topology", "ring,observer", "--back-link", "strong,weak"]
          + ["--nodes", "1k", "--runs", "1"] + options)
      #expect(execution.status == .exited(0), "\(execution.error)")
    }
    let (plain, looked) = (try cases("plain.csv"), try cases("looked.csv"))
    #expect(Set(plain.keys) == Set(looked.keys))
    for (name, values) in plain {
      for phase in ["before", "built", "released", "trimmed"] {
        for column in ["heap_in_use_bytes", "rss_bytes"] {
          func change(_ values: [Key: String]?) -> Int? {
            guard let now = values?[Key(column: column, phase: phase)].flatMap({ Int($0) }),
              let start = values?[Key(column: column, phase: "before")].flatMap({ Int($0) })
            else { return nil }
            return now - start
          }
          let (first, second) = (try #require(change(values)), try #require(change(looked[name])))
          // Resident memory is a few pages apart from run to run on a machine that is busy.
          #expect(abs(first - second) <= (column == "rss_bytes" ? 64 << 10 : 0), "\(name), \(column) at \(phase)")
        }
        for column in ["live_objects_count", "deinit_count", "usable_bytes"] {
          let key = Key(column: column, phase: phase)
          #expect(values[key] == looked[name]?[key], "\(name), \(column) at \(phase)")
        }
        #expect(values[Key(column: "inspected_objects_count", phase: phase)] == "")
      }
    }
  }

  /// Runs a copy of weakspot-bench that has the shell script `inspector` for its weakspot.
  private func run(besides inspector: String?) async throws -> Execution {
    if let inspector { try scratch.write("#!/bin/sh\n\(inspector)\n", to: "weakspot") }
    return try await Executable.bench.shell(
      #"""
      cp "$0" "$1/weakspot-bench" && { [ ! -e "$1/weakspot" ] || chmod +x "$1/weakspot"; } &&
      "$1/weakspot-bench" run --inspect --topology ring --back-link strong --nodes 10 --runs 1 --output "$1/r.csv"
      """#, [scratch.path])
  }

  @Test func `without a weakspot beside it nothing is measured`() async throws {
    let execution = try await run(besides: nil)
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("--inspect needs the inspector beside weakspot-bench"))
    #expect(execution.error.contains(scratch["weakspot"]))
    #expect(!scratch.exists("r.csv") && !scratch.exists("r.csv.partial"))
  }

  @Test func `an inspector that counts something else is told, kept in the report, and a failure`() async throws {
    let json =
      #"{ "inspected": { "sideTables": 0, "inUseBytes": 0, "instances": [] }, "leaks": [], "warnings": [] }"#
    let execution = try await run(besides: "echo '\(json)'")
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("at built weakspot finds 0 objects, expected 10"))
    #expect(execution.error.contains("at built weakspot adds up 0 bytes more in use than at before, mallinfo2 480"))
    #expect(execution.error.contains("at released weakspot finds 0 leaked objects, expected 10"))
    #expect(execution.error.contains("1 inspected sample does not agree with the inspector"))
    #expect(try scratch.read("r.meta.json").contains("does not agree with the inspector"))
    let values = try #require(try cases()["swift/ring/strong/n=10/p=0"])
    #expect(values[Key(column: "inspected_objects_count", phase: "built")] == "0")
    #expect(values[Key(column: "status", phase: "built")] == "ok")
  }

  @Test func `where the inspector fails the report says nothing of its counts`() async throws {
    let execution = try await run(besides: "echo 'weakspot: cannot look' >&2; exit 2")
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("at built it could not be inspected: weakspot: cannot look"))
    let values = try #require(try cases()["swift/ring/strong/n=10/p=0"])
    for column in ["inspected_objects_count", "inspected_leaked_count", "inspected_side_tables_count"] {
      #expect(values[Key(column: column, phase: "built")] == "")
    }
    #expect(values[Key(column: "live_objects_count", phase: "built")] == "10")
  }
}
