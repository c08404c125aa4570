import ProcessImage
import SwiftRuntime

/// Which properties have an initial value where they are declared: an object makes such parts of itself, and owns them.
///
/// The compiler gives each such value a function of its own, which whole-module optimisation may leave out, and a stripped
/// program does not name: then it is not known.
final class InitialValues {
  private let namer: TypeNamer
  /// `Screen.download`, without modules and generic arguments.
  private let properties: Set<String>

  private static let prefix = "variable initialization expression of "

  /// - Parameter isWanted: Whether anybody will ask; reading the symbols takes a while.
  init(_ snapshot: Snapshot, isWanted: Bool) {
    namer = TypeNamer(memory: snapshot)
    guard isWanted else {
      properties = []
      return
    }
    var properties: Set<String> = []
    for image in snapshot.images
    where image.sections.contains(where: { $0.name.hasPrefix("swift5_") }) && !Self.isToolchains(image) {
      for name in image.symbols.names(endingIn: "vpfi") {
        guard let text = Symbolizer.demangled(name), text.hasPrefix(Self.prefix) else { continue }
        properties.insert(Self.plain(text.dropFirst(Self.prefix.count).prefix { $0 != ":" }))
      }
    }
    self.properties = properties
  }

  /// Libraries of the toolchain, whose tables are long, say nothing of the program's classes.
  private static func isToolchains(_ image: ElfImage) -> Bool {
    let name = image.path.split(separator: "/").last ?? ""
    return ["libswift", "libFoundation", "lib_"].contains { name.hasPrefix($0) }
  }

  func isMadeInPlace(_ label: EdgeLabel) -> Bool {
    guard !properties.isEmpty, let metadata = label.declaration?.metadata, let type = namer.name(of: metadata),
      let dot = type.firstIndex(of: ".")
    else { return false }
    return properties.contains(Self.plain(type[type.index(after: dot)...]) + "." + label.path)
  }

  /// Without generic arguments and spaces.
  private static func plain(_ name: Substring) -> String {
    var depth = 0
    var plain = ""
    for character in name {
      if character == "<" { depth += 1 }
      if depth == 0, character != " " { plain.append(character) }
      if character == ">" { depth -= 1 }
    }
    return plain
  }
}
