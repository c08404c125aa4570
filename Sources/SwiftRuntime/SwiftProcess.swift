package import ProcessImage

/// A captured process as a Swift program: which images hold the runtime, and how old it is.
package struct SwiftProcess: Sendable {
  package let snapshot: Snapshot
  /// `nil` where the runtime does not say it: stripped, or not of x86-64.
  package let version: RuntimeVersion?
  /// Whether the runtime is a part of the program itself (`-static-stdlib`).
  package let isStatic: Bool
  package let warnings: [String]

  private static let library = "libswiftCore.so"

  package init(_ snapshot: Snapshot) throws(SwiftRuntimeError) {
    let core = snapshot.images.first { Self.fileName($0.path) == Self.library }
    // An image that could not be checked against its file tells no sections, but symbols.
    let program = snapshot.images.first { image in
      image.sections.contains { $0.name.hasPrefix("swift5_") } || image.address(ofSymbol: "swift_retain") != nil
    }
    guard let runtime = core ?? program else { throw .notSwift(executable: snapshot.executable) }
    self.snapshot = snapshot
    isStatic = core == nil
    version = runtime.address(ofSymbol: RuntimeVersion.symbol).flatMap { snapshot.bytes(at: $0, count: 32) }
      .flatMap(RuntimeVersion.init(code:))
    warnings = Self.warnings(for: version) + Self.warnings(ofImagesWithoutFields: snapshot.images)
  }

  /// Images with Swift types and no description of their fields (`-disable-reflection-metadata`). The runtime's own are as
  /// they are (libswiftSwiftOnoneSupport.so has none).
  private static func warnings(ofImagesWithoutFields images: [ElfImage]) -> [String] {
    let names = images.filter { image in
      func size(_ section: String) -> Int { image.section(named: section)?.size ?? 0 }
      return size("swift5_type_metadata") > 0 && size("swift5_fieldmd") == 0
    }.map { fileName($0.path) }.filter { !$0.hasPrefix("libswift") }
    guard !names.isEmpty else { return [] }
    return [
      "\(names.joined(separator: ", ")): built without reflection metadata (-disable-reflection-metadata), so that its types have "
        + "names and no fields, and nothing of them can be proved"
    ]
  }

  private static func warnings(for version: RuntimeVersion?) -> [String] {
    guard let version else {
      return [
        "the version of the Swift runtime is not known, since its symbols are stripped; what is told holds for 5.9 or later"
      ]
    }
    if version < .oldestKnown {
      return [
        "the Swift runtime is \(version), older than \(RuntimeVersion.oldestKnown): objects may be missed or misnamed"
      ]
    }
    if version > .newestTried {
      return [
        "the Swift runtime is \(version), newer than \(RuntimeVersion.newestTried), the newest that this was tried with"
      ]
    }
    return []
  }

  /// A task whose block begins at `address`; `nil` if it cannot be read.
  package func task(at address: Address) -> TaskObject? { TaskObject(at: address, in: snapshot) }

  /// The code in which a task goes on, innermost first; see `TaskObject.backtrace`. Frames outside code are left out.
  package func asyncBacktrace(ofTask address: Address) -> [Address] {
    let frames = task(at: address)?.backtrace(in: snapshot) ?? []
    return Array(frames.prefix { snapshot.mapping(containing: $0)?.permissions.contains(.execute) == true })
  }

  /// The last part of a path, without the mark of a file that is gone.
  static func fileName(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(" (deleted)") ? String(name.dropLast(10)) : name
  }
}
