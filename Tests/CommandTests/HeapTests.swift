import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `weakspot heap` on a program whose heap is known.
struct HeapTests {
  private let scratch = ScratchFolder()

  /// What Tests/InspectedProgram says of itself.
  private static let known: [(name: String, kind: String, count: Int)] = [
    ("InspectedProgram.Node", "class", 1000), ("InspectedProgram.Cell<String>", "class", 7),
    ("InspectedProgram.Cell<Int>", "class", 11), ("InspectedProgram.Model", "class", 1),
    ("InspectedProgram.Holder", "class", 3), ("InspectedProgram.Counter", "class", 2),
    ("InspectedProgram.Kept", "zombie", 3), ("closure #1 in Model.bind()", "closure", 5),
    ("error box: InspectedProgram.Trouble", "error", 4), ("Task", "task", 3),
    ("[InspectedProgram.Node] storage", "array", 1), ("[InspectedProgram.Cell<Int>] storage", "array", 1),
    ("[String: InspectedProgram.Node] storage", "dictionary", 1), ("Set<String> storage", "set", 1),
    ("side table", "side table", 1),
  ]

  private func heap(_ pid: Int32, _ options: String...) async throws -> Execution {
    try await Executable.inspector.run(["heap", "\(pid)"] + options)
  }

  private func expectKnown(_ report: HeapReportJSON, _ location: SourceLocation = #_sourceLocation) {
    for (name, kind, count) in Self.known {
      #expect(report.count(name, kind) == count, "\(kind) \(name)", sourceLocation: location)
    }
  }

  @Test(arguments: [[], ["--fork"]]) func `objects per type are what the program counts`(options: [String]) async throws
  {
    try await RunningProcess.target("heap") { target in
      let execution = try await Executable.inspector.run(["heap", "\(target.pid)", "--format", "json"] + options)
      #expect(execution.status == .exited(0), "\(execution.error)")
      #expect(execution.error == "")
      let report = try HeapReportJSON(execution.out)
      expectKnown(report)
      #expect(report.types.first { $0.kind == "zombie" }?.unownedReferences == 3)
      #expect(report.target.pid == target.pid && report.target.executable.hasSuffix("/InspectedProgram"))
      #expect(report.target.glibc != nil && report.target.swift != nil && report.target.command == nil)
      #expect(report.target.pauseMilliseconds > 0)
      #expect(report.target.pauseMilliseconds < report.target.analysisMilliseconds)
      #expect(report.types.reduce(0) { $0 + $1.count } == report.total.count)
      #expect(report.types.reduce(0) { $0 + $1.bytes } == report.total.bytes)
      #expect(report.arenas.reduce(0) { $0 + $1.liveBytes } == report.total.bytes)
      #expect(report.types.allSatisfy { $0.kind != "C" || $0.name.contains("(\($0.holder ?? "?"))") })
      let known = report.types.filter { $0.kind != "C" || ["image", "type"].contains($0.holderKind) }
      #expect(known.reduce(0) { $0 + $1.bytes } == report.attributed.bytes)
      #expect(known.reduce(0) { $0 + $1.count } == report.attributed.count)
      #expect(report.pages == nil && report.tasks == nil && report.warnings == [])
      let children = try String(contentsOfFile: "/proc/\(target.pid)/task/\(target.pid)/children", encoding: .utf8)
      #expect(children == "", "a frozen copy was left")
    }
  }

  @Test func `resident memory adds up to what the kernel says`() async throws {
    try await RunningProcess.target("heap") { target in
      let resident = try HeapReportJSON(try await heap(target.pid, "--format", "json").out).resident
      #expect(resident.rssBytes - resident.sum == resident.differenceBytes)
      // The kernel counts in batches per core.
      #expect(abs(resident.differenceBytes) <= 1 << 20)
      #expect(resident.stackBytes > 0 && resident.fileBytes > 1 << 20 && resident.otherBytes > 0)
      #expect(resident.liveSwiftBytes > 48_000 && resident.liveOtherBytes > 0 && resident.freeKeptBytes > 0)
    }
  }

