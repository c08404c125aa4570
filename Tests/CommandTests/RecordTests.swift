import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `weakspot record`, and what the other commands say of a recording.
struct RecordTests {
  private let scratch = ScratchFolder()
  private let program = Executable.recordedProgram.path.string

  @Test(arguments: [
    ("record-help", ["record", "--help"]),
    ("record-nothing", ["record"]),
    ("record-sample-0", ["record", "--sample", "0", "--", "true"]),
    ("record-no-such-command", ["record", "--", "/nowhere/server"]),
    ("record-not-executable", ["record", "--", "/etc/passwd"]),
    ("record-no-such-folder", ["record", "--output", "/nowhere/r", "--", "true"]),
    ("record-to-device", ["record", "--output", "/dev/null", "--", "true"]),
    ("heap-recording-and-target", ["heap", "1", "--recording", "r"]),
    ("heap-stack-pages", ["heap", "1", "--by", "stack", "--pages"]),
    ("heap-folded-types", ["heap", "1", "--format", "folded"]),
    ("heap-no-recording", ["heap", "--recording", "/nowhere/r"]),
    ("heap-no-recording-file", ["heap", "--recording", "/etc/passwd"]),
  ])
  func `a question or a slip gets its answer`(name: String, arguments: [String]) async throws {
    try expectGolden(name, try await Executable.inspector.run(arguments))
  }

