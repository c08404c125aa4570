import FoundationEssentials
import Subprocess
import Testing
import ZooExpectations

/// `weakspot leaks` over the whole zoo: every program runs to its end under the inspector, whose report is compared with
/// the tables. Runs where weakspot is built.
@Suite(.enabled(if: access("weakspot")))
struct InspectorTests {
  @Test(arguments: Zoo.leaking.cases)
  func `a leak is found, named and explained`(_ expected: LeakingCase) async throws {
    let report = try await inspect([Zoo.leaking.module, expected.name])
    #expect(expected.mismatches(in: report) == [])
  }

  /// Every fifth: all of them would take two minutes more.
  private static let sample = Zoo.leaking.cases.filter { $0.verdict == .proven }.enumerated()
    .filter { $0.offset.isMultiple(of: 5) }.map(\.element)

  @Test(arguments: sample)
  func `stale words on the stack hide no leak that is proven`(_ expected: LeakingCase) async throws {
    let report = try await inspect([Zoo.leaking.module, expected.name, "--stale"])
    #expect(expected.mismatches(in: report) == [])
  }

  @Test(arguments: Zoo.clean.cases)
  func `nothing is reported of a clean program`(_ expected: CleanCase) async throws {
    let report = try await inspect([Zoo.clean.module, expected.name])
    #expect(expected.mismatches(in: report) == [])
  }

  @Test func `a stored closure is to be dropped, for it cannot be weak`() async throws {
    let report = try await inspect([Zoo.leaking.module, "recursive-closure"])
    let remedies = report.leaks.flatMap(\.weaken)
    #expect(remedies.first?.field.hasSuffix(".context") == true)
    #expect(remedies.first?.reason.hasPrefix("a stored closure cannot be weak") == true, "\(remedies)")
  }

  /// The report on one program, inspected at its exit. Its exit status says the same as its text.
  private func inspect(_ command: [String]) async throws -> LeaksReport {
    let output = FileManager.default.temporaryDirectory.appending(path: "weakspot-zoo-\(UUID().uuidString).json")
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: output) } }
    let program = Zoo.executable(command[0])
    let outcome = try await Zoo.run(
      "weakspot",
      ["leaks", "--format", "json", "--output", output.path, "--", program] + command.dropFirst())
    let report = try JSONDecoder().decode(LeaksReport.self, from: Data(contentsOf: output))
    #expect(outcome.status == .exited(report.alarms.isEmpty ? 0 : 1), "\(outcome.error)")
    for leak in report.leaks {
      let remedies = leak.weaken.map(\.fields)
      #expect(Set(remedies).count == remedies.count, "\(remedies)")
    }
    return report
  }
}

private func access(_ executable: String) -> Bool {
  FileManager.default.isExecutableFile(atPath: Zoo.executable(executable))
}
