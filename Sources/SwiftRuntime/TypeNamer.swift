package import ProcessImage

/// Types in Swift's words, from their metadata: `App.Cell<String>`, `[Int: App.Node]`, `any App.Shape`.
///
/// Names of the modules that every source imports by itself (`Swift`, `_Concurrency`, …) are left out, those of others stay.
/// Private types have their plain name; so have local ones, without their function. Not thread-safe: it caches.
package final class TypeNamer {
  private let memory: any MemoryReader
  private var names: [Address: String] = [:]
  private var parts = 0

  /// Levels of types in types, and elements of a list, beyond which a name says `…`: a bound for damaged memory.
  private static let depthLimit = 12
  private static let listLimit = 32
  private static let lengthLimit = 1024
  /// Types that one name may be made of: damaged memory can make a type contain itself many times over.
  private static let partLimit = 512
  private static let implicitModules: Set<String> = ["Swift", "_Concurrency", "_StringProcessing", "__C"]

  package init(memory: any MemoryReader) { self.memory = memory }

  /// The name of the type whose metadata is at `metadata`; `nil` if there is none that can be read.
  package func name(of metadata: Address) -> String? { name(of: metadata, depth: 0) }

  private func name(of metadata: Address, depth: Int) -> String? {
    if let known = names[metadata] { return known }
    parts = depth == 0 ? 0 : parts + 1
    guard depth < Self.depthLimit, parts < Self.partLimit else { return "…" }
    guard metadata.bits != 0, metadata.isAligned(to: 8), let word = memory.word(at: metadata),
      let name = composed(metadata, kind: MetadataKind(rawValue: word), depth: depth)
    else { return nil }
    let short = name.utf8.count <= Self.lengthLimit ? name : String(name.prefix(Self.lengthLimit)) + "…"
    // A name that was cut for its depth here may be whole elsewhere.
    if depth == 0 || !short.contains("…") { names[metadata] = short }
    return short
  }

  private func composed(_ metadata: Address, kind: MetadataKind?, depth: Int) -> String? {
    switch kind {
    case .classType:
      guard let descriptor = descriptor(at: metadata + 40), descriptor.kind == .classType else { return nil }
      let arguments = descriptor.isGeneric ? descriptor.classArgumentsOffset.map { metadata + $0 } : nil
      return name(of: descriptor, arguments: arguments, depth: depth)
    case .structType, .enumType, .optional:
      guard let descriptor = descriptor(at: metadata + 8), descriptor.isType else { return nil }
      return name(of: descriptor, arguments: descriptor.isGeneric ? metadata + 16 : nil, depth: depth)
    case .foreignClass, .foreignReferenceType:
      return descriptor(at: metadata + 8).flatMap { name(of: $0, arguments: nil, depth: depth) }
    case .opaque: return "Builtin"
    case .tuple: return tuple(metadata, depth: depth)
    case .function: return function(metadata, depth: depth)
    case .existential: return existential(metadata, depth: depth)
    case .extendedExistential: return extendedExistential(metadata, depth: depth)
    case .metatype:
      guard let instance = memory.pointer(at: metadata + 8), let name = name(of: instance, depth: depth + 1) else {
        return nil
      }
      return Self.parenthesized(name) + ".Type"
    case .existentialMetatype:
      return memory.pointer(at: metadata + 8).flatMap { name(of: $0, depth: depth + 1) }.map { name in
        name.hasPrefix("any ") || name == "Any" || name == "AnyObject" ? "\(name).Type" : "any \(name).Type"
      }
    case .fixedArray:
      guard let count = memory.word(at: metadata + 8), let element = memory.pointer(at: metadata + 16) else {
        return nil
      }
      return name(of: element, depth: depth + 1).map { "Builtin.FixedArray<\(count), \($0)>" }
    case .objectiveCClassWrapper, .heapLocalVariable, .heapGenericLocalVariable, .errorObject, .task, .job, nil:
      return nil
    }
  }

  // MARK: Nominal types

  private func descriptor(at place: Address) -> ContextDescriptor? {
    memory.pointer(at: place).flatMap { ContextDescriptor(at: $0, in: memory) }
  }

  /// A type, protocol or module by its descriptor: `App.Outer<Int>.Inner`.
  ///
  /// - Parameter arguments: Where the metadata holds the generic arguments; `nil` leaves them out.
  func name(of descriptor: ContextDescriptor, arguments: Address?, depth: Int) -> String? {
    name(of: descriptor, texts: arguments.flatMap { texts(of: descriptor, at: $0, depth: depth) })
  }

  /// The same with arguments that are names already, one for each parameter.
  func name(of descriptor: ContextDescriptor, applying arguments: [String]) -> String? {
    name(of: descriptor, texts: arguments)
  }

  private func name(of descriptor: ContextDescriptor, texts arguments: [String?]?) -> String? {
    // From the inside out: a type's own parameters are those that the contexts around it do not have.
    var parts: [String] = []
    var module: String?
    var context = Optional(descriptor)
    var end = arguments?.count ?? 0
    var steps = 0
    while let current = context, steps < 32 {
      steps += 1
      let parent = current.parent
      switch current.kind {
      case .module: module = current.name
      case .classType, .structType, .enumType, .protocolType:
        guard let plain = current.name else { return nil }
        let begin = min(end, Self.named(parent)?.generics?.parameters.count ?? 0)
        parts.append(Self.applied(plain, (arguments ?? [])[begin..<end].compactMap { $0 }))
        end = begin
      case .extension:
        if let extended = current.extendedType.flatMap({ symbolicDescriptor(at: $0) }), steps < 16 {
          // What it extends stands in for it; the parameters are the same ones.
          context = extended
          continue
        }
        if let text = current.extendedType.flatMap({ standardType(at: $0) }) {
          parts.append(Self.applied(text, (arguments ?? [])[..<end].compactMap { $0 }))
          module = "Swift"
          context = nil
          continue
        }
      case .anonymous, .opaqueType: break
      }
      context = parent
    }
    guard !parts.isEmpty else { return module }
    parts.reverse()
    if parts.count == 1, module == "Swift", let sugar = Self.sugar(descriptor.name, arguments?.compactMap { $0 } ?? [])
    {
      return sugar
    }
    if let module, !Self.implicitModules.contains(module) { parts.insert(module, at: 0) }
    return parts.joined(separator: ".")
  }

  /// The nearest context that a name tells. The anonymous one around what is private or local has the same parameters once more.
  private static func named(_ context: ContextDescriptor?) -> ContextDescriptor? {
    var context = context
    var steps = 0
    while let current = context, current.kind == .anonymous, steps < 32 {
      context = current.parent
      steps += 1
    }
    return context
  }

  /// A text for each generic parameter; `nil` for one that the metadata does not name, since a constraint fixes it.
  private func texts(of descriptor: ContextDescriptor, at place: Address, depth: Int) -> [String?]? {
    guard let generics = descriptor.generics else { return nil }
    var next = place + generics.shapeCount * 8
    var packIndex = 0
    return generics.parameters.map { parameter in
      guard parameter.hasArgument else { return nil }
      defer { next = next + 8 }
      switch parameter.kind {
      case .type: return memory.pointer(at: next).flatMap { name(of: $0, depth: depth + 1) } ?? "_"
      case .value: return memory.load(Int64.self, at: next).map(String.init) ?? "_"
      case .pack:
        defer { packIndex += 1 }
        guard packIndex < generics.shapes.count, let pack = memory.word(at: next),
          let length = memory.word(at: place + generics.shapes[packIndex] * 8)
        else { return "_" }
        // The lowest bit says whether the pack is on the heap.
        return list(count: length) { [memory] index in memory.pointer(at: Address(pack & ~1) + index * 8) }(depth)
          .joined(separator: ", ")
      case .other: return "_"
      }
    }
  }

  /// Names of a run of types, cut where it is too long to be true.
  private func list(count: UInt64, _ element: @escaping (Int) -> Address?) -> (Int) -> [String] {
    { depth in
      let shown = Int(min(count, UInt64(Self.listLimit)))
      var names = (0..<shown).map { index in element(index).flatMap { self.name(of: $0, depth: depth + 1) } ?? "_" }
      if count > UInt64(shown) { names.append("…") }
      return names
    }
  }

  static func applied(_ name: String, _ arguments: [String]) -> String {
    arguments.isEmpty ? name : "\(name)<\(arguments.joined(separator: ", "))>"
  }

  static func sugar(_ name: String?, _ arguments: [String]) -> String? {
    switch (name, arguments.count) {
    case ("Optional", 1): parenthesized(arguments[0]) + "?"
    case ("Array", 1): "[\(arguments[0])]"
    case ("Dictionary", 2): "[\(arguments[0]): \(arguments[1])]"
    default: nil
    }
  }

  /// A function or `any` type as part of a postfix type needs parentheses.
  static func parenthesized(_ name: String) -> String {
    name.hasPrefix("any ") || name.contains(" -> ") && !name.hasSuffix(")") && !name.hasSuffix("]") || isFunction(name)
      ? "(\(name))" : name
  }

  private static func isFunction(_ name: String) -> Bool {
    var level = 0
    var previous: UInt8 = 0
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "<"): level += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): level -= 1
      case UInt8(ascii: ">"):
        if previous == UInt8(ascii: "-") {
          if level == 0 { return true }
        } else {
          level -= 1
        }
      default: break
      }
      previous = byte
    }
    return false
  }

  // MARK: Mangled names with symbolic references, as extensions have them

  /// The descriptor that a mangled name begins with: byte 1 refers to it directly, byte 2 through a pointer.
  private func symbolicDescriptor(at place: Address) -> ContextDescriptor? {
    guard let first = memory.load(UInt8.self, at: place), first == 1 || first == 2,
      let distance = memory.load(Int32.self, at: place + 1)
    else { return nil }
    let target = place + 1 + Int(distance)
    guard first == 2 else { return ContextDescriptor(at: target, in: memory) }
    return memory.pointer(at: target).flatMap { ContextDescriptor(at: $0, in: memory) }
  }

  /// The plain name of a standard library type that has a mangling of its own: `Sa` is Array.
  private func standardType(at place: Address) -> String? {
    guard let text = memory.string(at: place, limit: 64), text.utf8.first == UInt8(ascii: "S") else { return nil }
    let end = text.utf8.index(text.startIndex, offsetBy: 2, limitedBy: text.endIndex) ?? text.endIndex
    return Demangler.shared.demangled("$s" + String(text[..<end]))
  }

  /// The protocol that the mangled name of an existential begins with, without symbolic references: `3App7Listing_px…`.
  private func plainProtocol(at place: Address) -> String? {
    guard let text = memory.string(at: place, limit: 512), let end = text.firstRange(of: "_p")?.lowerBound,
      var name = Demangler.shared.demangled("$s\(text[..<end])_pD")
    else { return nil }
    if name.hasPrefix("any ") { name.removeFirst(4) }
    // The short form leaves the module out: it is the first identifier, behind its length.
    guard let length = Int(text.prefix(while: \.isNumber)), length > 0 else { return name }
    let module = text.drop(while: \.isNumber).prefix(length)
    return Self.implicitModules.contains(String(module)) ? name : "\(module).\(name)"
  }

  // MARK: Structural types

  private func tuple(_ metadata: Address, depth: Int) -> String? {
    guard let count = memory.word(at: metadata + 8), let labels = memory.pointer(at: metadata + 16) else { return nil }
    let text = labels.bits == 0 ? "" : memory.string(at: labels) ?? ""
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    let elements = list(count: count) { [memory] index in memory.pointer(at: metadata + 24 + index * 16) }(depth)
    let labelled = elements.enumerated().map { index, element in
      index < words.count && !words[index].isEmpty ? "\(words[index]): \(element)" : element
    }
    return "(\(labelled.joined(separator: ", ")))"
  }

  /// TargetFunctionTypeMetadata: flags +8, result +16, parameters from +24.
  private func function(_ metadata: Address, depth: Int) -> String? {
    guard let flags = memory.word(at: metadata + 8), let result = memory.pointer(at: metadata + 16) else { return nil }
    let count = flags & 0xFFFF
    var parameters = list(count: count) { [memory] index in memory.pointer(at: metadata + 24 + index * 8) }(depth)
    if flags & 0x0200_0000 != 0, count <= Self.listLimit {
      for index in parameters.indices {
        let flags = memory.load(UInt32.self, at: metadata + 24 + Int(count) * 8 + index * 4)
        switch flags.map({ $0 & 0x7F }) {
        case 1: parameters[index] = "inout " + parameters[index]
        case 2: parameters[index] = "__shared " + parameters[index]
        case 3: parameters[index] = "__owned " + parameters[index]
        default: break
        }
        if flags.map({ $0 & 0x80 != 0 }) == true { parameters[index] += "..." }
      }
    }
    var text = flags & 0x4000_0000 != 0 ? "@Sendable " : ""
    switch flags >> 16 & 0xFF {
    case 1: text = "@convention(block) " + text
    case 2: text = "@convention(thin) " + text
    case 3: text = "@convention(c) " + text
    default: break
    }
    text += "(\(parameters.joined(separator: ", ")))"
    if flags & 0x2000_0000 != 0 { text += " async" }
    if flags & 0x0100_0000 != 0 { text += " throws" }
    return text + " -> " + (name(of: result, depth: depth + 1) ?? "_")
  }

  /// TargetExistentialTypeMetadata: flags +8, number of protocols +12, then the superclass if there is one, then protocols.
  private func existential(_ metadata: Address, depth: Int) -> String? {
    guard let flags = memory.load(UInt32.self, at: metadata + 8),
      let count = memory.load(UInt32.self, at: metadata + 12)
    else { return nil }
    var parts: [String] = []
    var next = metadata + 16
    if flags & 0x4000_0000 != 0 {
      parts.append(memory.pointer(at: next).flatMap { name(of: $0, depth: depth + 1) } ?? "_")
      next = next + 8
    }
    for index in 0..<Int(min(count, UInt32(Self.listLimit))) {
      // The lowest bit would mark an Objective-C protocol.
      let descriptor = memory.word(at: next + index * 8).flatMap { ContextDescriptor(at: Address($0 & ~1), in: memory) }
      parts.append(descriptor.flatMap { name(of: $0, arguments: nil, depth: depth + 1) } ?? "_")
    }
    let needsClass = flags & 0x8000_0000 == 0
    guard !parts.isEmpty else { return needsClass ? "AnyObject" : "Any" }
    return "any " + parts.joined(separator: " & ")
  }

  /// TargetExtendedExistentialTypeMetadata: shape +8, then the arguments of its generalization: `any Sequence<Int>`.
  ///
  /// The shape: flags, the type's mangled name, the header of its requirements, and that of its generalization (+16) if bit 8
  /// of the flags says so.
  private func extendedExistential(_ metadata: Address, depth: Int) -> String? {
    guard let shape = memory.pointer(at: metadata + 8), let flags = memory.load(UInt32.self, at: shape),
      let type = memory.relativePointer(at: shape + 4)
    else { return nil }
    let descriptor = symbolicDescriptor(at: type)
    guard let plain = descriptor.map({ name(of: $0, arguments: nil, depth: depth + 1) }) ?? plainProtocol(at: type)
    else { return "any _" }
    let count = flags & 0x100 != 0 ? memory.load(UInt16.self, at: shape + 16) ?? 0 : 0
    let arguments = list(count: UInt64(count)) { [memory] index in memory.pointer(at: metadata + 16 + index * 8) }(
      depth)
    return "any " + Self.applied(plain, arguments)
  }
}
