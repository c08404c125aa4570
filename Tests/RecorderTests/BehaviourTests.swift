import Glibc
import RecorderLaunch
import Recording
import TestSupport
import Testing

/// A recorded program does what it does unrecorded.
struct BehaviourTests {
  @Test(
    arguments: [
      "./behaviour", "./corners", "./throws", "./concurrency",
      "bash -c 'a=$(echo 1; ls / | sort); echo \"$a\"; exit 7'",
      "bash -c 'kill -TERM $$'",
      "python3 -c 'import json, os, subprocess, sys, threading; print(json.dumps(dict(x=[1] * 9)), os.environ.get(\"LD_PRELOAD\"), "
        + "subprocess.run([\"env\"], capture_output=True).stdout.count(b\"WEAKSPOT\")); t = [threading.Thread(target=lambda: None) "
        + "for _ in range(50)]; [x.start() for x in t]; [x.join() for x in t]; sys.exit(3)'",
      "swift-format format /opt/nonexistent.swift", "/nonexistent/program", "/etc/passwd", "printenv LD_PRELOAD",
    ],
    [
      RecorderSettings(), RecorderSettings(sampleMean: 4096), RecorderSettings(sampleMean: 524_288),
    ])
  func `output and exit status are the same`(command: String, settings: RecorderSettings) throws {
    #expect(try TestPrograms.run("$RECORD \(command)", settings) == TestPrograms.run("env \(command)"))
  }

  @Test func `what a program preloads itself is loaded, and stays in its environment`() throws {
    let library = TestPrograms.path("libfirst.so")
    let command = "$RECORD bash -c 'printenv LD_PRELOAD; grep -c libfirst.so /proc/self/maps'"
    let execution = try TestPrograms.run(
      "RECORD=\"${RECORD/libweakspot-recorder.so/libweakspot-recorder.so:\(library)}\"; \(command)")
    let lines = execution.out.split(separator: "\n")
    #expect(lines.first.map(String.init) == library)
    #expect(lines.count == 2 && lines.last != "0")
  }

  @Test func `children are not recorded, and nobody finds the parent's recording under a child's pid`() throws {
    let program = try RunningProgram(TestPrograms.path("family") + " fork")
    let parent = try program.number(after: "parent")
    let child = try program.number(after: "child")
    let path = try #require(RunningRecording.path(pid: parent))
    let recording = try Recording.open(path: path)
    #expect(recording.processID == parent)
    #expect(recording.blocks(from: "family").map(\.size) == [1003])
    #expect(RunningRecording.path(pid: child) == nil)
    #expect(RunningRecording.path(pid: getpid()) == nil)
  }

  @Test func `children are recorded on their own if that is asked for`() throws {
    let program = try RunningProgram(TestPrograms.path("family") + " fork", RecorderSettings(recordsChildren: true))
    let parent = try program.number(after: "parent")
    let child = try program.number(after: "child")
    let ofParent = try Recording.open(path: try #require(RunningRecording.path(pid: parent)))
    let ofChild = try Recording.open(path: try #require(RunningRecording.path(pid: child)))
    #expect(ofParent.blocks(from: "family").map(\.size) == [1003])
    #expect(ofChild.blocks(from: "family").map(\.size) == [1004])
  }

  @Test func `children that are recorded do what they do unrecorded`() throws {
    #expect(
      try TestPrograms.run("$RECORD ./corners", RecorderSettings(recordsChildren: true))
        == TestPrograms.run("./corners"))
  }

  @Test func `a program that becomes another one by exec is recorded as that one`() throws {
    let (execution, recording) = try TestPrograms.record("./family exec ./family leave")
    #expect(execution.status == 128 + 11)
    #expect(recording.blocks(from: "family").map(\.size) == [1005])
  }

  @Test(arguments: [
    "ulimit -v 400000", "ulimit -f 100", "RECORD=\"./forbid $RECORD\"",
    "export LD_LIBRARY_PATH=; RECORD=\"$RECORD WEAKSPOT_RECORD_SAMPLE=many\"",
  ])
  func `where it cannot record, the program runs all the same, after one line to stderr`(condition: String) throws {
    let execution = try TestPrograms.run("\(condition); $RECORD ./throws")
    #expect(execution.status == 0)
    #expect(execution.out.hasPrefix("1000 "))
    #expect(execution.error.hasPrefix("weakspot: this program is not recorded: "))
    #expect(execution.error.split(separator: "\n").count == 1)
  }

  @Test func `an output file that cannot be made is told, and the program runs`() throws {
    let execution = try TestPrograms.run("$RECORD ./throws", RecorderSettings(output: "/nonexistent/folder/x"))
    #expect(execution.out.hasPrefix("1000 "))
    #expect(execution.error.contains("output file"))
  }

  @Test func `under a limited address space that suffices, it records`() throws {
    let scratch = ScratchFolder()
    let file = scratch["recording"]
    let execution = try TestPrograms.run("ulimit -v 4000000; $RECORD ./family leave", RecorderSettings(output: file))
    #expect(execution.status == 128 + 11)
    #expect(try Recording.open(path: file).blocks(from: "family").map(\.size) == [1005])
  }

  @Test func `a program with another allocator keeps it, and is told`() throws {
    let command =
      "RECORD=\"${RECORD/libweakspot-recorder.so/libweakspot-recorder.so:\(TestPrograms.path("liballocator.so"))}\"; "
    let execution = try TestPrograms.run("\(command) $RECORD ./throws")
    #expect(execution.status == 0)
    #expect(execution.out.hasPrefix("1000 "))
    #expect(execution.error.contains("malloc is served by") && execution.error.contains("liballocator.so"))
  }

  @Test func `a program with malloc linked into it is told that only what it hands on is recorded`() throws {
    let execution = try TestPrograms.run("$RECORD ./allocator")
    #expect(execution.status == 0 && execution.out == "its own\n")
    #expect(
      execution.error.hasPrefix("weakspot: malloc is served by ") && execution.error.contains("allocator: only what"))
    #expect(execution.error.split(separator: "\n").count == 1)
  }

