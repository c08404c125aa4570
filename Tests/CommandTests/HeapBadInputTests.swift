import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// What `weakspot heap` cannot inspect: exit status 2, a message with the cause and the remedy, nothing on stdout, and a
/// target that is as it was.
struct HeapBadInputTests {
  private let scratch = ScratchFolder()

  private func expectRefusal(
    _ execution: Execution, _ says: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(execution.status == .exited(2), "\(execution.error)", sourceLocation: sourceLocation)
    #expect(execution.out == "", sourceLocation: sourceLocation)
    #expect(execution.error.hasPrefix("weakspot: ") && execution.error.hasSuffix("\n"), sourceLocation: sourceLocation)
    #expect(execution.error.split(separator: "\n").count == 1, "\(execution.error)", sourceLocation: sourceLocation)
    for text in says {
      #expect(execution.error.contains(text), "\(execution.error)", sourceLocation: sourceLocation)
    }
  }

  private func heap(_ pid: Int32, _ options: String...) async throws -> Execution {
    try await Executable.inspector.run(["heap", "\(pid)"] + options)
  }

  @Test func `a number that no process has`() async throws {
    expectRefusal(try await heap(.max), "2147483647: no such process", "another PID namespace (a container)")
  }

  @Test func `a zombie`() async throws {
    // A child that ends when its parent is a program that asks for no child's end.
    let script = #"(until [ "$(cat /proc/$$/comm)" = sleep ]; do :; done) & echo $!; exec sleep 60"#
    try await RunningProcess.with(.name("bash"), ["-c", script]) { parent in
      let zombie = try #require(try await parent.line().flatMap { Int32($0) })
      while try RunningProcess.status("State", of: zombie).first != "Z" { usleep(1000) }
      expectRefusal(try await heap(zombie), "\(zombie): ", "a zombie", "`-- COMMAND`")
    }
  }

  @Test(
    .enabled("process 2 is no thread of the kernel here") { FileManager.default.fileExists(atPath: "/proc/2/stat") })
  func `a thread of the kernel`() async throws {
    try #require(try RunningProcess.status("PPid", of: 2) == "0")
    expectRefusal(try await heap(2), "2: kthreadd is a thread of the kernel")
  }

  @Test func `a program without Swift`() async throws {
    try await RunningProcess.with(.name("sleep"), ["60"]) { target in
      while try target.status("Name") != "sleep" { usleep(1000) }
      expectRefusal(try await heap(target.pid), "/sleep is no Swift program", "Name a process that runs Swift code")
      #expect(try target.status("State").first == "S" && target.status("TracerPid") == "0")
    }
  }

