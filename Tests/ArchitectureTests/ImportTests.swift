import FoundationEssentials
import Testing

/// Imports point one way only: down each lane of README's table of modules. The table is the rule; this compares every
/// `import` of the sources with it.
struct ImportTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  struct Module {
    let folder: String
    let name: String
    /// Our own modules that it may import.
    let imports: Set<String>
  }

  /// Rows of README's table `| `FOLDER` | what lives there | imports |`.
  static func modules(in readme: String) -> [Module] {
    readme.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.drop { $0 == " " } }
      guard cells.count == 3, line.hasPrefix("| `"),
        let folder = cells[0].split(separator: "`").first,
        folder.hasPrefix("Sources/") || folder.hasPrefix("CSupport/") || folder.hasPrefix("Benchmarks/")
      else { return nil }
      let imports = cells[2].split { !$0.isLetter }.map(String.init)
      return Module(
        folder: String(folder), name: String(folder.split(separator: "/")[1]),
        imports: Set(imports).subtracting(["nothing", "of", "ours"]))
    }
  }

  /// Modules that a Swift source imports.
  static func imports(in source: String) -> [String] {
    source.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index < words.count - 1,
        words[..<index].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0) })
      else { return nil }
      let kinds: Set<Substring> = ["struct", "class", "enum", "func", "var", "let", "protocol", "typealias"]
      let module = kinds.contains(words[index + 1]) ? words.dropFirst(index + 2).first : words[index + 1]
      return module?.split(separator: ".").first.map(String.init)
    }
  }

  private static func readme() throws -> String {
    try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
  }

  private static func files(below folder: String) throws -> [URL] {
    let top = root.appending(path: folder)
    return try FileManager.default.subpathsOfDirectory(atPath: top.path).map { top.appending(path: $0) }
  }

  @Test func `every import stands in README's table of modules`() throws {
    let modules = Self.modules(in: try Self.readme())
    let ours = Set(modules.map(\.name))
    #expect(modules.count >= 7)
    for module in modules {
      for file in try Self.files(below: module.folder) where file.pathExtension == "swift" {
        let source = try String(contentsOf: file, encoding: .utf8)
        for name in Self.imports(in: source) where ours.contains(name) {
          #expect(module.imports.contains(name), "\(module.folder)/\(file.lastPathComponent) imports \(name)")
        }
      }
    }
  }

  @Test func `every folder of sources stands in README's table`() throws {
    let folders = Set(Self.modules(in: try Self.readme()).map(\.folder))
    for parent in ["Sources", "CSupport"] {
      for entry in try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: parent).path) {
        #expect(folders.contains("\(parent)/\(entry)"), "\(parent)/\(entry) has no row")
      }
    }
  }

  @Test func `no library imports what only a command may`() throws {
    for file in try Self.files(below: "Sources") where file.pathExtension == "swift" {
      let imports = Self.imports(in: try String(contentsOf: file, encoding: .utf8))
      #expect(!imports.contains("Foundation"), "\(file.lastPathComponent): FoundationEssentials is enough")
      let isOfCommands = ["CommandLineTool", "weakspot"].contains { file.path.contains("/Sources/\($0)/") }
      #expect(
        isOfCommands || !imports.contains("ArgumentParser"),
        "\(file.lastPathComponent): arguments are the commands' matter")
    }
  }

  @Test func `the check itself sees a planted import`() {
    let source = "import A\npackage import B\n@testable import struct C.D\n// import E\nlet import1 = 2\n"
    #expect(Self.imports(in: source) == ["A", "B", "C"])
    let table = "| `Sources/X` | text | Y, Z |\n| `CSupport/C` | text | nothing of ours |\n| other | a | b |\n"
    #expect(Self.modules(in: table).map(\.name) == ["X", "C"])
    #expect(Self.modules(in: table).map(\.imports) == [["Y", "Z"], []])
  }
}
