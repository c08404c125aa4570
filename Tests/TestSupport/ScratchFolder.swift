package import FoundationEssentials
import Glibc
import Testing

/// A folder of a test's own, below `$TMPDIR`, gone with its owner: tests run often, and on small disks.
package final class ScratchFolder: Sendable {
  /// For what all tests of this process share, such as programs that are built once; gone as the process exits.
  package static let ofProcess: ScratchFolder = {
    atexit { ScratchFolder.ofProcess.remove() }
    return ScratchFolder()
  }()

  package let path: String

  package init() {
    path = FileManager.default.temporaryDirectory.appending(path: "weakspot-test-\(UUID().uuidString)").path
    do {
      // As mkdtemp(3) makes them: nobody else's.
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      Issue.record("no folder for the test: \(error)")
    }
  }

  /// The path of what has that name in the folder.
  package subscript(name: String) -> String { "\(path)/\(name)" }

  /// The path of the file that was written.
  @discardableResult
  package func write(_ content: some DataProtocol, to name: String) throws -> String {
    try Data(content).write(to: URL(filePath: self[name]))
    return self[name]
  }

  @discardableResult
  package func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

  package func read(_ name: String) throws -> String { try String(contentsOfFile: self[name], encoding: .utf8) }

  package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }

  deinit { remove() }

  private func remove() {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      Issue.record("the test's folder stays: \(error)")
    }
  }
}
