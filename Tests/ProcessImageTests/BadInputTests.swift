import Glibc
import ProcessImage
import TestSupport
import Testing

struct BadInputTests {
  private func refusal(_ pid: Int32, forks: Bool = false) -> ProcessError? {
    do throws(ProcessError) {
      _ = try Snapshot.capture(pid: pid, options: .init(forks: forks))
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [Int32(0), -1, .min, .max, 1 << 22 + 1]) func `a number that no process has`(pid: Int32) {
    #expect(refusal(pid) == .noSuchProcess(pid: pid))
  }

  @Test func `the inspector itself, and its threads`() throws {
    #expect(refusal(getpid()) == .itself(pid: getpid()))
    // Whichever thread runs this; the others may end at any time.
    var link = [UInt8](repeating: 0, count: 64)
    let size = readlink("/proc/thread-self", &link, link.count)
    let name = String(decoding: link[..<max(0, size)], as: UTF8.self).split(separator: "/").last
    let thread = try #require(name.flatMap { Int32($0) })
    #expect(refusal(thread) == .itself(pid: thread))
  }

  @Test func `a zombie`() throws {
    let process = try TestProcess("true", [])
    while ProcessStatus.parse(Text.file("/proc/\(process.pid)/status"))?.state != "Z" { usleep(1000) }
    #expect(refusal(process.pid) == .zombie(pid: process.pid, name: "true", parent: getpid()))
    #expect(process.wait() == 0)
  }

  @Test func `a thread of the kernel`() throws {
    let status = try #require(ProcessStatus.parse(Text.file("/proc/2/status")))
    try #require(status.isKernelThread)
    #expect(refusal(2) == .kernelThread(pid: 2, name: status.name))
  }

  @Test func `a thread that is no process says whose it is`() throws {
    let target = try TestTarget()
    let before = try target.health()
    let threads = Folder.names("/proc/\(target.pid)/task").compactMap { Int32($0) }
    let other = try #require(threads.sorted().dropFirst().first)
    #expect(refusal(other) == .threadOfAnother(thread: other, process: target.pid, name: "ProcessImageTar"))
    try expectUnharmed(target, before)
  }

  @Test func `a process that is traced already names the tracer`() throws {
    let target = try TestTarget("single")
    let tracer = try TestProcess(TestProcess.path("ProcessImageChecks"), ["hold", "\(target.pid)"])
    #expect(tracer.line() == "traced")
    #expect(try #require(waitForTracer(of: target.pid)) == tracer.pid)
    #expect(
      refusal(target.pid) == .alreadyTraced(pid: target.pid, tracer: tracer.pid, tracerName: "ProcessImageChe"))
  }

  private func waitForTracer(of pid: Int32) -> Int32? {
    for _ in 0..<5000 {
      if let tracer = ProcessStatus.parse(Text.file("/proc/\(pid)/status"))?.tracerID, tracer != 0 { return tracer }
      usleep(1000)
    }
    return nil
  }

