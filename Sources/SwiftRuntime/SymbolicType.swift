import ProcessImage

/// The type in a mangled name with symbolic references, as reflection records have them (docs/ABI/Mangling.rst), in Swift's words.
///
/// It reads what captured variables and boxed values are made of most often: nominal and generic types, the standard
/// library's short forms, optionals, tuples, functions, existentials, metatypes, boxes and weak references. Anything else has
/// no name here.
struct SymbolicType {
  private indirect enum Node {
    case type(String)
    /// A type that its generic arguments are still to come for.
    case nominal(ContextDescriptor)
    case standard(String)
    case protocolType(String)
    case emptyList
    case listStart
    case isAsync
    case isThrowing
    case isSendable
  }

  private let namer: TypeNamer
  private let memory: any MemoryReader
  private var place: Address
  private let end: Address
  private var stack: [Node] = []
  private var substitutions: [Node] = []

  private static let lengthLimit = 512
  private static let stackLimit = 64

  /// - Returns: `nil` for what it does not read.
  static func name(at place: Address, in memory: any MemoryReader, namer: TypeNamer) -> String? {
    guard let end = end(of: place, in: memory) else { return nil }
    var reader = SymbolicType(namer: namer, memory: memory, place: place, end: end)
    return reader.read()
  }

  private init(namer: TypeNamer, memory: any MemoryReader, place: Address, end: Address) {
    self.namer = namer
    self.memory = memory
    self.place = place
    self.end = end
  }

  /// The zero byte that ends the name; those inside symbolic references do not.
  private static func end(of place: Address, in memory: any MemoryReader) -> Address? {
    let bytes = memory.bytes(from: place)
    var offset = 0
    while offset < min(bytes.count, lengthLimit) {
      switch bytes[offset] {
      case 0: return place + offset
      case 1...0x17: offset += 5
      case 0x18...0x1F: offset += 9
      default: offset += 1
      }
    }
    return nil
  }

  private mutating func next() -> UInt8? {
    guard place < end, let byte = memory.load(UInt8.self, at: place) else { return nil }
    place = place + 1
    return byte
  }

  private mutating func read() -> String? {
    while let byte = next() {
      guard stack.count < Self.stackLimit, step(byte) else { return nil }
    }
    guard stack.count == 1 else { return nil }
    return popType()
  }

  private mutating func step(_ byte: UInt8) -> Bool {
    switch byte {
    case 1, 2: return symbolicReference(indirect: byte == 2)
    case UInt8(ascii: "S"): return standard()
    case UInt8(ascii: "A"): return substitution()
    case UInt8(ascii: "y"): stack.append(.emptyList)
    case UInt8(ascii: "_"): stack.append(.listStart)
    case UInt8(ascii: "x"): stack.append(.type("A"))
    case UInt8(ascii: "G"): return boundGeneric()
    case UInt8(ascii: "t"): return tuple()
    case UInt8(ascii: "c"): return function()
    case UInt8(ascii: "p"): return existential()
    case UInt8(ascii: "m"):
      guard let type = popType() else { return false }
      stack.append(.type(type + ".Type"))
    case UInt8(ascii: "K"): stack.append(.isThrowing)
    case UInt8(ascii: "Y"):
      switch next() {
      case UInt8(ascii: "a"): stack.append(.isAsync)
      case UInt8(ascii: "b"): stack.append(.isSendable)
      default: return false
      }
    case UInt8(ascii: "z"):
      // A box's variable: `TYPEz_Xx`, and behind a generic one `XX` with its arguments.
      guard next() == UInt8(ascii: "_"), next() == UInt8(ascii: "X"), next() == UInt8(ascii: "x"), let type = popType()
      else {
        return false
      }
      stack.append(.type("var " + type))
    case UInt8(ascii: "X"): return reference()
    case UInt8(ascii: "1")...UInt8(ascii: "9"): return label(firstDigit: byte)
    case UInt8(ascii: "B"):
      guard next() == UInt8(ascii: "o") else { return false }
      stack.append(.type("AnyObject"))
    default: return false
    }
    return true
  }