  @Test func `nothing hangs while libraries come and go, threads allocate, and signal handlers do too`() throws {
    let seconds = getenv("WEAKSPOT_SOAK_SECONDS").flatMap { Int(String(cString: $0)) } ?? 3
    for settings in [RecorderSettings(), RecorderSettings(sampleMean: 1000)] {
      let execution = try TestPrograms.run(
        "$RECORD ./unloading ./libfirst.so \(seconds)", settings, seconds: seconds + 60)
      #expect(execution.status == 0, "\(execution)")
      #expect(execution.out.contains("times unloaded"))
    }
  }

  @Test func `no more than 16 bytes a block are taken for the shadow of small blocks`() throws {
    // 16-byte requests lie 32 bytes apart, with a word of 8 bytes for each.
    let program =
      "python3 -c 'import ctypes, os, sys; l = ctypes.CDLL(None); [l.malloc(16) for _ in range(400000)]; "
      + "print(\"ready\", os.getpid(), flush=True); sys.stdin.read()'"
    let running = try RunningProgram(program)
    let path = try #require(RunningRecording.path(pid: try running.number(after: "ready")))
    let size = try TestPrograms.run("stat -L -c %b \(path)").out.dropLast()
    let blocks = try Recording.open(path: path).blocks.count { $0.size == 16 }
    #expect(blocks >= 400_000)
    #expect(try #require(Int(size)) * 512 < blocks * 16 + (4 << 20))
  }

  @Test(.enabled("only root may mount a small disk") { getuid() == 0 })
  func `a full disk loses blocks and not the program`() throws {
    // 30 MB: the beginning and one region find room, the next region does not.
    let scratch = ScratchFolder()
    let folder = scratch["disk"]
    let program =
      "python3 -c 'import ctypes; l = ctypes.CDLL(None); print(len([l.malloc(1000) for _ in range(400000)]))'"
    let record = "${RECORD/OUTPUT=*/OUTPUT=\(folder)/recording}"
    let script =
      "mount -t tmpfs -o size=46m none \(folder) && \(record) \(program) && cp --sparse=always \(folder)/recording \(folder).copy"
    let execution = try TestPrograms.run(
      "mkdir \(folder); unshare -m bash -c \(TestPrograms.quoted("export RECORD=\"$0\"; \(script)")) \"$RECORD\"",
      RecorderSettings(output: "/nowhere"))
    guard !execution.error.contains("unshare") && !execution.error.contains("mount:") else {
      try Test.cancel("nothing can be mounted here: \(execution.error)")
    }
    #expect(execution.status == 0 && execution.out == "400000\n", "\(execution)")
    let warnings = try Recording.open(path: folder + ".copy").warnings
    #expect(warnings.contains { if case .lostBlocks = $0 { true } else { false } }, "\(warnings)")
  }
}
