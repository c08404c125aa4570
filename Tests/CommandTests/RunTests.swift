import Glibc
import Subprocess
import TestSupport
import Testing

/// `weakspot-bench run`, as a user starts it.
struct RunTests {
  private let scratch = ScratchFolder()

  private func run(_ arguments: String..., force: Bool = false) async throws -> Execution {
    try await Executable.bench.run(["run", "--output", scratch["r.csv"]] + (force ? ["--force"] : []) + arguments)
  }

  private func rows(_ name: String = "r.csv") throws -> [[String: String]] {
    let lines = try scratch.read(name).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  /// A column's value at one phase less that at another, of each sample.
  private func differences(_ column: String, _ later: String, _ earlier: String) throws -> [Int] {
    let rows = try rows()
    return try rows.filter { $0["phase"] == later }.map { row in
      let other = try #require(
        rows.first {
          $0["phase"] == earlier && $0["case_id"] == row["case_id"] && $0["repetition"] == row["repetition"]
        })
      return try #require(Int(row[column] ?? "")) - (try #require(Int(other[column] ?? "")))
    }
  }

  @Test(arguments: [[], ["--exact"]])
  func `a strong ring leaks 48 bytes a node in every run, and a weak one nothing`(options: [String]) async throws {
    for (link, built, leaked) in [("strong", 48_000, 48_000), ("weak", 96_000, 0), ("unowned", 48_000, 0)] {
      let execution = try await Executable.bench.run(
        ["run", "--output", scratch["r.csv"], "--force", "--topology", "ring", "--back-link", link]
          + ["--nodes", "1k", "--runs", "3"] + options)
      #expect(execution.status == .exited(0), "\(execution.error)")
      #expect(try differences("heap_in_use_bytes", "released", "before") == [leaked, leaked, leaked])
      #expect(try differences("heap_in_use_bytes", "built", "before") == [built, built, built])
      #expect(try rows().count == 12)
      #expect(Set(try rows().filter { $0["phase"] == "built" }.map { $0["usable_bytes"] }) == ["40000"])
      let deinits = try rows().filter { $0["phase"] == "trimmed" }.map { $0["deinit_count"] }
      #expect(Set(deinits) == [leaked == 0 ? "1000" : "0"])
    }
  }

  @Test func `every topology and back link ends with what its root's release must leave`() async throws {
    let execution = try await run("--topology", "all", "--nodes", "320", "--payload", "0,100", "--runs", "1")
    #expect(execution.status == .exited(0), "\(execution.error)")
    let leaked = try differences("heap_in_use_bytes", "released", "before")
    let released = try rows().filter { $0["phase"] == "released" }
    #expect(released.count == 2 * (10 * 7 - 4))
    for (row, leaked) in zip(released, leaked) {
      let live = try #require(Int(row["live_objects_count"] ?? ""))
      #expect((row["back_link"] == "strong") == (live > 0), "\(row["case_id"] ?? "")")
      #expect(live > 0 || leaked == 0, "\(row["case_id"] ?? ""): \(leaked)")
      #expect(leaked >= live * 32)
    }
  }

  @Test func `an existing report is not overwritten without force`() async throws {
    let options = ["--topology", "ring", "--back-link", "weak", "--nodes", "10", "--runs", "1"]
    try scratch.write("mine\n", to: "r.csv")
    let refused = try await Executable.bench.run(["run", "--output", scratch["r.csv"]] + options)
    #expect(refused.status == .exited(2))
    #expect(refused.error.contains("--force"))
    #expect(try scratch.read("r.csv") == "mine\n")
    let forced = try await Executable.bench.run(["run", "--output", scratch["r.csv"], "--force"] + options)
    #expect(forced.status == .exited(0))
    #expect(try rows().count == 4)
  }

  @Test func `a sample out of memory is a row, and the run goes on`() async throws {
    let execution = try await run(
      "--topology", "ring", "--back-link", "weak,strong", "--nodes", "10,3M", "--runs", "1", "--memory-limit", "40M",
      force: true)
    #expect(execution.status == .exited(2))
    let failed = try rows().filter { $0["status"] != "ok" }
    #expect(failed.map { $0["status"] } == ["oom", "oom"])
    #expect(failed.map { $0["phase"] } == ["built", "built"])
    #expect(failed.allSatisfy { $0["heap_in_use_bytes"] == "" })
    #expect(try rows().count { $0["status"] == "ok" } == 8)
    #expect(execution.out.contains("failed: 1 oom"))
  }

  @Test func `a sample that takes too long is a row`() async throws {
    let execution = try await run(
      "--topology", "clique16", "--back-link", "weak", "--nodes", "3M", "--runs", "1", "--timeout", "1")
    #expect(execution.status == .exited(2))
    #expect(try rows().map { $0["status"] } == ["timeout"])
  }

