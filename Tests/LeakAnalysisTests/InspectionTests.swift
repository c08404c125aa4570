import Glibc
import LeakAnalysis
import ProcessImage
import Synchronization
import Testing

/// How often a process is stopped to be looked at.
struct InspectionTests {
  /// Counts the stops of a look at `InspectedProgram`, built beside the executable that runs the tests.
  static func look(at arguments: String) throws -> (inspection: Inspection, stops: Int) {
    let folder = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let program = folder.joined(separator: "/") + "/InspectedProgram"
    // A socket, since it closes on exec from the beginning: other tests start programs at the same time.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var texts = ([program] + arguments.split(separator: " ").map(String.init)).map { strdup($0) } + [nil]
    defer { for text in texts { free(text) } }
    var pid: Int32 = 0
    let failure = posix_spawn(&pid, program, &actions, nil, &texts, environ)
    close(ends[1])
    try #require(failure == 0)
    defer {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    var ready = [UInt8](repeating: 0, count: 6)
    try #require(read(ends[0], &ready, 6) == 6 && ready.elementsEqual("ready\n".utf8))
    let stops = Count()
    let options = Snapshot.Options { if $0.stage == .stopped { stops.value.add(1, ordering: .relaxed) } }
    let inspection = try Inspection.look(at: pid, options: options)
    return (inspection, stops.value.load(ordering: .relaxed))
  }

  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  @Test func `a heap that adds up is looked at once`() throws {
    let (inspection, stops) = try Self.look(at: "heap")
    #expect(inspection.isTrusted && inspection.warnings == [])
    #expect(stops == 1)
  }

  @Test func `a damaged heap is looked at twice`() throws {
    let (inspection, stops) = try Self.look(at: "damaged 0")
    #expect(!inspection.isTrusted)
    #expect(inspection.warnings.contains { $0.contains("the walk stopped there") })
    #expect(stops == 2)
  }
}
