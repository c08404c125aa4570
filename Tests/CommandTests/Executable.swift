import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

/// What a run of the built executable left.
struct Execution {
  let status: TerminationStatus
  let out: String
  let error: String
}

/// One of the package's built programs. They lie beside the executable that runs the tests.
struct Executable: Sendable {
  static let bench = Executable("weakspot-bench")
  static let inspector = Executable("weakspot")
  static let inspectedProgram = Executable("InspectedProgram")
  static let recordedProgram = Executable("RecordedProgram")
  static let imageChecks = Executable("ProcessImageChecks")

  let path: FilePath

  private init(_ name: String) {
    path = FilePath(CommandLine.arguments[0]).removingLastComponent().appending(name)
  }

  func run(_ arguments: [String], environment: [Environment.Key: String?] = [:]) async throws -> Execution {
    try await Self.run(command: .path(path), arguments, environment: environment)
  }

  /// Runs a shell's command line; `$0` is the executable.
  func shell(_ line: String, _ arguments: [String] = []) async throws -> Execution {
    try await Self.run(command: .name("bash"), ["-c", line, path.string] + arguments, environment: [:])
  }

  private static func run(
    command: Subprocess.Executable, _ arguments: [String], environment: [Environment.Key: String?]
  ) async throws -> Execution {
    let result = try await Subprocess.run(
      command, arguments: Arguments(arguments),
      // Help is broken at the width that this names.
      environment: .inherit.updating(["COLUMNS": nil]).updating(environment),
      output: .string(limit: 1 << 22), error: .string(limit: 1 << 22))
    return Execution(status: result.terminationStatus, out: result.standardOutput, error: result.standardError)
  }
}
