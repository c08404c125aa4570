import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// `weakspot`, which looks at a sample from outside at each of its checkpoints.
package struct Inspector: Sendable {
  private let executable: FilePath

  /// - Parameter path: Of a weakspot of this version.
  init(path: String) { executable = FilePath(path) }

  /// The one that lies beside the running executable. Throws `RunError.noInspector` where there is none.
  package static func besideThisExecutable() throws(RunError) -> Inspector {
    guard let own = realpath("/proc/self/exe", nil) else {
      throw .noInspector(path: "weakspot", fact: String(cString: strerror(errno)))
    }
    defer { free(own) }
    let path = FilePath(String(cString: own)).removingLastComponent().appending("weakspot").string
    guard access(path, X_OK) == 0 else { throw .noInspector(path: path, fact: String(cString: strerror(errno))) }
    return Inspector(path: path)
  }

  /// Stops and copies the process, lets it go on, and counts. A process that it cannot look at is no error: why is in
  /// what it returns. Throws `CancellationError` when the task is cancelled.
  func look(at process: pid_t) async throws -> InspectorLook {
    do {
      let result = try await run(
        .path(executable), arguments: ["leaks", String(process), "--format", "json"],
        output: .bytes(limit: 1 << 24), error: .string(limit: 1 << 20))
      // 1: there are leaks.
      guard [.exited(0), .exited(1)].contains(result.terminationStatus) else {
        let said = result.standardError.split(separator: "\n").last.map(String.init)
        return .failed(said ?? "\(executable.string): \(result.terminationStatus)")
      }
      return .counted(try InspectorCounts(json: result.standardOutput))
    } catch {
      try Task.checkCancellation()
      return .failed("\(executable.string): \(error)")
    }
  }
}

/// What came of one look.
enum InspectorLook: Sendable, Equatable {
  case counted(InspectorCounts)
  case failed(String)
}

/// What the inspector counts in a process, all that lies there.
struct InspectorCounts: Sendable, Equatable {
  /// Instances of the models' classes.
  var objects: Int
  /// Those of them that are leaked: proven or unreachable.
  var leaked: Int
  var sideTables: Int
  /// Chunks that are in use, those in caches of threads included: what `heap_in_use_bytes` counts, but for malloc's own.
  var inUseBytes: Int
}

extension InspectorCounts {
  /// The module that declares the models' classes.
  private static let module = "GraphWorkloads"

  /// Reads what `weakspot leaks --format json` writes.
  init(json: [UInt8]) throws {
    let report = try JSONDecoder().decode(LeaksDocument.self, from: Data(json))
    objects = report.inspected.instances.first { $0.module == Self.module }?.count ?? 0
    sideTables = report.inspected.sideTables
    inUseBytes = report.inspected.inUseBytes
    leaked = 0
    for leak in report.leaks where leak.verdict != "suspect" {
      for member in leak.members where member.kind == "class" && member.type.hasPrefix(Self.module + ".") {
        leaked += member.count
      }
    }
  }
}

/// The keys of the inspector's report that are read here (Documentation/Inspecting.md).
private struct LeaksDocument: Decodable {
  let inspected: Totals
  let leaks: [Leak]

  struct Totals: Decodable {
    let sideTables: Int
    let inUseBytes: Int
    let instances: [Instances]
  }

  struct Instances: Decodable {
    let module: String
    let count: Int
  }

  struct Leak: Decodable {
    let verdict: String
    let members: [Member]
  }

  struct Member: Decodable {
    let type: String
    let kind: String
    let count: Int
  }
}
