import ArgumentParser
import BenchmarkRun
import CommandLineTool
import HeapProbe

struct SelfTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Plant a leak of known size and measure it; measure a clean case, and nothing.")

  func run() async throws {
    if let reason = Measurability.refusal { throw Failure(.found, "this process cannot be measured: \(reason)") }
    if case .glibc(let version) = Allocator.provider { Console.out("allocator: glibc \(version)\n") }
    var failed = 0
    try await SelfTest().run { check in
      Console.out("\(check.passed ? "ok  " : "FAIL")  \(check.name)\n")
      Console.out("      measured: \(check.measured)\(check.passed ? "" : ", expected: \(check.expected)")\n")
      if !check.passed { failed += 1 }
    }
    Console.out(
      failed == 0 ? "All is measured as planted.\n" : "\(failed) checks failed: do not trust reports of this machine.\n"
    )
    if failed > 0 { throw ExitStatus.found }
  }
}