  @Test func `the command's status, signal and streams are its own`() async throws {
    let status = try await Executable.inspector.shell(#"echo in | "$0" record -- sh -c 'cat; echo error >&2; exit 7'"#)
    #expect(status.status == .exited(7) && status.out == "in\n" && status.error == "error\n", "\(status)")
    let signal = try await Executable.inspector.run(["record", "--", program, "crash"])
    #expect(signal.status == .signaled(SIGKILL), "\(signal)")
  }

  @Test func `a static and a set-user-id program are refused with the remedy`() async throws {
    let made = try await Executable.inspector.shell(
      #"printf 'int main(void){return 0;}' | clang -x c -static - -o "$1"; cp /bin/sh "$2"; chmod 4755 "$2"; chown 65534 "$2"; chmod u+s "$2""#,
      [scratch["static"], scratch["privileged"]])
    try #require(made.error == "", "\(made.error)")
    let refused = try await Executable.inspector.run(["record", "--", scratch["static"]])
    #expect(refused.status == .exited(126) && refused.error.contains("link it dynamically"), "\(refused)")
    guard getuid() == 0 else { return }
    let privileged = try await Executable.inspector.run(["record", "--", scratch["privileged"]])
    #expect(privileged.status == .exited(126) && privileged.error.contains("set-user-id"), "\(privileged)")
  }

  @Test func `leaks --stacks records a command, and each leaked type says where it was allocated`() async throws {
    let execution = try await Executable.inspector.run(["leaks", "--stacks", "--", program])
    #expect(execution.status == .exited(1), "\(execution.error)")
    let text = execution.error
    #expect(text.contains("RecordedProgram.Screen (10) allocated in openScreen() at main.swift:18"), "\(text)")
    #expect(text.contains("RecordedProgram.Download (10) allocated in openScreen() at main.swift:19"), "\(text)")
    #expect(text.contains("         RecordedProgram_main at main.swift:25"), "\(text)")
    // A leak without objects, too. A word on the stack may still have the address of one or another.
    #expect(text.contains(/C block, .* \([0-9]+\) allocated in loseBuffer\(\) at main\.swift:39/), "\(text)")
  }

  /// No recorder can be loaded into a static program, nor found once its descriptor is closed.
  @Test(arguments: [#"exec "$1/static""#, "for n in /proc/self/fd/*; do eval \"exec ${n##*/}>&-\"; done"])
  func `a command that leaves no recording is told why, and what to do`(line: String) async throws {
    let made = try await Executable.inspector.shell(
      #"printf 'int main(void){return 0;}' | clang -x c -static - -o "$1""#, [scratch["static"]])
    try #require(made.error == "", "\(made.error)")
    let execution = try await Executable.inspector.run(
      ["heap", "--by", "stack", "--", "bash", "-c", line, "bash", scratch.path])
    #expect(execution.status == .exited(2), "\(execution.error)")
    #expect(execution.error.contains("left no recording, so that no stacks are known: "), "\(execution.error)")
    #expect(execution.error.contains("weakspot record --output FILE -- COMMAND"), "\(execution.error)")
    #expect(execution.error.hasSuffix("It exited with status 0.\n"), "\(execution.error)")
  }

  @Test func `a stripped program's frames are told by addresses, which lead to lines in an unstripped copy`()
    async throws
  {
    let stripped = scratch["stripped"]
    _ = try await Executable.inspector.shell(#"strip -o "$1" "$2""#, [stripped, program])
    let execution = try await Executable.inspector.run(["leaks", "--stacks", "--", stripped])
    #expect(execution.status == .exited(1), "\(execution.error)")
    let text = try #require(execution.error.split(separator: "RecordedProgram.Screen (10) allocated in ").last)
    // The class's own allocator comes first: without its name, nobody knows it.
    let addresses = text.matches(of: /\[stripped\+(0x[0-9a-f]+)\]/).prefix(3).map { String($0.1) }
    let lines = try await Executable.inspector.shell(#"addr2line -f -e "$@""#, [program] + addresses)
    #expect(lines.out.contains("openScreen") && lines.out.contains("main.swift:18"), "\(text)\n\(lines)")
  }

  @Test func `what a stripped library exports has its name`() async throws {
    let (library, file) = (scratch["libstripped.so"], scratch["recording"])
    let made = try await Executable.inspector.shell(
      #"""
      set -e
      echo 'void *malloc(unsigned long); void *_ZN5Store4makeEv(void) { return malloc(54321); }' \
        | clang -x c -shared -fPIC -O1 -fno-optimize-sibling-calls -fno-omit-frame-pointer - -s -o "$1"
      echo 'void *_ZN5Store4makeEv(void); int main(void) { return !_ZN5Store4makeEv(); }' \
        | clang -x c -O1 -fno-omit-frame-pointer - -x none "$1" -o "$2"
      "$0" record --output "$3" -- "$2"
      """#,
      [library, scratch["program"], file])
    try #require(made.status == .exited(0) && made.error == "", "\(made)")
    let heap = try await Executable.inspector.run(["heap", "--recording", file, "--format", "folded"])
    #expect(heap.out.contains(";main;Store::make() 54321\n"), "\(heap)")
  }

  @Test func `leaks of a running process finds its recording by itself`() async throws {
    let arguments = ["record", "--", program, "wait"]
    try await RunningProcess.with(.path(Executable.inspector.path), arguments) { target in
      try #require(try await target.line() == "ready")
      let leaks = try await Executable.inspector.run(["leaks", "\(target.pid)"])
      #expect(leaks.status == .exited(1), "\(leaks.error)")
      #expect(
        leaks.out.contains("RecordedProgram.Screen (10) allocated in openScreen() at main.swift:18"), "\(leaks.out)")
      #expect(!leaks.out.contains("RecordedProgram_main"))
      let json = try await Executable.inspector.run(["leaks", "\(target.pid)", "--format", "json"])
      #expect(json.out.contains(#""allocatedAt": [{ "function": "openScreen()", "file": ""#), "\(json.out)")
      let heap = try await Executable.inspector.run(["heap", "\(target.pid)", "--by", "stack", "--limit", "1"])
      #expect(
        heap.status == .exited(0) && heap.out.contains("1. 97.7 KiB in 1 block, keepText() at main.swift:23"),
        "\(heap)")
      #expect(heap.out.contains("more stacks (--limit)"))
    }
  }

  @Test func `a process that is not recorded is told so`() async throws {
    try await RunningProcess.with(.path(Executable.recordedProgram.path), ["wait"]) { target in
      try #require(try await target.line() == "ready")
      let heap = try await Executable.inspector.run(["heap", "\(target.pid)", "--by", "stack"])
      #expect(heap.status == .exited(2) && heap.error.contains("start it with `weakspot record -- COMMAND`"), "\(heap)")
      let leaks = try await Executable.inspector.run(["leaks", "\(target.pid)", "--stacks"])
      #expect(leaks.status == .exited(1) && leaks.error.contains("is not recorded"), "\(leaks.error)")
      let plain = try await Executable.inspector.run(["leaks", "\(target.pid)"])
      #expect(plain.error == "" && !plain.out.contains("allocated in"))
    }
  }

  @Test func `a crash loses nothing: the recording's file is read afterwards, as text, JSON and folded`() async throws {
    let file = scratch["recording"]
    _ = try await Executable.inspector.run(["record", "--output", file, "--", program, "crash"])
    let folded = try await Executable.inspector.run(["heap", "--recording", file, "--format", "folded"])
    #expect(folded.status == .exited(0) && folded.error == "", "\(folded.error)")
    #expect(folded.out.contains(";RecordedProgram_main;keepText() 100003\n"), "\(folded.out)")
    #expect(folded.out.contains(";RecordedProgram_main;openScreen() 480\n"), "\(folded.out)")
    let json = try await Executable.inspector.run([
      "heap", "--recording", file, "--format", "json", "--filter", "keepText()",
    ])
    #expect(json.out.contains(#""bytes": 100003, "blocks": 1, "#), "\(json.out)")
  }

  @Test func `a truncated recording and one of another version are refused`() async throws {
    let file = scratch["recording"]
    _ = try await Executable.inspector.run(["record", "--output", file, "--", program])
    _ = try await Executable.inspector.shell(
      #"head -c 5000 "$1" > "$2"; head -c 4096 "$1" > "$3"; printf '\t' | dd of="$3" bs=1 seek=8 conv=notrunc 2> /dev/null"#,
      [file, scratch["short"], scratch["newer"]])
    let short = try await Executable.inspector.run(["heap", "--recording", scratch["short"]])
    #expect(short.status == .exited(2) && short.error.contains("is truncated"), "\(short)")
    let newer = try await Executable.inspector.run(["heap", "--recording", scratch["newer"]])
    #expect(newer.status == .exited(2) && newer.error.contains("is a recording of version 9"), "\(newer)")
  }
}
