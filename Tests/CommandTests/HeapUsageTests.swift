import Subprocess
import Testing

/// What wrong arguments and questions to `weakspot heap` get: golden files of stdout, stderr and exit status.
struct HeapUsageTests {
  @Test(arguments: [
    ("weakspot-help", ["--help"]),
    ("weakspot-version", ["--version"]),
    ("weakspot-nothing", []),
    ("heap-help", ["heap", "--help"]),
    ("heap-no-target", ["heap"]),
    ("heap-two-targets", ["heap", "1", "--", "true"]),
    ("heap-name", ["heap", "server"]),
    ("heap-pid-0", ["heap", "0"]),
    ("heap-large-pid", ["heap", "99999999999"]),
    ("heap-limit-0", ["heap", "1", "--limit", "0"]),
    ("heap-unknown-sort", ["heap", "1", "--sort", "size"]),
    ("heap-unknown-format", ["heap", "1", "--format", "xml"]),
    ("heap-fork-of-command", ["heap", "--fork", "--", "true"]),
    ("heap-no-such-command", ["heap", "--", "/nowhere/server"]),
    ("heap-not-executable", ["heap", "--", "/etc/passwd"]),
  ])
  func `a question or a slip gets its answer`(name: String, arguments: [String]) async throws {
    try expectGolden(name, try await Executable.inspector.run(arguments))
  }
}
