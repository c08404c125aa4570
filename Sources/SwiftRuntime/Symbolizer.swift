package import ProcessImage

/// Functions and variables by their addresses, in Swift's words, each looked up once. Not thread-safe.
package final class Symbolizer {
  private let snapshot: Snapshot
  private var names: [Address: String?] = [:]

  package init(_ snapshot: Snapshot) { self.snapshot = snapshot }

  /// `closure #1 in Model.bind()`, `main`, `foo::bar(int)`; `nil` where no symbol holds the address.
  package func name(of address: Address) -> String? {
    if let known = names[address] { return known }
    let name = snapshot.symbol(at: address).map { Self.name(ofSymbol: $0.name) }
    names[address] = name
    return name
  }

  /// What made a closure, for its context: the function without the forwarding in front of it.
  package func closureName(of code: Address) -> String? {
    name(of: code).map { name in
      var rest = name[...]
      while let prefix = Self.forwarding.first(where: rest.hasPrefix) { rest = rest.dropFirst(prefix.count) }
      return String(rest)
    }
  }

  /// `nil`: it is none of Swift's or C++'s.
  package static func demangled(_ symbol: String) -> String? { Demangler.shared.demangled(symbol) }

  /// A symbol in its language's words, or as it is.
  package static func name(ofSymbol symbol: String) -> String { demangled(symbol).map(completed) ?? symbol }

  /// The code of main.swift belongs to no function, and the short form of a demangled name leaves its module out.
  package static func completed(_ name: String) -> String { name.hasSuffix(" in ") ? name + "top-level code" : name }

  private static let forwarding = [
    "partial apply for ", "partial apply forwarder for ", "async function pointer to ", "merged ",
  ]
}