  private mutating func symbolicReference(indirect: Bool) -> Bool {
    guard let distance = memory.load(Int32.self, at: place) else { return false }
    var target = place + Int(distance)
    place = place + 4
    if indirect {
      guard let pointed = memory.pointer(at: target) else { return false }
      target = pointed
    }
    guard let descriptor = ContextDescriptor(at: target, in: memory) else { return false }
    if descriptor.isType {
      push(.nominal(descriptor), substitutable: true)
      return true
    }
    guard descriptor.kind == .protocolType, let name = namer.name(of: descriptor, arguments: nil, depth: 0) else {
      return false
    }
    push(.protocolType(name), substitutable: true)
    return true
  }

  private mutating func push(_ node: Node, substitutable: Bool) {
    stack.append(node)
    if substitutable { substitutions.append(node) }
  }

  private mutating func standard() -> Bool {
    guard let letter = next() else { return false }
    if letter == UInt8(ascii: "g") {
      guard let wrapped = popType() else { return false }
      push(.type(TypeNamer.parenthesized(wrapped) + "?"), substitutable: true)
      return true
    }
    guard let (count, kind) = repeated(letter) else { return false }
    var mangled = "$sS" + String(UnicodeScalar(kind))
    if kind == UInt8(ascii: "c") {
      guard let second = next() else { return false }
      mangled += String(UnicodeScalar(second))
    }
    guard let name = Demangler.shared.demangled(mangled) else { return false }
    return push(.standard(name), times: count)
  }

  /// `AB` is the second one, `AbC` the second and the third, `A3B` the second three times.
  private mutating func substitution() -> Bool {
    while let byte = next() {
      guard let (count, letter) = repeated(byte) else { return false }
      let isLast = letter >= UInt8(ascii: "A") && letter <= UInt8(ascii: "Z")
      guard isLast || letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") else { return false }
      let index = Int(letter) - Int(UInt8(ascii: isLast ? "A" : "a"))
      guard index < substitutions.count, push(substitutions[index], times: count) else { return false }
      if isLast { return true }
    }
    return false
  }

  /// What begins with `first`: how often a letter counts, and the letter. `S2i` stands for `SiSi`.
  private mutating func repeated(_ first: UInt8) -> (count: Int, letter: UInt8)? {
    guard first >= UInt8(ascii: "1"), first <= UInt8(ascii: "9") else { return (1, first) }
    guard let count = number(firstDigit: first), let letter = next() else { return nil }
    return (count, letter)
  }

  private mutating func push(_ node: Node, times count: Int) -> Bool {
    guard count <= Self.stackLimit - stack.count else { return false }
    stack += repeatElement(node, count: count)
    return true
  }

