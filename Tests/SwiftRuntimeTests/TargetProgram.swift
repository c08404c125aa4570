import Glibc
import HeapBlocks
import ProcessImage
import SwiftRuntime
import TestSupport
import Testing

/// A program that a test has started, once it is ready. It ends with the object at the latest.
struct TargetProgram {
  private let process: TestProcess
  var pid: Int32 { process.pid }
  /// What it printed before `ready`.
  let lines: [String]

  init(_ path: String) throws {
    process = try TestProcess(path)
    lines = try process.lines(before: "ready")
  }

  /// The census of the program as it is now: of the first look that finds its heap at rest.
  func census() throws -> Census {
    for _ in 0..<4 {
      let census = try Census(Snapshot.capture(pid: pid))
      if census.heap.isTrusted { return census }
      usleep(50_000)
    }
    return try Census(Snapshot.capture(pid: pid))
  }
}

/// A captured process with its blocks named.
struct Census {
  let process: SwiftProcess
  let heap: Heap
  let table: ObjectTable

  init(_ snapshot: Snapshot) throws {
    process = try SwiftProcess(snapshot)
    heap = try Heap.walk(snapshot)
    table = Classification.classify(process, heap: heap)
  }

  /// What was read, for a test that fails.
  var summary: String {
    let arenas = heap.arenas.map { "\($0)" }.joined(separator: ", ")
    let snapshot = process.snapshot
    return
      "\(heap.blocks.count) blocks, \(heap.problems), \(snapshot.warnings), \(snapshot.mappings.count) mappings, \(arenas)"
  }

  /// How many blocks have each name.
  var counts: [String: Int] {
    var counts: [UInt32: Int] = [:]
    for type in table.type { counts[type, default: 0] += 1 }
    return counts.reduce(into: [:]) { $0[table.types[Int($1.key)].name, default: 0] += $1.value }
  }

  func count(of kind: BlockKind) -> Int { table.type.indices.count { table.entry($0).kind == kind } }

  /// The entry of the block at a decimal address.
  func entry(at address: Substring) -> TypeEntry? {
    UInt64(address).flatMap { heap.blocks.index(startingAt: Address($0)) }.map { table.entry($0) }
  }

  func flags(at address: Substring) -> ObjectTable.Flags? {
    UInt64(address).flatMap { heap.blocks.index(startingAt: Address($0)) }.map { table.flags[$0] }
  }
}

/// Test programs, each built once by the first test that asks for it, beside the tests' own executable.
enum TestPrograms {
  /// One way to build a program.
  struct Build: Sendable, CustomTestStringConvertible {
    var name: String
    var options: [String]
    var isStripped = false
    var testDescription: String { name }

    static let debug = Build(name: "debug", options: [])
    static let optimized = Build(name: "optimized", options: ["-O"])
    static let stripped = Build(name: "stripped", options: ["-O"], isStripped: true)
    static let staticLibrary = Build(name: "static", options: ["-O", "-static-stdlib"])
    static let strippedStatic = Build(name: "stripped-static", options: ["-O", "-static-stdlib"], isStripped: true)
    static let withoutReflection = Build(
      name: "no-reflection", options: ["-Xfrontend", "-disable-reflection-metadata"])
    static let foundation = Build(name: "foundation", options: ["-O", "-D", "FOUNDATION"])
    static let all = [debug, optimized, stripped, staticLibrary, strippedStatic, withoutReflection]
  }

  private static let pure: [String: Result<String, any Error>] = Dictionary(
    uniqueKeysWithValues: Build.all.map { build in (build.name, Result { try compile("PureSwift", build) }) })
  private static let inventories: [String: Result<String, any Error>] = Dictionary(
    uniqueKeysWithValues: (Build.all + [.foundation]).map { build in
      (build.name, Result { try compile("Inventory", build) })
    })
  private static let pitfalls = Result { () throws -> String in
    let library = "\(folder)/libwidget.so"
    try TestProcess.run(["g++", "-O1", "-shared", "-fPIC", source("Widget.cpp"), "-o", library])
    let link = ["-L\(folder)", "-Xlinker", "--no-as-needed", "-lwidget", "-Xlinker", "-rpath", "-Xlinker", folder]
    return try compile("Pitfalls", Build(name: "debug", options: link))
  }
  private static let resilient: [String: Result<String, any Error>] = Dictionary(
    uniqueKeysWithValues: [Build.debug, .optimized].map { build in (build.name, Result { try compileResilient(build) })
    })

  static func pureSwift(_ build: Build) throws -> String { try pure[build.name]!.get() }
  static func inventory(_ build: Build) throws -> String { try inventories[build.name]!.get() }
  static func pitfallsProgram() throws -> String { try pitfalls.get() }
  static func resilientProgram(_ build: Build) throws -> String { try resilient[build.name]!.get() }

  private static let folder: String = {
    let folder = TestProcess.path("SwiftRuntimePrograms")
    mkdir(folder, 0o755)
    return folder
  }()

  private static func source(_ name: String) -> String {
    (#filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast() + ["Programs", Substring(name)])
      .joined(separator: "/")
  }

  private static func compile(_ name: String, _ build: Build) throws -> String {
    let program = "\(folder)/\(name)-\(build.name)"
    // A program newer than its source and these options is the one.
    if let built = modified(program), let written = modified(source(name + ".swift")),
      let options = modified(#filePath),
      built > max(written, options)
    {
      return program
    }
    let options = build.options + (build.isStripped ? ["-Xlinker", "-s"] : [])
    try TestProcess.run(
      ["swiftc", "-parse-as-library", "-module-name", "App", source(name + ".swift"), "-o", program] + options)
    return program
  }

  /// A program, and the library with its classes' superclasses, which is made to be replaced.
  private static func compileResilient(_ build: Build) throws -> String {
    let place = "\(folder)/resilient-\(build.name)"
    mkdir(place, 0o755)
    try TestProcess.run(
      [
        "swiftc", "-parse-as-library", "-module-name", "Base", "-emit-library", "-emit-module",
        "-enable-library-evolution",
        "-emit-module-path", "\(place)/Base.swiftmodule", source("ResilientBase.swift"), "-o", "\(place)/libBase.so",
      ] + build.options)
    let link = ["-I\(place)", "-L\(place)", "-lBase", "-Xlinker", "-rpath", "-Xlinker", place]
    return try compile("ResilientSubclass", Build(name: build.name, options: build.options + link))
  }

  /// When a file was last written, in nanoseconds; `nil` if there is none.
  private static func modified(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
  }
}