  @Test func `text is as people read it`() async throws {
    try await RunningProcess.target("heap") { target in
      let execution = try await heap(target.pid, "--filter", "InspectedProgram.*")
      try expectGolden("heap-text", HeapText.normalized(execution, pid: target.pid))
    }
  }

  @Test func `CSV has a row per type, and the filter chooses`() async throws {
    try await RunningProcess.target("heap") { target in
      try expectGolden("heap-csv", try await heap(target.pid, "--format", "csv", "--filter", "InspectedProgram.*"))
      #expect(try await heap(target.pid, "--format", "csv", "--filter", "Node").out.split(separator: "\n").count == 2)
      let none = try await heap(target.pid, "--filter", "Nobody")
      #expect(none.status == .exited(0) && none.out.contains("No live blocks of such a type."))
    }
  }

  @Test func `rows are sorted by bytes or by count, and limited`() async throws {
    try await RunningProcess.target("heap") { target in
      // The program's own types: threads that end take others with them.
      func types(_ options: String...) async throws -> [HeapReportJSON.Row] {
        let execution = try await Executable.inspector.run(
          ["heap", "\(target.pid)", "--format", "json", "--filter", "InspectedProgram.*"] + options)
        return try HeapReportJSON(execution.out).types
      }
      let bytes = try await types()
      #expect(bytes.map(\.bytes) == bytes.map(\.bytes).sorted(by: >))
      let counts = try await types("--sort", "count")
      #expect(counts.map(\.count) == counts.map(\.count).sorted(by: >))
      #expect(bytes.count == 7 && counts.count == 7)
      #expect(try await types("--limit", "2").map(\.name) == bytes.prefix(2).map(\.name))
      let text = try await heap(target.pid, "--limit", "1", "--filter", "InspectedProgram.*").out
      #expect(text.contains("6 more types (--limit)"))
      #expect(try await heap(target.pid, "--format", "csv", "--limit", "3").out.split(separator: "\n").count == 1 + 3)
    }
  }

  @Test func `tasks are listed with the functions that they come back to`() async throws {
    try await RunningProcess.target("heap") { target in
      let tasks = try #require(try HeapReportJSON(try await heap(target.pid, "--tasks", "--format", "json").out).tasks)
      #expect(tasks.count == 3)
      for task in tasks {
        #expect(task.state == "suspended")
        #expect(task.backtrace.contains("waitForever()"), "\(task.backtrace)")
        #expect(task.backtrace.contains("closure #1 in startTasks(_:)"))
      }
      let text = try await heap(target.pid, "--tasks").out
      #expect(text.contains("\n3 tasks\n"))
      #expect(text.contains("\n      waitForever()\n"))
    }
  }

  @Test func `a task that has not begun tells what it will begin with`() async throws {
    try await RunningProcess.target("queued") { target in
      let tasks = try #require(try HeapReportJSON(try await heap(target.pid, "--tasks", "--format", "json").out).tasks)
      let queued = tasks.filter { $0.state == "waiting for an executor, not begun" }
      #expect(tasks.count == 5 && queued.count == 2)
      for task in queued {
        #expect(task.backtrace.first?.hasSuffix("closure #1 in queueTasks(_:)") == true, "\(task.backtrace)")
      }
    }
  }

  @Test func `a process whose main thread has ended is inspected like any other`() async throws {
    try await RunningProcess.target("ended") { target in
      while try target.status("State").first != "Z" { usleep(1000) }
      for options in [[], ["--fork"]] {
        let execution = try await Executable.inspector.run(["heap", "\(target.pid)", "--format", "json"] + options)
        #expect(execution.status == .exited(0) && execution.error == "", "\(execution.error)")
        expectKnown(try HeapReportJSON(execution.out))
      }
    }
  }

