import Glibc
import HeapBlocks
import ProcessImage
import SwiftRuntime
import Testing

/// Programs/LayoutShapes.swift with what belongs to it, built, run until it is ready, captured and ended; and what it said of its objects.
struct LayoutTarget: Sendable {
  struct Failure: Error, CustomStringConvertible { var description: String }

  /// One way to build the program.
  struct Build: Sendable, Hashable, CustomTestStringConvertible {
    var name: String
    var options: [String]
    var testDescription: String { name }

    static let debug = Build(name: "debug", options: ["-Onone"])
    static let optimized = Build(name: "optimized", options: ["-O"])
    static let stripped = Build(name: "stripped", options: ["-O", "-Xlinker", "-s"])
    static let statically = Build(name: "static", options: ["-O", "-static-stdlib"])
    static let withoutReflection = Build(
      name: "without-reflection", options: ["-Onone", "-Xfrontend", "-disable-reflection-metadata"])
  }

  /// An object and the references that it holds, each as `path ownership address`, sorted.
  struct Object: Sendable {
    var name: String
    var address: Address
    /// Whether it holds others besides, in fields of its superclasses in Foundation.
    var isPartial: Bool
    var references: [String] = []
  }

  let program: String
  let snapshot: Snapshot
  let objects: [Object]

  private static let debug = Result { try LayoutTarget(.debug) }
  private static let optimized = Result { try LayoutTarget(.optimized) }
  private static let stripped = Result { try LayoutTarget(.stripped) }
  private static let statically = Result { try LayoutTarget(.statically) }
  private static let withoutReflection = Result { try LayoutTarget(.withoutReflection) }

  /// Built and run once, by the first test that asks.
  static func of(_ build: Build) throws -> LayoutTarget {
    switch build {
    case .debug: try debug.get()
    case .optimized: try optimized.get()
    case .stripped: try stripped.get()
    case .statically: try statically.get()
    case .withoutReflection: try withoutReflection.get()
    default: throw Failure(description: "no such build: \(build.name)")
    }
  }

  /// The path of a build, for another process that captures a run of its own.
  static func debugProgram() throws -> String { try of(.debug).program }

  private init(_ build: Build) throws { try self.init(program: Self.compile(build)) }

  init(program: String) throws {
    self.program = program
    let (pid, input, output) = try Self.start(program)
    defer {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
      close(input)
      close(output)
    }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !text.suffix(7).elementsEqual("\nready\n".utf8) {
      var poll = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard Glibc.poll(&poll, 1, 60_000) == 1 else { throw Failure(description: "\(program) says nothing") }
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { throw Failure(description: "\(program) ended early") }
      text += buffer[..<count]
    }
    objects = Self.parse(String(decoding: text, as: UTF8.self))
    snapshot = try Snapshot.capture(pid: pid)
  }

  private static func parse(_ text: String) -> [Object] {
    var objects: [Object] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case "object", "partial":
        let address = Address(UInt64(words[1]) ?? 0)
        objects.append(
          Object(
            name: words[2...].joined(separator: " "), address: address, isPartial: words[0] == "partial"))
      case "edge":
        objects[objects.count - 1].references.append(words[1...].joined(separator: " "))
      default: break
      }
    }
    for index in objects.indices { objects[index].references.sort() }
    return objects
  }

  // MARK: Building and starting

  private static func compile(_ build: Build) throws -> String {
    let tests = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = (tests + ["LayoutPrograms"]).joined(separator: "/")
    mkdir(folder, 0o755)
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    func source(_ name: Substring) -> String { (here + ["Programs", name]).joined(separator: "/") }
    // Top-level code, and what stands in its way when the file is not called main.swift.
    let program = "\(folder)/\(build.name)"
    mkdir(program + "-source", 0o755)
    let main = program + "-source/main.swift"
    unlink(main)
    guard symlink(source("LayoutShapes.swift"), main) == 0 else { throw Failure(description: "\(main): \(errno)") }
    let command =
      [
        "swiftc", "-suppress-warnings", "-swift-version", "6", "-module-name", "Shapes", main,
        source("LayoutShapesOfCode.swift"), source("LayoutShapeTypes.swift"), "-o", program,
      ]
      + build.options
    let pid = try spawn(command, input: -1, output: -1)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1 && errno == EINTR {}
    guard status == 0 else { throw Failure(description: "\(command.joined(separator: " ")): \(status)") }
    return program
  }

  private static func start(_ program: String) throws -> (pid: Int32, input: Int32, output: Int32) {
    // Sockets, since they close on exec from the beginning: other tests start programs at the same time.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    var ends: [Int32] = [-1, -1, -1, -1]
    let hasPairs = ends.withUnsafeMutableBufferPointer {
      socketpair(AF_UNIX, kind, 0, $0.baseAddress) == 0 && socketpair(AF_UNIX, kind, 0, $0.baseAddress! + 2) == 0
    }
    guard hasPairs else { throw Failure(description: "no sockets: \(errno)") }
    let pid = try spawn([program], input: ends[0], output: ends[3])
    close(ends[0])
    close(ends[3])
    return (pid, ends[1], ends[2])
  }

  /// -1 leaves a descriptor as it is.
  private static func spawn(_ command: [String], input: Int32, output: Int32) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if input >= 0 { posix_spawn_file_actions_adddup2(&actions, input, 0) }
    if output >= 0 { posix_spawn_file_actions_adddup2(&actions, output, 1) }
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: Int32 = 0
    let result = posix_spawnp(&pid, command[0], &actions, nil, &words, environ)
    guard result == 0 else { throw Failure(description: "\(command[0]): \(String(cString: strerror(result)))") }
    return pid
  }
}

/// A scanner over a memory, with the library of the toolchain that runs the tests.
func layoutScanner(_ snapshot: Snapshot, memory: (any MemoryReader)? = nil) throws -> ReferenceScanner {
  let library = try RemoteMirrorLibrary.load(
    candidates: RemoteMirrorLibrary.candidates(executable: nil, snapshot: snapshot, toolchain: runtimeFolder(snapshot)))
  let mirror = try RemoteMirror(library: library, snapshot: snapshot, memory: memory)
  return ReferenceScanner(layouts: LayoutTable(snapshot: snapshot, mirror: mirror, memory: memory))
}

/// The folder from which programs of this toolchain load their Swift runtime: the program's own, if it is not static.
private func runtimeFolder(_ snapshot: Snapshot) throws -> String? {
  func folder(_ images: [ElfImage]) -> String? {
    images.map(\.path).first { $0.hasSuffix("/libswiftCore.so") }.map { String($0.dropLast("/libswiftCore.so".count)) }
  }
  return try folder(snapshot.images) ?? folder(LayoutTarget.of(.debug).snapshot.images)
}

extension ReferenceScanner {
  /// The references of one object as the test programs write them.
  mutating func references(of object: Address, in snapshot: any MemoryReader) -> [String] {
    scan(object: object, bytes: snapshot.bytes(from: object), source: 0)
    let fields = layouts.fields
    return takeReferences().map { reference in
      let field = fields[Int(reference.field)]
      return "\(field.path) \(field.ownership) \(reference.target)"
    }.sorted()
  }
}