  @Test func `what would not fit is refused with the estimate before anything is written`() async throws {
    let execution = try await run("--topology", "ring", "--back-link", "weak", "--nodes", "100G", "--runs", "1")
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("swift/ring/weak/n=100000000000/p=0 needs about 8940 GiB"))
    #expect(!scratch.exists("r.csv") && !scratch.exists("r.csv.partial"))
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `an interrupted run keeps what it measured`(signal: Int32, status: Int32) async throws {
    let script = """
      "$0" run --output "$1" --topology ring --back-link weak --nodes 1k --runs 100000 & pid=$!
      for i in $(seq 1000); do [ "$(wc -l < "$1.partial")" -gt 8 ] && break; sleep 0.02; done 2>/dev/null
      kill -\(signal) $pid; wait $pid
      """
    let execution = try await Executable.bench.shell(script, [scratch["r.csv"]])
    #expect(execution.status == .exited(status), "\(execution.error)")
    #expect(!scratch.exists("r.csv.partial"))
    let rows = try rows()
    #expect(rows.count >= 8 && rows.count.isMultiple(of: 4))
    #expect(try scratch.read("r.meta.json").contains(#""interrupted" : true"#))
    #expect(execution.out.contains("Report: "))
  }

  @Test func `a run that is interrupted before its first sample leaves nothing`() async throws {
    let script = """
      "$0" run --output "$1" --topology random --back-link weak --nodes 3M --runs 2 & pid=$!
      for i in $(seq 1000); do [ -e "$1.partial" ] && break; sleep 0.01; done
      kill -2 $pid; wait $pid
      """
    let execution = try await Executable.bench.shell(script, [scratch["r.csv"]])
    #expect(execution.status == .exited(130), "\(execution.error)")
    #expect(execution.error.contains("before the first sample"))
    for name in ["r.csv", "r.csv.partial", "r.meta.json", "r.meta.json.partial"] { #expect(!scratch.exists(name)) }
  }

  @Test func `a killed run leaves a partial report that can be shown`() async throws {
    let script = """
      "$0" run --output "$1" --topology ring --back-link weak --nodes 1k --runs 100000 & pid=$!
      for i in $(seq 1000); do [ "$(wc -l < "$1.partial")" -gt 8 ] && break; sleep 0.02; done 2>/dev/null
      kill -9 $pid; wait $pid 2>/dev/null
      "$0" show "$1.partial"
      """
    let execution = try await Executable.bench.shell(script, [scratch["r.csv"]])
    #expect(execution.status == .exited(0), "\(execution.error)")
    #expect(execution.error.contains("warning"))
    #expect(execution.out.contains("all freed"))
    #expect(!scratch.exists("r.csv"))
  }

  @Test func `a full disk keeps every whole row`() async throws {
    // The file may not grow past 4 KiB (ulimit -f counts 1,024 bytes).
    let script = #"ulimit -f 4; "$0" run --output "$1" --topology ring --back-link weak --nodes 10 --runs 20"#
    let execution = try await Executable.bench.shell(script, [scratch["r.csv"]])
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("r.csv.partial"))
    let shown = try await Executable.bench.run(["show", scratch["r.csv.partial"]])
    #expect(shown.status == .exited(0), "\(shown.error)")
    #expect(shown.out.contains("all freed"))
  }