  @Test func `progress of a large copy is shown on a terminal only`() async throws {
    try await RunningProcess.target("large") { target in
      let shown = try await Executable.inspector.shell(
        #"export W="$0" P="$1"; script -qec 'stty cols 80; "$W" heap "$P" --output /dev/null' /dev/null"#,
        ["\(target.pid)"])
      #expect(shown.status == .exited(0))
      // Each line takes the place of the one before, and the last one goes.
      #expect(shown.out.contains(/\r\u{1B}\[K█+ 3\d\d\/3\d\d  MiB copied/), "\(shown.out)")
      #expect(shown.out.hasSuffix("\r\u{1B}[K"), "\(shown.out)")
      let piped = try await heap(target.pid, "--output", scratch["heap.txt"])
      #expect(piped.status == .exited(0) && piped.out == "" && piped.error == "", "\(piped.error)")
    }
  }

  @Test func `what is freed and kept is told, with the types that keep its pages, and goes with malloc_trim`()
    async throws
  {
    try await RunningProcess.target("freed") { target in
      let before = try HeapReportJSON(try await heap(target.pid, "--pages", "--format", "json").out)
      let holder = try #require(before.pages?.first)
      #expect(holder.name == "InspectedProgram.Survivor" && holder.kind == "class")
      // Each lies on a page of its own, if it does not lie across the border of two.
      #expect(holder.pages >= 290 && holder.pagesAlone >= 290, "\(holder)")
      #expect(before.count("InspectedProgram.Survivor", "class") == 300)
      #expect(before.resident.freeKeptBytes > 40 << 20)
      #expect(before.resident.trimmableBytes > 38 << 20)
      #expect(before.arenas.reduce(0) { $0 + $1.trimmableBytes } == before.resident.trimmableBytes)
      let text = try await heap(target.pid, "--pages").out.replacing("\n", with: " ")
      #expect(text.contains("would go with malloc_trim"))
      #expect(text.contains("InspectedProgram.Survivor"))
      _ = try await target.ask("trim")
      let after = try HeapReportJSON(try await heap(target.pid, "--format", "json").out)
      let returned = before.resident.rssBytes - after.resident.rssBytes
      #expect(abs(returned - before.resident.trimmableBytes) <= 2 << 20, "\(returned)")
      #expect(after.resident.trimmableBytes <= 1 << 20)
    }
  }

  @Test func `a program that never rests is inspected all the same`() async throws {
    try await RunningProcess.target("loop") { target in
      for _ in 0..<5 {
        let execution = try await heap(target.pid, "--format", "json")
        let report = try HeapReportJSON(execution.out)
        #expect(report.count("InspectedProgram.Cell<Int>", "class") == 11)
        #expect([.exited(0), .exited(2)].contains(execution.status), "\(execution.error)")
        #expect((execution.status == .exited(0)) == (execution.error == ""))
      }
    }
  }

  @Test func `the report goes to a file if one is named`() async throws {
    try await RunningProcess.target("heap") { target in
      let execution = try await heap(target.pid, "--format", "json", "--output", scratch["heap.json"])
      #expect(execution.status == .exited(0))
      #expect(execution.out == "" && execution.error == "")
      expectKnown(try HeapReportJSON(try scratch.read("heap.json")))
      #expect(!scratch.exists("heap.json.\(target.pid).tmp"))
    }
  }

