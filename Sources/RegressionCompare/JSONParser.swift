/// Reads RFC 8259 JSON from bytes. Stricter than the RFC in one thing: a key may stand once in an object. A byte order
/// mark before it is skipped, as the RFC allows.
struct JSONParser {
  /// Objects and lists within each other; deeper is an error and not a stack overflow.
  static let depthLimit = 64

  private let bytes: [UInt8]
  private var offset = 0
  private var position = JSONNode.Position()

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }

  /// - Throws: `ComparisonError.damagedPolicy` with the place.
  static func parse(_ bytes: [UInt8]) throws(ComparisonError) -> JSONNode {
    var parser = JSONParser(bytes)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      parser.skipValidText()
      throw parser.fault("not UTF-8 text; save the policy as UTF-8")
    }
    parser.skipSpace()
    guard parser.offset < parser.bytes.count else { throw parser.fault("the policy is empty") }
    let node = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.offset == parser.bytes.count else { throw parser.fault("text after the end of the policy") }
    return node
  }

  private func fault(_ fact: String, at place: JSONNode.Position? = nil) -> ComparisonError {
    let place = place ?? position
    return .damagedPolicy(line: place.line, column: place.column, path: "", fact: fact)
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func advance() {
    let byte = bytes[offset]
    offset += 1
    if byte == UInt8(ascii: "\n") {
      position.line += 1
      position.column = 1
    } else if offset == bytes.count || bytes[offset] & 0xC0 != 0x80 {
      position.column += 1
    }
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { advance() }
  }

  /// To the first byte that is not UTF-8, for the error's position.
  private mutating func skipValidText() {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      for _ in 0..<UTF8.width(scalar) where offset < bytes.count { advance() }
    }
  }

  /// The byte in words: what stands where something else was due.
  private var found: String {
    guard let next else { return "the end of the text" }
    return (0x21...0x7E).contains(next) ? "“\(Unicode.Scalar(next))”" : "another character"
  }

  private mutating func expect(_ byte: UInt8, _ role: String) throws(ComparisonError) {
    guard next == byte else { throw fault("\(role) is due here, not \(found)") }
    advance()
  }

  private mutating func value(depth: Int) throws(ComparisonError) -> JSONNode {
    skipSpace()
    guard depth < Self.depthLimit else { throw fault("more than \(Self.depthLimit) levels within each other") }
    let start = position
    let value: JSONNode.Value
    switch next {
    case UInt8(ascii: "{"): value = try object(depth: depth)
    case UInt8(ascii: "["): value = try array(depth: depth)
    case UInt8(ascii: "\""): value = .string(try string())
    case UInt8(ascii: "t"): value = try word("true", .bool(true))
    case UInt8(ascii: "f"): value = try word("false", .bool(false))
    case UInt8(ascii: "n"): value = try word("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): value = .number(try number())
    default: throw fault("a value is due here, not \(found)")
    }
    return JSONNode(position: start, value: value)
  }

  private mutating func object(depth: Int) throws(ComparisonError) -> JSONNode.Value {
    advance()
    var members: [JSONNode.Member] = []
    var keys: Set<String> = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      advance()
      return .object([])
    }
    while true {
      skipSpace()
      let start = position
      guard next == UInt8(ascii: "\"") else { throw fault("a key in quotes is due here, not \(found)") }
      let key = try string()
      guard keys.insert(key).inserted else {
        throw fault("the key “\(key)” stands here for the second time", at: start)
      }
      skipSpace()
      try expect(UInt8(ascii: ":"), "“:”")
      members.append(JSONNode.Member(key: key, position: start, value: try value(depth: depth + 1)))
      skipSpace()
      if next == UInt8(ascii: ",") {
        advance()
      } else {
        try expect(UInt8(ascii: "}"), "“,” or “}”")
        return .object(members)
      }
    }
  }

  private mutating func array(depth: Int) throws(ComparisonError) -> JSONNode.Value {
    advance()
    var elements: [JSONNode] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      advance()
      return .array([])
    }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if next == UInt8(ascii: ",") {
        advance()
      } else {
        try expect(UInt8(ascii: "]"), "“,” or “]”")
        return .array(elements)
      }
    }
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONNode.Value
  ) throws(ComparisonError) -> JSONNode.Value {
    let start = position
    for byte in word.description.utf8 {
      guard next == byte else { throw fault("a value is due here; is “\(word)” meant?", at: start) }
      advance()
    }
    return value
  }

  private mutating func number() throws(ComparisonError) -> Double {
    let start = position
    let first = offset
    if next == UInt8(ascii: "-") { advance() }
    let whole = digits()
    let leadingZero = whole > 1 && bytes[offset - whole] == UInt8(ascii: "0")
    var sound = whole > 0 && !leadingZero
    if next == UInt8(ascii: ".") {
      advance()
      sound = digits() > 0 && sound
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      advance()
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { advance() }
      sound = digits() > 0 && sound
    }
    guard sound, let number = Double(String(decoding: bytes[first..<offset], as: UTF8.self)), number.isFinite
    else { throw fault("not a number that can be read", at: start) }
    return number
  }

  private mutating func digits() -> Int {
    let first = offset
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { advance() }
    return offset - first
  }

  private mutating func string() throws(ComparisonError) -> String {
    let start = position
    advance()
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        advance()
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape().utf8
      case 0..<0x20: throw fault("a control character in a string; write it with a backslash")
      default:
        text.append(byte)
        advance()
      }
    }
    throw fault("the string that begins here has no end", at: start)
  }

  private mutating func escape() throws(ComparisonError) -> String {
    let start = position
    advance()
    guard let byte = next else { throw fault("the text ends within a string") }
    advance()
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var units = [try hexadecimal(start)]
      if UTF16.isLeadSurrogate(units[0]), next == UInt8(ascii: "\\"), offset + 1 < bytes.count,
        bytes[offset + 1] == UInt8(ascii: "u")
      {
        advance()
        advance()
        units.append(try hexadecimal(start))
      }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw fault("half of a surrogate pair", at: start)
      }
      return text
    default: throw fault("no such escape in JSON", at: start)
    }
  }

  private mutating func hexadecimal(_ start: JSONNode.Position) throws(ComparisonError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hexadecimal digits are due after \\u", at: start)
      }
      unit = unit << 4 | UInt16(digit)
      advance()
    }
    return unit
  }
}
