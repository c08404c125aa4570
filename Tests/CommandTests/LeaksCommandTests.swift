import Subprocess
import Testing

/// `weakspot leaks --confirm`.
struct LeaksCommandTests {
  /// 4,295 seconds are more microseconds than 32 bits hold.
  @Test(arguments: ["4295", "86400"]) func `a second look may be hours away`(seconds: String) async throws {
    try await RunningProcess.target("heap") { target in
      let execution = try await Executable.inspector.shell(
        #"timeout 2 "$0" leaks "$1" --confirm "$2""#, ["\(target.pid)", seconds])
      // It waits until timeout(1) ends it.
      #expect(execution.status == .exited(124), "\(execution.error)")
      #expect(execution.out == "" && execution.error == "", "\(execution.error)")
    }
  }

  @Test(arguments: ["-1", "86401", "nan", "soon"]) func `no time to wait for`(seconds: String) async throws {
    let execution = try await Executable.inspector.run(["leaks", "1", "--confirm=\(seconds)"])
    #expect(execution.status == .exited(64) && execution.error.contains("confirm"), "\(execution.error)")
  }

  @Test func `two looks at what does not change say what one says`() async throws {
    try await RunningProcess.target("heap") { target in
      let once = try await Executable.inspector.run(["leaks", "\(target.pid)", "--format", "json"])
      let twice = try await Executable.inspector.run(["leaks", "\(target.pid)", "--format", "json", "--confirm", "0"])
      #expect(once.status == twice.status)
      func leaks(_ text: String) -> Substring? { text.firstRange(of: #""leaks""#).map { text[$0.lowerBound...] } }
      #expect(leaks(once.out) != nil && leaks(once.out) == leaks(twice.out), "\(twice.out)")
    }
  }
}
