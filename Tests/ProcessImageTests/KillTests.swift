import Glibc
import ProcessImage
import TestSupport
import Testing

/// Whatever happens to the inspector, the target goes on as if nothing had been.
struct KillTests {
  private static func inspect(_ arguments: [String]) throws -> Int32 {
    try TestProcess(TestProcess.path("ProcessImageChecks"), arguments).wait()
  }

  @Test func `killed at every stage of a copying run, 100 times, the inspector leaves no trace`() throws {
    let target = try TestTarget()
    let before = try target.health()
    let stages = Snapshot.Stage.allCases.filter { $0 != .forked }
    for kill in 0..<100 {
      let stage = stages[kill % stages.count]
      let status = try Self.inspect(["\(target.pid)", stage.rawValue])
      #expect(status == -SIGKILL, "\(stage)")
      try Self.waitUntilUntraced(target.pid)
    }
    try expectUnharmed(target, before)
    #expect(try Self.inspect(["\(target.pid)"]) == 0)
    try expectUnharmed(target, before)
  }

  @Test func `killed at any moment, the inspector leaves no trace`() throws {
    let target = try TestTarget()
    let before = try target.health()
    for delay in 0..<20 {
      let inspector = try TestProcess(TestProcess.path("ProcessImageChecks"), ["\(target.pid)"])
      usleep(useconds_t(delay * 1500))
      kill(inspector.pid, SIGKILL)
      _ = inspector.wait()
      try Self.waitUntilUntraced(target.pid)
    }
    try expectUnharmed(target, before)
  }

  @Test(arguments: Snapshot.Stage.allCases.filter { $0 != .forked })
  func `killed around a frozen copy, the inspector leaves no second process running`(stage: Snapshot.Stage) throws {
    let target = try TestTarget()
    let before = try target.health()
    #expect(try Self.inspect(["\(target.pid)", "fork", stage.rawValue]) == -SIGKILL)
    try Self.waitUntilUntraced(target.pid)
    // The copy ends with the inspector; it is the target's child, and `check` reaps it.
    for _ in 0..<2000 where Self.hasRunningChild(target.pid) { usleep(1000) }
    #expect(!Self.hasRunningChild(target.pid))
    _ = try target.health()
    try expectUnharmed(target, before)
  }

  @Test func `killed while the target stands in the call, the inspector takes it and the copy with it`() throws {
    let target = try TestTarget()
    #expect(try Self.inspect(["\(target.pid)", "fork", "forked"]) == -SIGKILL)
    #expect(target.process.wait() == -SIGKILL)
    // The copy has the target's stdout.
    #expect(target.process.hasClosedOutput())
  }

  /// In the midst of what it injects the target goes with it, else the target is as it was: there is no third.
  @Test
  func `killed at any moment of a forking run, the inspector leaves the target whole, or takes it along with the copy`()
    throws
  {
    var target = try TestTarget()
    var before = try target.health()
    for delay in 0..<60 {
      let inspector = try TestProcess(TestProcess.path("ProcessImageChecks"), ["\(target.pid)", "fork"])
      usleep(useconds_t(delay * 500))
      kill(inspector.pid, SIGKILL)
      _ = inspector.wait()
      try Self.waitUntilUntraced(target.pid)
      if Self.answers(target) {
        for _ in 0..<2000 where Self.hasRunningChild(target.pid) { usleep(1000) }
        #expect(!Self.hasRunningChild(target.pid))
        // `check` reaps what it finds, so that the next one finds none.
        _ = try target.health()
        try expectUnharmed(target, before)
      } else {
        #expect(target.process.hasClosedOutput(), "the copy runs on")
        #expect(target.process.wait() == -SIGKILL)
        target = try TestTarget()
        before = try target.health()
      }
    }
  }

  private static func answers(_ target: TestTarget) -> Bool {
    do {
      _ = try target.health()
      return true
    } catch {
      return false
    }
  }

  @Test(arguments: Snapshot.Stage.allCases, [SIGTSTP, SIGTTIN, SIGTTOU])
  func `a terminal's stop at any stage leaves the target running`(stage: Snapshot.Stage, signal: Int32) throws {
    let target = try TestTarget()
    let before = try target.health()
    let forks = stage == .forked ? ["fork"] : []
    let inspector = try TestProcess(
      TestProcess.path("ProcessImageChecks"), ["\(target.pid)"] + forks + [stage.rawValue, "\(signal)"], ownGroup: true)
    #expect(inspector.waitForStop() == signal)
    try expectUnharmed(target, before)
    kill(inspector.pid, SIGCONT)
    #expect(inspector.line()?.hasPrefix("copied ") == true)
    #expect(inspector.wait() == 0)
    try expectUnharmed(target, before)
  }

  @Test func `50 frozen copies leave no child and change nothing`() throws {
    let target = try TestTarget()
    let before = try target.health()
    for _ in 0..<50 {
      let snapshot = try Snapshot.capture(pid: target.pid, options: .init(forks: true))
      #expect(snapshot.warnings.isEmpty)
    }
    try expectUnharmed(target, before)
  }

  /// The kernel detaches a dead inspector's threads a moment after its end can be waited for.
  private static func waitUntilUntraced(_ pid: Int32) throws {
    for _ in 0..<5000 {
      let status = try #require(ProcessStatus.parse(Text.file("/proc/\(pid)/status")))
      if status.tracerID == 0, status.state != "t" { return }
      usleep(200)
    }
    Issue.record("still traced")
  }

  private static func hasRunningChild(_ pid: Int32) -> Bool {
    Text.file("/proc/\(pid)/task/\(pid)/children").split(separator: " ").contains { child in
      ProcessStatus.parse(Text.file("/proc/\(child)/status")).map { $0.state != "Z" } ?? false
    }
  }
}
