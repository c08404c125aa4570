package import BenchmarkReport
import FoundationEssentials
import Subprocess
import SystemPackage

/// What a weakspot-bench says of itself to another one that is to measure it.
package struct BenchmarkDescription: Codable, Sendable, Equatable {
  /// The first argument that makes the executable print its description.
  package static let command = "describe-benchmark"
  /// The version of `SampleProcess`'s arguments and of `SampleRecord`: what differs cannot measure for each other.
  static let sampleProtocol = 1

  private let sampleProtocol: Int
  package let toolVersion: String
  /// The facts as the executable's samples have them.
  package let environment: EnvironmentFacts

  /// This executable's own.
  package init(toolVersion: String) {
    sampleProtocol = Self.sampleProtocol
    self.toolVersion = toolVersion
    environment = .current()
  }

  /// One line of JSON.
  package var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// Reads what `json` writes.
  init(json: [UInt8], path: String) throws(RunError) {
    do {
      self = try JSONDecoder().decode(BenchmarkDescription.self, from: Data(json))
    } catch {
      throw .notBenchmark(path: path, fact: "it does not describe itself as one when asked to")
    }
    guard sampleProtocol == Self.sampleProtocol else {
      throw .notBenchmark(
        path: path,
        fact: "it speaks version \(sampleProtocol) of the samples' protocol, this one \(Self.sampleProtocol)")
    }
  }
}

extension SampleRunner {
  /// Asks the executable what it is, in the environment that its samples will have.
  package func describe() async throws -> BenchmarkDescription {
    let path = executable.string
    let output = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      group.addTask {
        do {
          return try await run(
            .path(executable), arguments: [BenchmarkDescription.command], environment: environment,
            output: .bytes(limit: 1 << 16), error: .discarded
          ).standardOutput
        } catch {
          try Task.checkCancellation()
          throw RunError.notBenchmark(path: path, fact: Self.fact(error))
        }
      }
      group.addTask {
        try await Task.sleep(for: Self.patience)
        throw RunError.notBenchmark(path: path, fact: "asked what it is, it did not answer within 10 s")
      }
      defer { group.cancelAll() }
      // Safety: the group has two tasks.
      return try await group.next()!
    }
    return try BenchmarkDescription(json: output, path: path)
  }

  private static func fact(_ error: any Error) -> String {
    let text = "\(error)"
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private static var patience: Duration { .seconds(10) }
}
