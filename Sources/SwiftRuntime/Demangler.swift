import CSwiftDemangle
import Glibc

/// Symbols in Swift's words, by our own runtime's demangler (swift_demangle's short form).
struct Demangler: Sendable {
  static let shared = Demangler()

  /// `closure #1 in Model.bind()` for a symbol of Swift, `foo::bar<int>` for one of C++; `nil` for any other.
  func demangled(_ symbol: String) -> String? {
    var symbol = symbol
    return symbol.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress, !characters.isEmpty,
          let text = weakspot_demangle(start, characters.count)
        else { return nil }
        defer { free(text) }
        return String(validatingCString: text)
      }
    }
  }
}
