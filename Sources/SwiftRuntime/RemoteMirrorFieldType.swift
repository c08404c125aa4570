internal import CRemoteMirror
import ProcessImage

/// A mangled type name of the target's, with its symbolic references resolved, so that it can be written down elsewhere.
struct SymbolicName {
  enum Piece: Equatable {
    case byte(UInt8)
    /// A reference of the given kind (1: to a descriptor, 2: to a pointer to one, …; docs/ABI/Mangling.rst) to an address.
    case reference(kind: UInt8, target: Address)
  }

  private(set) var pieces: [Piece] = []
  private static let longest = 2048

  init(_ pieces: [Piece]) { self.pieces = pieces }

  init(text: String) { pieces = text.utf8.map { .byte($0) } }

  /// `nil`: it cannot be read, does not end, or refers by absolute address.
  init?(at address: Address, _ memory: any MemoryReader) {
    var place = address
    while pieces.count < Self.longest {
      guard let byte = memory.load(UInt8.self, at: place) else { return nil }
      switch byte {
      case 0: return
      case 0x01...0x17:
        guard let distance = memory.load(Int32.self, at: place + 1) else { return nil }
        pieces.append(.reference(kind: byte, target: place + 1 + Int(distance)))
        place = place + 5
      case 0x18...0x1F: return nil
      default:
        pieces.append(.byte(byte))
        place = place + 1
      }
    }
    return nil
  }

  /// The name's bytes when it stands at `address`, its zero included; `nil` if a reference does not reach.
  func bytes(at address: Address) -> [UInt8]? {
    var bytes: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .byte(let byte): bytes.append(byte)
      case .reference(let kind, let target):
        bytes.append(kind)
        guard let distance = Int32(exactly: target.distance(from: address + bytes.count)) else { return nil }
        withUnsafeBytes(of: distance.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    return bytes + [0]
  }
}

extension RemoteMirror {
  /// The type that a field's mangled name stands for, in a class with the given generic arguments.
  ///
  /// The library resolves names with symbolic references only for what it reads itself. So we show it a closure context that
  /// captures one value of that type: a made-up object, its metadata and capture descriptor, the latter close enough to the
  /// name's references for 32-bit distances.
  ///
  /// - Parameters:
  ///   - near: Where the name stands.
  ///   - arguments: Metadata pointers of the class's generic parameters.
  /// - Returns: `nil` also where the library cannot lay out the type.
  func fieldType(_ name: SymbolicName, near: Address, arguments: [UInt64]) -> MirrorChild? {
    guard arguments.count <= 8, let window = freeWindow(near: near) else { return nil }
    // Capture descriptor: counts of types, sources, bindings; then relative pointers: the type, and for each parameter its name
    // and the path to its metadata, binding N.
    let count = arguments.count
    let headSize = 12 + 4 + 8 * count
    var strings: [UInt8] = []
    var places: [Int] = []
    let names =
      [name] + (0..<count).flatMap { [SymbolicName(text: Self.parameter($0)), SymbolicName(text: "B\($0)_")] }
    for item in names {
      places.append(strings.count)
      guard let bytes = item.bytes(at: window + headSize + strings.count) else { return nil }
      strings += bytes
    }
    var head: [UInt8] = []
    func append(_ value: Int) { withUnsafeBytes(of: Int32(value).littleEndian) { head.append(contentsOf: $0) } }
    append(1)
    append(count)
    append(count)
    for place in places { append(headSize + place - head.count) }
    let section = keep(head + strings)
    guard section.count <= Self.windowSize, let begin = section.baseAddress else { return nil }
    let middle = begin + headSize
    let end = begin + section.count
    var sections = wm_reflection_sections()
    sections.captures = wm_section(
      begin: begin, end: middle, remote_start: window.bits, remote_size: UInt64(headSize))
    sections.type_references = wm_section(
      begin: middle, end: end, remote_start: (window + headSize).bits, remote_size: UInt64(strings.count))
    add(sections)
    return capture(descriptor: window, arguments: arguments)
  }

  /// The one capture of a made-up context: header, bindings, and behind them its metadata.
  ///
  /// The library keeps what it read of metadata, by address: each context has its own, which stays.
  private func capture(descriptor: Address, arguments: [UInt64]) -> MirrorChild? {
    let start = reader.nextPermanentStart
    let objectSize = UInt64(16 + 8 * arguments.count)
    let words =
      [start + objectSize, 3] + arguments + [HeapMetadataKind.heapLocalVariable, objectSize, descriptor.bits, 0, 0]
    reader.addPermanent(keep(words.withUnsafeBytes { Array($0) }))
    let object = Address(start)
    let layout = layout(ofInstance: object)
    guard layout.kind == wm_closure_context.rawValue, layout.childCount == 1 else { return nil }
    return child(0, ofInstance: object)
  }

  /// How type parameters of the outermost depth are mangled: x, q_, q0_, q1_, …
  private static func parameter(_ index: Int) -> String {
    switch index {
    case 0: "x"
    case 1: "q_"
    default: "q\(index - 2)_"
    }
  }
}