  @Test(.enabled("only root may become another user") { getuid() == 0 })
  func `another user's process`() async throws {
    try await RunningProcess.target("heap") { target in
      let script = #"""
        chmod 755 "$2"; install -m 755 "$0" "$2/weakspot"; cd /
        exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$2/weakspot" heap "$1"
        """#
      expectRefusal(
        try await Executable.inspector.shell(script, ["\(target.pid)", scratch.path]),
        "\(target.pid): not permitted to inspect it: it runs as user 0, the inspector as user 65534",
        "run the inspector as that user or with sudo")
    }
  }

  @Test func `a process that ends while it is read`() async throws {
    let script = #"""
      for round in $(seq 40); do
        "$1" exit 0 & target=$!
        sleep 0.0$((round % 10))$((round % 7))
        "$0" heap $target --format csv > "$2" 2> "$3"; status=$?
        wait $target
        [ $status -eq 0 ] && [ -s "$2" ] && continue
        [ $status -eq 2 ] && [ -s "$3" ] && ! [ -s "$2" ] && continue
        echo "status $status: $(cat "$3")"
      done
      """#
    let execution = try await Executable.inspector.shell(
      script, [Executable.inspectedProgram.path.string, scratch["out"], scratch["error"]])
    #expect(execution.status == .exited(0))
    #expect(execution.out == "", "\(execution.out)")
  }

  @Test func `a process that is traced already`() async throws {
    try await RunningProcess.target("heap") { target in
      try await RunningProcess.with(.path(Executable.imageChecks.path), ["hold", "\(target.pid)"]) { tracer in
        try #require(try await tracer.line() == "traced")
        expectRefusal(
          try await heap(target.pid), "\(target.pid): already traced by process \(tracer.pid) (ProcessImageChe)",
          "detach or end that one first")
      }
    }
  }

  @Test func `the inspector itself`() async throws {
    expectRefusal(
      try await Executable.inspector.shell(#"exec "$0" heap $$"#), "this is the inspector itself",
      "give another process")
  }

  @Test func `a thread of another process`() async throws {
    try await RunningProcess.target("loop") { target in
      let thread = try #require(try await target.ask("worker").flatMap { Int32($0) })
      expectRefusal(
        try await heap(thread), "\(thread): a thread of process \(target.pid) (InspectedProgra), not a process",
        "give \(target.pid)")
    }
  }

  @Test func `a 32-bit program`() async throws {
    // int 0x80 with eax 29 is pause(2).
    let script = #"""
      printf '.globl _start\n_start: mov $29, %%eax; int $0x80; jmp _start\n' | as --32 -o "$1.o" -
      ld -m elf_i386 -o "$1" "$1.o"
      """#
    let path = scratch["pause"]
    try #require(try await Executable.inspector.shell(script, [path]).status == .exited(0))
    let started = try await Executable.inspector.shell(#"timeout 0.2 "$1""#, [path])
    guard started.status == .exited(124) else {
      try Test.cancel("this kernel runs no 32-bit programs: \(started.status)")
    }
    try await RunningProcess.with(.path(FilePath(path)), []) { target in
      while try target.status("Name") != "pause" { usleep(1000) }
      expectRefusal(try await heap(target.pid), "\(path) is a 32-bit program", "only 64-bit programs can be inspected")
      #expect(try target.status("TracerPid") == "0")
    }
  }

  /// 0 would be walked for ever, 33 leads into the block's own zeros, the others out of the heap.
  @Test(arguments: ["0", "1", "33", "8", "-1", "2147483647"])
  func `a damaged heap says where the walk stopped`(size: String) async throws {
    try await RunningProcess.target("damaged", size) { target in
      let execution = try await heap(target.pid, "--limit", "3")
      #expect(execution.status == .exited(2))
      #expect(execution.error.contains("weakspot: warning: arena 0: the chunk at 0x"), "\(execution.error)")
      #expect(execution.error.contains("; the walk stopped there\n"))
      #expect(execution.error.contains("\nweakspot: the heap does not add up, so that the counts above may be wrong: "))
      #expect(execution.error.hasSuffix("something has written over it; look again\n"))
      #expect(execution.out.contains("all live blocks"))
      let report = try HeapReportJSON(try await heap(target.pid, "--format", "json").out)
      #expect(report.warnings.contains { $0.contains("the walk stopped there") })
    }
  }

  /// A machine with so little memory is made of a file in place of /proc/meminfo.
  @Test(.enabled("only root may show other files to a program") { getuid() == 0 })
  func `a copy that would not fit`() async throws {
    try scratch.write("MemTotal: 8000000 kB\nMemAvailable: 9000 kB\n", to: "meminfo")
    let script = #"""
      mount --bind "$3" /proc/meminfo && exec "$0" "$2" "$1"
      """#
    let mayMount = try await Executable.inspector.shell("unshare -m true")
    guard mayMount.status == .exited(0) else { try Test.cancel("no mount namespaces here: \(mayMount.error)") }
    try await RunningProcess.target("heap") { target in
      for command in ["heap", "leaks"] {
        let execution = try await Executable.inspector.shell(
          #"exec unshare -m bash -c "$4" "$0" "$1" "$2" "$3""#,
          ["\(target.pid)", command, scratch["meminfo"], script])
        expectRefusal(
          execution, "\(target.pid): a copy needs 1", " MiB, and the machine leaves 8 MiB",
          "free memory, or raise the limit")
      }
    }
  }

  @Test func `a /proc whose numbers are another PID namespace's`() async throws {
    let mayUnshare = try await Executable.inspector.shell("unshare -pf true")
    guard mayUnshare.status == .exited(0) else { try Test.cancel("no PID namespaces here: \(mayUnshare.error)") }
    let says = "/proc is another PID namespace's"
    try await RunningProcess.target("heap") { target in
      let process = try await Executable.inspector.shell(#"exec unshare -pf "$0" heap "$1""#, ["\(target.pid)"])
      expectRefusal(process, "\(target.pid): \(says)", "mount -t proc proc /proc")
    }
    let command = try await Executable.inspector.shell(
      #"exec unshare -pf "$0" leaks -- "$1" exit 3"#, [Executable.inspectedProgram.path.string])
    expectRefusal(command, says, "It exited with status 3.")
  }

  @Test func `a copy for which there are no addresses left`() async throws {
    try await RunningProcess.target("sparse") { target in
      func heap(limit kilobytes: Int) async throws -> Execution {
        try await Executable.inspector.shell(#"ulimit -v $2; "$0" heap "$1""#, ["\(target.pid)", "\(kilobytes)"])
      }
      let execution = try await heap(limit: 8_000_000)
      expectRefusal(execution, "\(target.pid): a copy needs 65", "our address space (ulimit -v) leaves ")
      let numbers = try #require(try #/needs (\d+) MiB.*leaves (\d+) MiB/#.firstMatch(in: execution.error)?.output)
      let (needed, left) = (try #require(Int(numbers.1)), try #require(Int(numbers.2)))
      // 7,812 MiB less what the inspector itself takes.
      #expect((4000..<7812).contains(left), "\(execution.error)")
      // What is missing, and a little: not enough for room around each part of the copy.
      let enough = try await heap(limit: 8_000_000 + (needed - left + 256) << 10)
      #expect(enough.status == .exited(0), "\(enough.error)")
    }
  }

  @Test(arguments: [45_000, 60_000, 100_000, 180_000, 250_000, 450_000, 1_100_000])
  func `however little address space there is, the heap is told whole, or what is missing`(kilobytes: Int) async throws
  {
    try await RunningProcess.target("heap") { target in
      for command in ["heap", "leaks"] {
        let execution = try await Executable.inspector.shell(
          #"ulimit -v $2; "$0" "$3" "$1""#, ["\(target.pid)", "\(kilobytes)", command])
        if execution.status == .exited(0) {
          #expect(execution.error == "" && kilobytes > 100_000)
        } else {
          expectRefusal(execution, "\(target.pid): ", "ulimit -v", "raise the limit")
        }
        #expect(execution.status == .exited(0) || kilobytes < 250_000)
      }
    }
  }

  @Test func `a program without reflection metadata has names, and no proofs`() async throws {
    let source = """
      import Glibc
      final class Ring { var next: Ring? }
      final class Kept { let ring = Ring() }
      let kept = (0..<50).map { _ in Kept() }
      @inline(never) func leak() { let one = Ring(), two = Ring(); one.next = two; two.next = one }
      leak()
      print("ready", kept.count)
      fflush(nil)
      while let line = readLine() { if line.isEmpty { break } }
      print(kept.count)
      """
    try scratch.write(source, to: "Names.swift")
    let path = scratch["Names"]
    let built = try await Executable.inspector.shell(
      #"swiftc -Xfrontend -disable-reflection-metadata "$1.swift" -o "$1""#, [path])
    try #require(built.status == .exited(0), "\(built.error)")
    try await RunningProcess.with(.path(FilePath(path)), []) { target in
      try #require(try await target.line() == "ready 50")
      let census = try await heap(target.pid)
      let says = "warning: Names: built without reflection metadata (-disable-reflection-metadata)"
      #expect(census.status == .exited(0) && census.error.contains(says), "\(census.error)")
      #expect(census.out.contains("Names.Kept") && census.out.contains("Names.Ring"))
      let leaks = try await Executable.inspector.run(["leaks", "\(target.pid)"])
      #expect(leaks.status == .exited(1) && leaks.error.contains("so that its types have names and no fields"))
      #expect(leaks.out.contains("1 leak, 2 objects"), "\(leaks.out)")
      #expect(leaks.out.contains("unreachable") && !leaks.out.contains("proven"), "\(leaks.out)")
    }
  }

  @Test func `an output that cannot be written is told, with its path`() async throws {
    try await RunningProcess.target("heap") { target in
      expectRefusal(
        try await heap(target.pid, "--output", "/nowhere/heap.txt"),
        "/nowhere/heap.txt: cannot be written: No such file")
    }
  }

  @Test(arguments: [["heap"], ["heap", "--format", "json"], ["leaks"], ["leaks", "--format", "json"], ["why", "*"]])
  func `how the command ended is told also where its report cannot be written`(arguments: [String]) async throws {
    let execution = try await Executable.inspector.run(
      arguments + ["--output", "/nowhere/report", "--", Executable.inspectedProgram.path.string, "exit", "7"])
    #expect(execution.status == .exited(2))
    let says = "/nowhere/report: cannot be written: No such file or directory. It exited with status 7."
    #expect(execution.error.contains(says), "\(execution.error)")
  }
}