  @Test func `another user is not permitted, and is told the remedy`() throws {
    try #require(getuid() == 0, "needs root, to become another user")
    let target = try TestTarget()
    let before = try target.health()
    let inspector = try TestProcess(TestProcess.path("ProcessImageChecks"), ["user", "65534", "\(target.pid)"])
    let line = try #require(inspector.line())
    #expect(inspector.wait() == 2)
    #expect(
      line.contains("it runs as user 0, the inspector as user 65534; run the inspector as that user or with sudo"))
    try expectUnharmed(target, before)
  }

  @Test func `a process that ends while it is captured`() throws {
    let target = try TestTarget("single")
    let pid = target.pid
    var options = Snapshot.Options()
    options.progress = { progress in
      if progress.stage == .populated { kill(pid, SIGKILL) }
    }
    #expect(throws: ProcessError.exited(pid: pid)) { try Snapshot.capture(pid: pid, options: options) }
  }

  @Test func `an image for which there is no address space is an error that names it`() throws {
    let target = try TestTarget()
    let before = try target.health()
    let inspector = try TestProcess(TestProcess.path("ProcessImageChecks"), ["narrow", "\(target.pid)"])
    let line = try #require(inspector.line())
    #expect(line.contains(/^\d+: \/\S+ cannot be mapped: our address space \(ulimit -v\)/), "\(line)")
    #expect(line.hasSuffix("; raise the limit"), "\(line)")
    #expect(inspector.wait() == 2)
    try expectUnharmed(target, before)
  }

  @Test(arguments: [false, true])
  func `a process that ends right after it was copied is said to have ended`(forks: Bool) throws {
    let target = try TestTarget("single")
    let pid = target.pid
    var options = Snapshot.Options(forks: forks)
    options.progress = { progress in
      guard progress.stage == (forks ? .copied : .resumed) else { return }
      kill(pid, SIGKILL)
      while ProcessStatus.parse(Text.file("/proc/\(pid)/status")).map({ $0.state != "Z" }) ?? false { usleep(100) }
    }
    #expect(throws: ProcessError.exited(pid: pid)) { try Snapshot.capture(pid: pid, options: options) }
  }

  @Test(arguments: [Snapshot.Stage.populated, .resumed])
  func `a process that executes another program is said to have`(stage: Snapshot.Stage) throws {
    let process = try TestProcess("sh", ["-c", "echo ready; read line; exec sleep 60"])
    #expect(process.line() == "ready")
    var options = Snapshot.Options()
    options.progress = { progress in
      guard progress.stage == stage else { return }
      process.write("go")
      while ProcessStatus.parse(Text.file("/proc/\(process.pid)/status"))?.name != "sleep" { usleep(100) }
    }
    #expect(throws: ProcessError.executed(pid: process.pid)) {
      try Snapshot.capture(pid: process.pid, options: options)
    }
    #expect(refusal(process.pid) == nil)
  }

  @Test func `a 32-bit program`() throws {
    let folder = ScratchFolder()
    let program = folder["program"]
    // int 0x80 with eax 29, pause, again and again: the smallest ELFCLASS32 program that waits.
    let code: [UInt8] = [0xb8, 29, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7]
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1] + Array(repeating: 0, count: 9)
    file += [
      2, 0, 3, 0, 1, 0, 0, 0, 0x54, 0x80, 4, 8, 52, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 52, 0, 32, 0, 1, 0, 0, 0, 0, 0, 0,
      0,
    ]
    file += [
      1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 4, 8, 0, 0x80, 4, 8, 0x5d, 0, 0, 0, 0x5d, 0, 0, 0, 5, 0, 0, 0, 0, 0x10, 0, 0,
    ]
    file += code
    let descriptor = open(program, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755)
    try #require(descriptor >= 0)
    #expect(write(descriptor, file, file.count) == file.count)
    close(descriptor)
    let process: TestProcess
    do { process = try TestProcess(program, []) } catch { try Test.cancel("this kernel runs no 32-bit programs") }
    guard !Text.file("/proc/\(process.pid)/maps").isEmpty else { try Test.cancel("this kernel ends 32-bit programs") }
    #expect(refusal(process.pid) == .thirtyTwoBit(pid: process.pid, path: program))
    kill(process.pid, SIGKILL)
    #expect(process.wait() == -SIGKILL)
  }

  @Test func `a process under seccomp makes no frozen copy, but can be copied`() throws {
    let target = try TestTarget("filtered")
    let before = try target.health()
    guard case .cannotFork(pid: target.pid, let reason) = refusal(target.pid, forks: true) else {
      Issue.record("not refused")
      return
    }
    #expect(reason.contains("seccomp"))
    #expect(refusal(target.pid) == nil)
    #expect(try target.health().faults == before.faults)
  }

  @Test func `a stopped process stays stopped, and goes on when it is told to`() throws {
    let target = try TestTarget()
    let before = try target.health()
    kill(target.pid, SIGSTOP)
    while ProcessStatus.parse(Text.file("/proc/\(target.pid)/status"))?.state != "T" { usleep(1000) }
    #expect(refusal(target.pid) == nil)
    // Let go, each thread stops again when it has its turn.
    func isStopped() -> Bool { ProcessStatus.parse(Text.file("/proc/\(target.pid)/status"))?.state == "T" }
    for _ in 0..<10_000 where !isStopped() { usleep(1000) }
    usleep(5000)
    #expect(isStopped())
    kill(target.pid, SIGCONT)
    try expectUnharmed(target, before)
  }
}

enum Folder {
  static func names(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }
}
