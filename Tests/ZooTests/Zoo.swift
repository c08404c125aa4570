import FoundationEssentials
import Subprocess
import SystemPackage
import ZooExpectations

/// The zoo's tables and programs.
enum Zoo {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Zoo")
  /// The executables lie beside the one that runs the tests.
  private static let built = FilePath(CommandLine.arguments[0]).removingLastComponent()

  static let leaking: ZooTable<LeakingCase> = table("leaking.json")
  static let clean: ZooTable<CleanCase> = table("clean.json")

  private static func table<Case>(_ name: String) -> ZooTable<Case> {
    do {
      return try ZooTable(json: Data(contentsOf: folder.appending(path: name)))
    } catch {
      fatalError("\(name): \(error)")
    }
  }

  static func executable(_ name: String) -> String { built.appending(name).string }

  struct Outcome {
    var status: TerminationStatus
    var out: String
    var error: String
  }

  /// Runs one of the executables; one that hangs is ended after a minute.
  static func run(_ name: String, _ arguments: [String]) async throws -> Outcome {
    let result = try await Subprocess.run(
      .name("timeout"), arguments: Arguments(["--kill-after=5", "60", executable(name)] + arguments),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    return Outcome(status: result.terminationStatus, out: result.standardOutput, error: result.standardError)
  }

  /// What a program says that lives at its end, without what is no more.
  static func liveCounts(in text: String) throws -> [String: Int] {
    try JSONDecoder().decode([String: Int].self, from: Data(text.utf8)).filter { $0.value != 0 }
  }
}
