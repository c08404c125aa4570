import Glibc
import ProcessImage
import TestSupport
import Testing

struct LaunchTests {
  private static let target = TestProcess.path("ProcessImageTarget")

  @Test(arguments: [
    ("exit 3", LaunchedProcess.Ending.exited(status: 3)), ("_exit", .exited(status: 8)),
    ("thread-exit", .exited(status: 9)), ("thread-crash", .signaled(signal: SIGSEGV)),
    ("kill", .signaled(signal: SIGKILL)), ("fork-exit", .exited(status: 3)),
  ])
  func `a command is captured at its end with all threads`(order: String, ending: LaunchedProcess.Ending) throws {
    let run = try LaunchedProcess.run([Self.target, "multi", order])
    #expect(run.ending == ending)
    let snapshot = try run.snapshot.get()
    #expect(snapshot.pid == run.pid)
    #expect(snapshot.threads.count >= 8)
    let image = try #require(snapshot.images.first { $0.path.hasSuffix("ProcessImageTarget") })
    let facts = try #require(image.address(ofSymbol: "target_facts"))
    #expect(snapshot.word(at: facts) == 0x5745_414b_5350_4f54)
    // Shared memory, which could not be read any more now.
    let shared = try #require(snapshot.pointer(at: facts + 24))
    #expect(snapshot.string(at: shared) == "shared")
    #expect(Text.file("/proc/\(run.pid)/status").isEmpty)
  }

  @Test func `what a command executes in its place is what is captured`() throws {
    let run = try LaunchedProcess.run([Self.target, "multi", "thread-exec"])
    #expect(run.ending == .exited(status: 0))
    #expect(try run.snapshot.get().executable.hasSuffix("/sleep"))
  }

  @Test func `a script's own process is captured, not its children`() throws {
    let run = try LaunchedProcess.run(["sh", "-c", "(exit 4); sleep 0.01 & wait; exit 6"])
    #expect(run.ending == .exited(status: 6))
    #expect(try run.snapshot.get().pid == run.pid)
  }

  @Test func `a signal ends the command as usual`() throws {
    let run = try LaunchedProcess.run(["sleep", "100"]) { kill($0, SIGTERM) }
    #expect(run.ending == .signaled(signal: SIGTERM))
    #expect(try run.snapshot.get().threads.count == 1)
  }

  @Test func `a command that stops itself goes on when it is told to`() throws {
    let run = try LaunchedProcess.run(["sh", "-c", "(sleep 0.05; kill -CONT $$) & kill -STOP $$; exit 5"])
    #expect(run.ending == .exited(status: 5))
  }

  @Test(arguments: [
    ("/no/such/program", ENOENT), ("no-such-program-anywhere", ENOENT), ("/etc/passwd", EACCES), ("", ENOENT),
  ])
  func `a command that cannot be started says why`(command: String, errno: Int32) throws {
    #expect(throws: ProcessError.cannotStart(command: command, errno: errno)) { try LaunchedProcess.run([command]) }
  }

  @Test func `no command at all`() throws {
    #expect(throws: ProcessError.cannotStart(command: "", errno: ENOENT)) { try LaunchedProcess.run([]) }
  }
}
