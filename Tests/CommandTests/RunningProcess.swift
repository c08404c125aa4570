import FoundationEssentials
import Glibc
import Subprocess
import Testing

/// A program that runs while a test looks at it. It is killed when the test's closure ends, however that ends.
final class RunningProcess: @unchecked Sendable {
  // Safety: used by one test, one call after the other.

  let pid: Int32
  private let input: StandardInputWriter
  private var output: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator

  private init(_ execution: Subprocess.Execution<CustomWriteInput, SequenceOutput, DiscardedOutput>) {
    pid = execution.processIdentifier.value
    input = execution.standardInputWriter
    output = execution.standardOutput.strings().makeAsyncIterator()
  }

  static func with<Result: Sendable>(
    _ executable: Subprocess.Executable, _ arguments: [String], _ body: (RunningProcess) async throws -> Result
  ) async throws -> Result {
    try await Subprocess.run(
      executable, arguments: Arguments(arguments), input: .inputWriter, output: .sequence, error: .discarded
    ) { execution in
      let process = RunningProcess(execution)
      defer { kill(process.pid, SIGKILL) }
      return try await body(process)
    }.closureResult
  }

  /// InspectedProgram, once it has built its heap. When the inspection is over, it must be what it was.
  static func target<Result: Sendable>(
    _ arguments: String..., body: (RunningProcess) async throws -> Result
  ) async throws -> Result {
    try await with(.path(Executable.inspectedProgram.path), arguments) { target in
      try #require(try await target.line() == "ready")
      let before = try await target.ask("check")
      let result = try await body(target)
      #expect(before == "check: nodes 499500, texts 371, tasks 3, closures [3, 4, 5, 6, 7]")
      #expect(try await target.ask("check") == before, "the target is not what it was")
      #expect(try target.status("TracerPid") == "0")
      #expect(try target.status("State").first != "T")
      return result
    }
  }

  /// The next line of output; `nil` at its end.
  func line() async throws -> String? {
    guard let line = try await output.next() else { return nil }
    return line.hasSuffix("\n") ? String(line.dropLast()) : line
  }

  func ask(_ question: String) async throws -> String? {
    _ = try await input.write(question + "\n")
    return try await line()
  }

  /// A field of `/proc/PID/status`.
  func status(_ field: String) throws -> String { try Self.status(field, of: pid) }

  static func status(_ field: String, of pid: Int32) throws -> String {
    let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(field + ":") })
    return String(line.dropFirst(field.count + 1).drop { $0 == "\t" || $0 == " " })
  }
}
