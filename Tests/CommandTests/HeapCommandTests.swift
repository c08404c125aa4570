import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `weakspot heap -- COMMAND`: the command keeps its streams, and is looked at when it exits.
struct HeapCommandTests {
  private let scratch = ScratchFolder()
  private let program = Executable.inspectedProgram.path.string

  @Test func `stdin and stdout are the command's, and the report goes to stderr`() async throws {
    let execution = try await Executable.inspector.shell(
      #"printf 'one\ntwo' | "$0" heap --format json -- "$1" echo 7"#, [program])
    #expect(execution.status == .exited(0))
    #expect(execution.out == "one\ntwo")
    let report = try HeapReportJSON(execution.error)
    #expect(report.target.command == .init(status: 7, signal: nil))
    #expect(report.target.executable == program)
    #expect(report.count("InspectedProgram.Node", "class") == 1000)
    #expect(report.count("Task", "task") == 3)
    #expect(report.warnings == [])
  }

  @Test(arguments: [SIGTERM, SIGKILL, SIGINT]) func `a signal that ends the command is told`(signal: Int32) async throws
  {
    let execution = try await Executable.inspector.run([
      "heap", "--format", "json", "--output", scratch["heap.json"], "--", program, "kill", "\(signal)",
    ])
    #expect(execution.status == .exited(0), "\(execution.error)")
    #expect(execution.out == "" && execution.error == "")
    let report = try HeapReportJSON(try scratch.read("heap.json"))
    #expect(report.target.command == .init(status: nil, signal: Int(signal)))
    #expect(report.count("InspectedProgram.Cell<Int>", "class") == 11)
  }

  @Test func `text says how the command ended`() async throws {
    let exited = try await Executable.inspector.run(["heap", "--", program, "exit", "3"])
    #expect(exited.status == .exited(0) && exited.out == "")
    #expect(exited.error.replacing("\n", with: " ").contains("It exited with status 3."), "\(exited.error)")
    let killed = try await Executable.inspector.run(["heap", "--", program, "kill", "15"])
    #expect(killed.error.replacing("\n", with: " ").contains("It was ended by signal 15."), "\(killed.error)")
  }

  @Test func `a script's program is inspected if the script becomes it`() async throws {
    let execution = try await Executable.inspector.run([
      "heap", "--format", "csv", "--filter", "Node", "--", "sh", "-c", "exec \(program) exit 0",
    ])
    #expect(execution.status == .exited(0))
    #expect(execution.error.contains("InspectedProgram.Node,class,,,1000,48000,40000,\n"), "\(execution.error)")
  }

  @Test(arguments: [
    ("sleep 0.01; exit 5", "It exited with status 5."), ("kill -9 $$", "It was ended by signal 9."),
  ])
  func `a command that is no Swift program is refused after it ran, and its ending told`(
    line: String, ending: String
  ) async throws {
    let execution = try await Executable.inspector.run(["heap", "--", "sh", "-c", "echo out; \(line)"])
    #expect(execution.status == .exited(2))
    #expect(execution.out == "out\n")
    #expect(execution.error.contains("is no Swift program"), "\(execution.error)")
    #expect(execution.error.hasSuffix(ending + "\n"), "\(execution.error)")
  }

  @Test func `the ending of a command with a damaged heap is told`() async throws {
    for command in ["heap", "leaks"] {
      let execution = try await Executable.inspector.shell(
        #""$0" "$1" -- "$2" damaged 0 < /dev/null"#, [command, program])
      #expect(execution.status == .exited(2))
      #expect(execution.error.contains("the walk stopped there"), "\(execution.error)")
      let text = execution.error.replacing("\n", with: " ")
      #expect(text.contains("It exited with status 0."), "\(execution.error)")
    }
  }

  @Test(arguments: ["", "trap '' INT XFSZ TSTP; "])
  func `the command gets signals as we got them`(before: String) async throws {
    let line = before + #"exec env -u _ "$@" sh -c 'grep -E "^Sig(Ign|Cgt)" /proc/$$/status'"#
    let plain = try await Executable.inspector.shell(line)
    let under = try await Executable.inspector.shell(line, [Executable.inspector.path.string, "heap", "--"])
    // Those above 31 are the C library's own.
    func masks(_ text: String) -> [UInt64] {
      text.matches(of: /\t([0-9a-f]{16})\n/).map { (UInt64($0.1, radix: 16) ?? 0) & 0x7fff_ffff }
    }
    #expect(masks(plain.out).count == 2 && masks(plain.out) == masks(under.out), "\(plain.out) \(under.out)")
  }

  @Test func `a SIGTERM is the command's`() async throws {
    let script = #"""
      "$0" heap --format json --output "$2" -- "$1" heap < <(exec sleep 30) > "$3" & pid=$!
      until grep -qs ready "$3"; do sleep 0.01; done
      kill -TERM $pid; wait $pid
      """#
    let execution = try await Executable.inspector.shell(
      script, [program, scratch["heap.json"], scratch["out"]])
    #expect(execution.status == .exited(0), "\(execution.error)")
    let report = try HeapReportJSON(try scratch.read("heap.json"))
    #expect(report.target.command == .init(status: nil, signal: Int(SIGTERM)))
  }
}