  @Test(arguments: ["", "no/", "FOLDER", "FOLDER/pipe", "FOLDER/link.csv", "/dev/null"])
  func `what is no regular file is refused, and stays as it is`(path: String) async throws {
    let made = try await Executable.bench.shell(#"mkfifo "$1/pipe" && ln -s there.csv "$1/link.csv""#, [scratch.path])
    #expect(made.status == .exited(0))
    let output = path.replacing("FOLDER", with: scratch.path)
    let execution = try await Executable.bench.shell(
      #"cd "$2" && "$0" run --force --topology ring --nodes 10 --runs 1 --output "$1""#, [output, scratch.path])
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("no regular file"), "\(execution.error)")
    let kinds = try await Executable.bench.shell(
      #"[ -p "$1/pipe" ] && [ -L "$1/link.csv" ] && [ -c /dev/null ] && ls -A "$1""#, [scratch.path])
    #expect(kinds.out == "link.csv\npipe\n")
  }

  @Test func `two runs cannot write the same report`() async throws {
    let script = """
      "$0" run --output "$1" --topology ring --back-link weak --nodes 1k --runs 100000 & pid=$!
      for i in $(seq 1000); do [ "$(wc -l < "$1.partial")" -gt 8 ] && break; sleep 0.02; done 2>/dev/null
      "$0" run --output "$1" --topology list --back-link weak --nodes 1k --runs 1 --force >/dev/null; echo "second: $?"
      kill -2 $pid; wait $pid; "$0" show "$1" >/dev/null; echo "show: $?"
      """
    let execution = try await Executable.bench.shell(script, [scratch["r.csv"]])
    #expect(execution.error.contains("another run is writing it"), "\(execution.error)")
    #expect(execution.out.contains("second: 2"))
    #expect(execution.out.contains("show: 0"))
    #expect(Set(try rows().map { $0["topology"] }) == ["ring"])
  }

  @Test func `a report named by its partial file is the whole one`() async throws {
    let execution = try await Executable.bench.run(
      ["run", "--topology", "ring", "--nodes", "10", "--runs", "1", "--output", scratch["r.csv.partial"]])
    #expect(execution.status == .exited(0), "\(execution.error)")
    #expect(execution.out.contains("Report: \(scratch["r.csv"])"))
  }

  @Test(arguments: ["list", "patterns", "--help"])
  func `a full disk behind stdout is a failure`(command: String) async throws {
    let execution = try await Executable.bench.shell(#""$0" "$1" >/dev/full"#, [command])
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("stdout: cannot be written: No space left on device"))
  }

  @Test(arguments: ["tcache_max=64", "tcache_max=500", "tcache_count=3", "tcache_count=100"])
  func `bytes are exact with another thread cache`(tunable: String) async throws {
    let execution = try await Executable.bench.run(
      ["run", "--output", scratch["r.csv"], "--topology", "ring,observer", "--back-link", "weak,strong"]
        + ["--nodes", "1k", "--runs", "1"],
      environment: ["GLIBC_TUNABLES": "glibc.malloc.\(tunable)"])
    #expect(execution.status == .exited(0), "\(execution.error)")
    let leaked = try differences("heap_in_use_bytes", "released", "before")
    let live = try rows().filter { $0["phase"] == "released" }.map { $0["live_objects_count"] ?? "" }
    for (leaked, live) in zip(leaked, live) { #expect((leaked == 0) == (live == "0"), "\(leaked), \(live) live") }
  }

  @Test func `a thread cache that cannot be emptied fails the sample`() async throws {
    let execution = try await Executable.bench.run(
      ["run", "--output", scratch["r.csv"], "--topology", "ring", "--back-link", "weak", "--nodes", "10"],
      environment: ["GLIBC_TUNABLES": "glibc.malloc.tcache_count=65535"])
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("thread cache of more than 127 blocks"))
  }

  @Test func `glibc's debugging allocator is named instead of measured wrongly`() async throws {
    let execution = try await Executable.bench.run(
      ["selftest"], environment: ["LD_PRELOAD": "libc_malloc_debug.so.0", "MALLOC_CHECK_": "3"])
    #expect(execution.status == .exited(1))
    #expect(execution.error.contains("libc_malloc_debug.so"))
  }

  @Test func `too little room for threads is told`() async throws {
    let execution = try await Executable.bench.shell(
      #"ulimit -v 60000; exec timeout -k 1 30 "$0" run --topology ring --nodes 10 --output "$1""#,
      [scratch["r.csv"]])
    #expect(execution.status != .exited(0) && execution.status != .exited(137) && execution.status != .exited(124))
  }

  @Test func `a path that cannot be written is refused before anything is measured`() async throws {
    let execution = try await Executable.bench.run(["run", "--output", "/proc/nowhere/r.csv", "--nodes", "10"])
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("/proc/nowhere"))
  }

  @Test func `another allocator is named instead of measured wrongly`() async throws {
    let source = """
      #include <stddef.h>
      void *__libc_malloc(size_t); void __libc_free(void *);
      void *malloc(size_t size) { return __libc_malloc(size); }
      void free(void *block) { __libc_free(block); }
      """
    try scratch.write(source, to: "other.c")
    let built = try await Executable.bench.shell(
      #"clang -shared -fPIC -o "$1/libother.so" "$1/other.c""#, [scratch.path])
    #expect(built.status == .exited(0), "\(built.error)")
    let preload: [Environment.Key: String?] = ["LD_PRELOAD": scratch["libother.so"]]
    let tested = try await Executable.bench.run(["selftest"], environment: preload)
    #expect(tested.status == .exited(1))
    #expect(tested.error.contains("libother.so"))
    let run = try await Executable.bench.run(["run", "--output", scratch["r.csv"]], environment: preload)
    #expect(run.status == .exited(2))
    #expect(run.error.contains("libother.so"))
    #expect(!scratch.exists("r.csv") && !scratch.exists("r.csv.partial"))
  }

  @Test func `progress is shown on a terminal only`() async throws {
    let run = #""$0" run --output "$1" --topology ring --back-link weak --nodes 10 --runs 3 --force"#
    let quiet = try await Executable.bench.shell(run, [scratch["r.csv"]])
    #expect(quiet.error == "")
    // script(1) runs its command on a terminal of its own.
    let shown = try await Executable.bench.shell(
      #"export B="$0" R="$1"; script -qec 'stty cols 60; "$B" run --output "$R" --topology ring --nodes 10 --runs 3 --force' /dev/null"#,
      [scratch["r.csv"]])
    #expect(shown.out.contains("█"))
    #expect(shown.out.contains("3/21"))
    let lines = shown.out.split { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    #expect(
      lines.filter { $0.contains("░") }.allSatisfy {
        $0.filter { !$0.isASCII || $0.asciiValue! >= 32 }.count <= 60 + 3
      }, "\(lines)")
  }
}
