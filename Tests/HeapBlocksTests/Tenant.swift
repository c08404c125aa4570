import FoundationEssentials
import Glibc
import HeapBlocks
import ProcessImage
import TestSupport

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

/// A running `tenant` (Programs/tenant.c), which knows its blocks. It ends with the object at the latest.
final class Tenant {
  /// What the program says of a block of its own.
  struct Known: Equatable {
    var asked: Int
    var usable: Int
  }

  private let process: TestProcess
  private let scratch = ScratchFolder()
  var pid: pid_t { process.pid }

  /// Starts the program and waits until it has done its work.
  init(_ release: Release, _ arguments: [String], tunables: String? = nil, isStatic: Bool = false) throws {
    let program = try isStatic ? Self.staticProgram.get() : Self.program.get()
    var words = [program, scratch["list"]] + arguments
    if let loader = release.loader, let libraries = release.libraries {
      words = [loader, "--library-path", libraries] + words
    }
    let environment = Self.environment + (tunables.map { ["GLIBC_TUNABLES=\($0)"] } ?? [])
    process = try TestProcess(words[0], Array(words.dropFirst()), environment: environment)
    _ = try process.lines(before: "ready")
  }

  /// Starts another program, which says "ready", with a file to write its list to as its only argument.
  init(program: String) throws {
    process = try TestProcess(program, [scratch["list"]], environment: Self.environment)
    _ = try process.lines(before: "ready")
  }

  private static let environment = ["PATH=/usr/bin:/bin"]

  /// Has a command obeyed, and returns the program's line.
  @discardableResult
  func ask(_ command: String) throws -> String {
    process.write(command)
    guard let line = process.line() else { throw TestFailure("no answer to \(command)") }
    return line
  }

  /// Its live blocks, by address.
  func knownBlocks() throws -> [UInt64: Known] {
    try ask("list")
    return try writtenList()
  }

  /// What it has written to its list.
  func writtenList() throws -> [UInt64: Known] {
    let bytes = try Data(contentsOf: URL(filePath: scratch["list"]))
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
    try TestProcess.run(arguments + options + [source, "-o", path])
    return path
  }
}