  /// A number in decimal digits; `nil` if it is larger than any that a name here has.
  private mutating func number(firstDigit: UInt8) -> Int? {
    var number = Int(firstDigit - UInt8(ascii: "0"))
    while let digit = memory.load(UInt8.self, at: place), digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
      number = number * 10 + Int(digit - UInt8(ascii: "0"))
      guard number < 256, next() != nil else { return nil }
    }
    return number
  }

  private mutating func boundGeneric() -> Bool {
    var arguments: [String] = []
    while let node = stack.last {
      switch node {
      case .emptyList:
        stack.removeLast()
        arguments.reverse()
        switch stack.popLast() {
        case .nominal(let descriptor):
          guard let name = namer.name(of: descriptor, applying: arguments) else { return false }
          push(.type(name), substitutable: true)
        case .standard(let name):
          push(.type(TypeNamer.sugar(name, arguments) ?? TypeNamer.applied(name, arguments)), substitutable: true)
        default: return false
        }
        return true
      // Arguments of the types around it are listed apart; they all belong to one name here.
      case .listStart: stack.removeLast()
      default:
        guard let type = popType() else { return false }
        arguments.append(type)
      }
    }
    return false
  }

  /// `_` follows the first element of a list that has one, `y` stands for an empty list.
  private mutating func popList() -> [String]? {
    var elements: [String] = []
    while let node = stack.last {
      switch node {
      case .emptyList:
        stack.removeLast()
        return elements.reversed()
      case .listStart:
        stack.removeLast()
        guard let first = popType() else { return nil }
        elements.append(first)
        return elements.reversed()
      default:
        guard let type = popType() else { return nil }
        elements.append(type)
      }
    }
    return nil
  }

  private mutating func tuple() -> Bool {
    guard let elements = popList() else { return false }
    stack.append(.type("(\(elements.joined(separator: ", ")))"))
    return true
  }

  /// A tuple element's label stands behind its type, with its length before it.
  private mutating func label(firstDigit: UInt8) -> Bool {
    guard let length = number(firstDigit: firstDigit) else { return false }
    let bytes = (0..<length).compactMap { _ in next() }
    guard bytes.count == length, let type = popType() else { return false }
    stack.append(.type("\(String(decoding: bytes, as: UTF8.self)): \(type)"))
    return true
  }

  /// Result, parameters, then `Ya`, `Yb` and `K`, then `c`. One parameter stands by itself.
  private mutating func function() -> Bool {
    var suffix = ""
    var prefix = ""
    flags: while let node = stack.last {
      switch node {
      case .isAsync: suffix = " async" + suffix
      case .isThrowing: suffix += " throws"
      case .isSendable: prefix = "@Sendable "
      default: break flags
      }
      stack.removeLast()
    }
    guard let parameters = popOperand(), let result = popOperand() else { return false }
    let list = parameters.hasPrefix("(") ? parameters : "(\(parameters))"
    stack.append(.type("\(prefix)\(list)\(suffix) -> \(result)"))
    return true
  }

  private mutating func popOperand() -> String? {
    if case .emptyList = stack.last {
      stack.removeLast()
      return "()"
    }
    return popType()
  }

  private mutating func existential() -> Bool {
    var names: [String] = []
    while let node = stack.popLast() {
      switch node {
      case .emptyList:
        stack.append(.type(names.isEmpty ? "Any" : "any " + names.reversed().joined(separator: " & ")))
        return true
      case .listStart: continue
      case .protocolType(let name), .standard(let name):
        names.append(name)
        // The list has begun where its first element has `_` behind it, which was taken off before it.
        if !precededByList {
          stack.append(.type("any " + names.reversed().joined(separator: " & ")))
          return true
        }
      default: return false
      }
    }
    return false
  }

  private var precededByList: Bool {
    switch stack.last {
    case .protocolType, .listStart: true
    default: false
    }
  }

  private mutating func reference() -> Bool {
    guard let kind = next() else { return false }
    switch kind {
    case UInt8(ascii: "w"), UInt8(ascii: "o"), UInt8(ascii: "u"):
      guard let type = popType() else { return false }
      stack.append(.type((kind == UInt8(ascii: "w") ? "weak " : "unowned ") + type))
    case UInt8(ascii: "l"):
      // `yXl`
      guard case .emptyList = stack.popLast() else { return false }
      stack.append(.type("AnyObject"))
    default: return false
    }
    return true
  }

  private mutating func popType() -> String? {
    switch stack.popLast() {
    case .type(let name), .standard(let name): name
    case .nominal(let descriptor): namer.name(of: descriptor, arguments: nil, depth: 0)
    default: nil
    }
  }
}

/// What a closure context holds, or a box: types by their mangled names (include/swift/RemoteInspection/Records.h).
struct CaptureDescriptor {
  let types: [Address]
  /// Whether the types depend on the instance: it keeps metadata or bindings of its own.
  let isGeneric: Bool

  private static let limit: UInt32 = 256

  init?(at address: Address, in memory: any MemoryReader) {
    guard address.bits != 0, let count = memory.load(UInt32.self, at: address),
      let sources = memory.load(UInt32.self, at: address + 4), let bindings = memory.load(UInt32.self, at: address + 8),
      count <= Self.limit, sources <= Self.limit, bindings <= Self.limit
    else { return nil }
    types = (0..<Int(count)).compactMap { memory.relativePointer(at: address + 12 + $0 * 4) }
    guard types.count == Int(count) else { return nil }
    isGeneric = sources > 0 || bindings > 0
  }
}
