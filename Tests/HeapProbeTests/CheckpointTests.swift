import HeapProbe
import Subprocess
import SystemPackage
import Testing

/// Counts of a whole process, read in a process of its own (Tests/HeapProbeChecks).
struct CheckpointTests {
  @Test func `the counts of a process are exact`() async throws {
    #expect(try await measure(tunables: nil) == Self.expected(blocksPerSize: 7))
  }

  @Test func `the counts of a process without thread cache are exact`() async throws {
    #expect(try await measure(tunables: "glibc.malloc.tcache_count=0") == Self.expected(blocksPerSize: 0))
  }

  @Test func `a thread cache of another size is measured and filled`() async throws {
    #expect(try await measure(tunables: "glibc.malloc.tcache_count=20") == Self.expected(blocksPerSize: 20))
  }

  @Test func `the clock does not go back`() {
    let first = monotonicNanoseconds()
    #expect(monotonicNanoseconds() >= first)
  }

  /// A block of 1 MiB has a mapping of its own: whole pages, its header in one more.
  private static func expected(blocksPerSize: Int) -> [String] {
    [
      "the process's first two checkpoints=0", "checkpoints that differ from the one before=0",
      "planted bytes in use=1052672",
      "planted bytes mapped=1052672", "bytes in use after free=0", "resident=1", "private dirty=1",
      "resident after unmapping=0", "peak after unmapping=1", "peak after reset=0", "faults=1",
      "bytes captured stacks leave in use=0", "blocks a thread caches=\(blocksPerSize)", "filled, 24=0",
      "filled, 40=0", "filled, 56=0", "filled, 200=0", "filled, 1032=0", "unfilled, 40=\(blocksPerSize * 48)",
    ]
  }

  private func measure(tunables: String?) async throws -> [String] {
    // The executable lies beside the one that runs the tests.
    let tests = try #require(FilePath(CommandLine.arguments[0]).removingLastComponent() as FilePath?)
    let result = try await run(
      .path(tests.appending("HeapProbeChecks")), environment: .inherit.updating(["GLIBC_TUNABLES": tunables]),
      output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
    #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
    return result.standardOutput.split(separator: "\n").map(String.init)
  }
}
