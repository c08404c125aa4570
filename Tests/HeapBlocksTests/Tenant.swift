import FoundationEssentials
import Glibc
import HeapBlocks
import ProcessImage
import Synchronization
import TestFiles

/// A release of glibc to start programs with.
struct Release: CustomStringConvertible, Sendable {
  var name: String
  /// Its loader and the folder of its libraries; `nil` for the system's.
  var loader: String?
  var libraries: String?

  var description: String { name }

  static let system = Release(name: "system")

  /// The system's, and those that `Scripts/libc-releases` has unpacked into `.build/libc`.
  static let all: [Release] = [system] + others

  private static let others: [Release] = ["trixie", "sid"].compactMap { name in
    let root = packageRoot + "/.build/libc/\(name)/root/usr/lib/x86_64-linux-gnu"
    guard access(root + "/libc.so.6", R_OK) == 0 else { return nil }
    return Release(name: name, loader: root + "/ld-linux-x86-64.so.2", libraries: root)
  }

  private static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
}

/// A running `tenant` (Programs/tenant.c), which knows its blocks. It ends when this object goes, and by itself when the
/// tests end, since its standard input closes.
final class Tenant {
  struct Failure: Error, CustomStringConvertible { var description: String }

  /// What the program says of a block of its own.
  struct Known: Equatable {
    var asked: Int
    var usable: Int
  }

  let pid: pid_t
  private let input: Int32
  private let output: Int32
  private let list: String

  /// Starts the program and waits until it has done its work.
  init(_ release: Release, _ arguments: [String], tunables: String? = nil, isStatic: Bool = false) throws {
    let program = try isStatic ? Self.staticProgram.get() : Self.program.get()
    list = Self.freshList()
    var words = [program, list] + arguments
    if let loader = release.loader, let libraries = release.libraries {
      words = [loader, "--library-path", libraries] + words
    }
    var environment = ["PATH=/usr/bin:/bin"]
    if let tunables { environment.append("GLIBC_TUNABLES=\(tunables)") }
    (pid, input, output) = try spawn(words, environment: environment)
    guard try answer() == "ready" else { throw Failure(description: "no \"ready\" from \(words)") }
  }

  /// Starts another program, which says "ready", with a file to write its list to as its only argument.
  init(program: String) throws {
    list = Self.freshList()
    (pid, input, output) = try spawn([program, list], environment: ["PATH=/usr/bin:/bin"])
    guard try answer() == "ready" else { throw Failure(description: "no \"ready\" from \(program)") }
  }

  private static func freshList() -> String { ScratchFolder.ofProcess["list-\(UInt64.random(in: 0 ... .max))"] }

  deinit {
    kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    close(input)
    close(output)
    unlink(list)
  }

  /// Has a command obeyed, and returns the program's line.
  @discardableResult
  func ask(_ command: String) throws -> String {
    let line = Array((command + "\n").utf8)
    guard write(input, line, line.count) == line.count else { throw Failure(description: "it does not listen") }
    return try answer()
  }

  /// Its live blocks, by address.
  func knownBlocks() throws -> [UInt64: Known] {
    try ask("list")
    return try writtenList()
  }

  /// What it has written to its list.
  func writtenList() throws -> [UInt64: Known] {
    let bytes = try Data(contentsOf: URL(filePath: list))
    var known: [UInt64: Known] = [:]
    bytes.withUnsafeBytes { words in
      for offset in stride(from: 0, to: words.count - 23, by: 24) {
        let address = words.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        known[address] = Known(
          asked: words.loadUnaligned(fromByteOffset: offset + 8, as: Int.self),
          usable: words.loadUnaligned(fromByteOffset: offset + 16, as: Int.self))
      }
    }
    return known
  }

  private func answer() throws -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < 1000 {
      var poller = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&poller, 1, 60_000) == 1 else { throw Failure(description: "it says nothing for a minute") }
      guard read(output, &byte, 1) == 1 else {
        var ending = siginfo_t()
        waitid(P_PID, id_t(pid), &ending, WEXITED | WNOWAIT)
        let how = ending.si_code == CLD_EXITED ? "status" : "signal"
        throw Failure(description: "it has ended, by \(how) \(ending._sifields._sigchld.si_status)")
      }
      if byte == 10 { break }
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }

  // MARK: Building it

  private static let tenantSource = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Programs/tenant.c").path

  private static let program = Result { try build("tenant", []) }
  private static let staticProgram = Result {
    try build(
      "tenant-static",
      ["-DSTATIC", "-static"]
        + ["malloc", "calloc", "realloc", "free", "memalign", "aligned_alloc", "posix_memalign"].map {
          "-Wl,--wrap=\($0)"
        })
  }

  /// Builds a program of another text.
  static func build(_ name: String, source text: String, _ options: [String]) throws -> String {
    try build(name, options, from: ScratchFolder.ofProcess.write(text, to: "\(name).c"))
  }

  private static func build(_ name: String, _ options: [String], from source: String = tenantSource) throws -> String {
    let path = ScratchFolder.ofProcess[name]
    let arguments = ["clang", "-std=gnu11", "-O1", "-fno-builtin", "-Wall", "-Wextra", "-Werror", "-pthread"]
    let words = arguments + options + [source, "-o", path]
    let environment = ["PATH=\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin")"]
    let (pid, input, output) = try spawn(["/usr/bin/env"] + words, environment: environment)
    close(input)
    var status: Int32 = 0
    guard waitpid(pid, &status, 0) == pid, status == 0 else { throw Failure(description: "\(words) failed") }
    close(output)
    return path
  }
}

/// One program at a time is started, so that none inherits the pipes of another.
private let spawning = Mutex(())

/// Starts a program with pipes at its standard input and output.
private func spawn(
  _ words: [String], environment: [String]
) throws -> (pid: pid_t, input: Int32, output: Int32) {
  try spawning.withLock { _ in try spawnAlone(words, environment: environment) }
}

private func spawnAlone(
  _ words: [String], environment: [String]
) throws -> (pid: pid_t, input: Int32, output: Int32) {
  var toChild: [Int32] = [0, 0]
  var fromChild: [Int32] = [0, 0]
  guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Tenant.Failure(description: "no pipe") }
  for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
  posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
  var arguments = words.map { strdup($0) } + [nil]
  var variables = environment.map { strdup($0) } + [nil]
  defer { for text in arguments + variables { free(text) } }
  var pid: pid_t = 0
  let result = posix_spawn(&pid, words[0], &actions, nil, &arguments, &variables)
  close(toChild[0])
  close(fromChild[1])
  guard result == 0 else { throw Tenant.Failure(description: "\(words[0]): errno \(result)") }
  return (pid, toChild[1], fromChild[0])
}