  @Test func `a narrow terminal gets every figure`() async throws {
    try await RunningProcess.target("heap") { target in
      let execution = try await Executable.inspector.shell(
        #"export W="$0" P="$1"; script -qec 'stty cols 40; "$W" heap "$P" --tasks --pages' /dev/null"#,
        ["\(target.pid)"])
      #expect(execution.status == .exited(0))
      let lines = execution.out.split { $0 == "\n" || $0 == "\r\n" }
      #expect(lines.contains("InspectedProgram.Node"))
      #expect(lines.contains { $0.contains("count 1,000, bytes 46.9 KiB") }, "\(execution.out)")
      for line in lines { #expect(line.count <= 40 || !line.drop { $0 == " " }.contains(" "), "\(line)") }
    }
  }

  @Test func `a reader that goes away ends the command quietly, and a full disk does not pass`() async throws {
    try await RunningProcess.target("heap") { target in
      let first = try await Executable.inspector.shell(#""$0" heap "$1" | head -n 1"#, ["\(target.pid)"])
      #expect(first.status == .exited(0) && first.error == "")
      #expect(first.out.contains("/InspectedProgram, pid \(target.pid)"))
      let gone = try await Executable.inspector.shell(
        #"exec 3> >(exec true); wait $!; "$0" heap "$1" >&3"#, ["\(target.pid)"])
      #expect(gone.status == .exited(128 + SIGPIPE))
      #expect(gone.error == "")
      for line in [#""$0" heap "$1" > /dev/full"#, #""$0" heap "$1" --output /dev/full"#] {
        let full = try await Executable.inspector.shell(line, ["\(target.pid)"])
        #expect(full.status == .exited(2))
        #expect(full.error.contains("cannot be written: No space left on device"), "\(full.error)")
      }
    }
  }

  /// `--output` names a FIFO that nobody reads: however fast the inspection is, the command is still there.
  @Test(arguments: ["0", "0.05", "0.2", "1"]) func `Ctrl-C ends the inspector alone`(delay: String) async throws {
    try await RunningProcess.target("freed") { target in
      let script = #"""
        mkfifo "$2"; env --default-signal=INT "$0" heap "$1" --output "$2" & pid=$!
        until [ "$(cat /proc/$pid/comm)" = weakspot ] &&
          (( 0x$(sed -n 's/^SigCgt:\t//p' /proc/$pid/status) & 2 )); do sleep 0.001; done
        sleep \#(delay); kill -INT $pid; wait $pid
        """#
      let execution = try await Executable.inspector.shell(script, ["\(target.pid)", scratch["fifo-\(delay)"]])
      #expect(execution.status == .exited(130), "\(execution.error)")
      #expect(execution.out == "")
    }
  }
}

/// A report in text, with what differs between runs replaced.
enum HeapText {
  static func normalized(_ execution: Execution, pid: Int32) -> Execution {
    var paragraphs = execution.out.split(separator: "\n\n").map(String.init)
    for index in paragraphs.indices {
      // What is in a sentence decides where its lines are broken.
      let isSentence = index % 2 == 0 && index < 4
      if isSentence { paragraphs[index] = paragraphs[index].replacing("\n", with: " ") }
      paragraphs[index] = paragraphs[index].split(separator: "\n").map { line in
        // Figures that the libraries have no part in stay.
        index == 1 && !line.hasSuffix("all live blocks") && !line.contains(" % of ")
          ? String(line) : withoutFigures(line, pid: pid)
      }.joined(separator: "\n")
    }
    // The number of arenas depends on how the threads met.
    if let last = paragraphs.indices.last {
      paragraphs[last] = paragraphs[last].split(separator: "\n").prefix(2).joined(separator: "\n")
    }
    return Execution(status: execution.status, out: paragraphs.joined(separator: "\n\n") + "\n", error: execution.error)
  }

  private static func withoutFigures(_ line: Substring, pid: Int32) -> String {
    String(line)
      .replacing(/^\d+\.\d %/, with: "N %")
      .replacing(Executable.inspectedProgram.path.string, with: "PROGRAM").replacing(
        /^\S*\/InspectedProgram/, with: "PROGRAM"
      )
      .replacing("pid \(pid)", with: "pid PID")
      .replacing(/(Swift|glibc) \d+(\.\d+)+/) { "\($0.1) VERSION" }
      .replacing(/−?[\d.,]+ ([KMG]i)?B\b/, with: "SIZE").replacing(/[\d.]+ (ms|s)\b/, with: "TIME")
      .replacing(", of which SIZE would go with malloc_trim", with: "")
      .replacing(/^\ *\d[\d,]*\b/, with: "N").replacing(/\ \d[\d,]*/, with: " N").replacing(/\ +/, with: " ")
      .replacing(/^\ /, with: "")
  }
}
