import Glibc
import HeapBlocks
import ProcessImage
import SwiftRuntime
import TestSupport
import Testing

/// Programs/LayoutShapes.swift with what belongs to it, built, run until it is ready, captured and ended; and what it said of its objects.
struct LayoutTarget: Sendable {
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
    default: throw TestFailure("no such build: \(build.name)")
    }
  }

  /// The path of a build, for another process that captures a run of its own.
  static func debugProgram() throws -> String { try of(.debug).program }

  private init(_ build: Build) throws { try self.init(program: Self.compile(build)) }

  init(program: String) throws {
    self.program = program
    let process = try TestProcess(program)
    objects = Self.parse(try process.lines(before: "ready"))
    snapshot = try Snapshot.capture(pid: process.pid)
  }

  private static func parse(_ lines: [String]) -> [Object] {
    var objects: [Object] = []
    for line in lines {
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

  // MARK: Building

  private static func compile(_ build: Build) throws -> String {
    let folder = TestProcess.path("LayoutPrograms")
    mkdir(folder, 0o755)
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    func source(_ name: Substring) -> String { (here + ["Programs", name]).joined(separator: "/") }
    // Top-level code, and what stands in its way when the file is not called main.swift.
    let program = "\(folder)/\(build.name)"
    mkdir(program + "-source", 0o755)
    let main = program + "-source/main.swift"
    unlink(main)
    guard symlink(source("LayoutShapes.swift"), main) == 0 else { throw TestFailure("\(main): \(errno)") }
    try TestProcess.run(
      [
        "swiftc", "-suppress-warnings", "-swift-version", "6", "-module-name", "Shapes", main,
        source("LayoutShapesOfCode.swift"), source("LayoutShapeTypes.swift"), "-o", program,
      ]
        + build.options)
    return program
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
