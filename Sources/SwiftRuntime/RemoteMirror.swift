internal import CRemoteMirror
internal import Glibc
package import ProcessImage

/// The sections of one ELF image that describe Swift types: where they lie in the target's memory.
package struct ReflectionSections: Equatable, Sendable {
  package struct Section: Equatable, Sendable {
    package var start: Address
    package var size: Int
    package init(start: Address, size: Int) {
      self.start = start
      self.size = size
    }
  }

  /// Names of the ELF sections, in the order of `sections`.
  package static let names = [
    "swift5_fieldmd", "swift5_assocty", "swift5_builtin", "swift5_capture", "swift5_typeref", "swift5_reflstr",
  ]
  /// One for each of `names`; `nil`: the image has none.
  package var sections: [Section?]

  /// - Parameter find: An image's section by its name.
  package init(find: (String) -> Section?) { sections = Self.names.map(find) }

  package var isEmpty: Bool { sections.allSatisfy { $0 == nil } }
}

/// A reflection context over the memory of one process: what `libswiftRemoteMirror` knows of its types.
///
/// Not safe to use from two threads, so not Sendable. Layouts are computed and kept by the library; a first answer takes
/// some 10 to 50 µs.
package final class RemoteMirror {
  private let library: RemoteMirrorLibrary
  private let context: wm_context_ref
  let reader: MirrorMemory
  private let memory: any MemoryReader
  private var ownSections: [UnsafeRawBufferPointer] = []
  private var sectionRanges: [Range<Address>] = []

  /// - Parameters:
  ///   - memory: Must answer for the sections too, which lie in read-only mappings.
  package init(
    library: RemoteMirrorLibrary, memory: any MemoryReader, images: [ReflectionSections]
  ) throws(RemoteMirrorError) {
    self.library = library
    self.memory = memory
    reader = MirrorMemory(memory)
    // Safety: `reader` lives as long as the context, which `deinit` destroys first.
    let pointer = Unmanaged.passUnretained(reader).toOpaque()
    guard
      let context = library.create(
        pointer, MirrorMemory.queryDataLayout, MirrorMemory.freeBytes, MirrorMemory.readBytes,
        MirrorMemory.stringLength,
        { _, _, _ in 0 })
    else { throw .contextNotCreated(path: library.path) }
    self.context = context
    for image in images where !image.isEmpty { add(image) }
  }

  deinit {
    library.destroy(context)
    for section in ownSections { section.deallocate() }
  }

  private func add(_ image: ReflectionSections) {
    func section(_ index: Int) -> wm_section {
      guard let place = image.sections[index], let bytes = memory.bytes(at: place.start, count: place.size),
        let begin = bytes.baseAddress
      else { return wm_section() }
      return wm_section(
        begin: begin, end: begin + bytes.count, remote_start: place.start.bits, remote_size: UInt64(bytes.count))
    }
    sectionRanges += image.sections.compactMap { $0 }.map { $0.start..<max($0.start, $0.start + $0.size) }
    add(
      wm_reflection_sections(
        fields: section(0), associated_types: section(1), builtin_types: section(2), captures: section(3),
        type_references: section(4), strings: section(5)))
  }

  // MARK: Sections of our own

  /// Bytes of the target's addresses that a section of our own takes.
  static let windowSize = 4096

  func add(_ sections: wm_reflection_sections) { library.addSections(context, sections) }

  /// A copy that lives as long as the context.
  func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
    copy.copyBytes(from: bytes)
    let section = UnsafeRawBufferPointer(copy)
    ownSections.append(section)
    return section
  }

  /// Addresses below `address`, each given once, that no reflection section covers. Whatever else the target has there does
  /// not matter: the library looks such an address up among the sections only.
  func freeWindow(near address: Address) -> Address? {
    var window = Address(address.bits & ~UInt64(Self.windowSize - 1))
    for _ in 0..<8192 {
      window = window - Self.windowSize
      let range = window..<(window + Self.windowSize)
      if range.lowerBound < range.upperBound, !sectionRanges.contains(where: { $0.overlaps(range) }) {
        sectionRanges.append(range)
        return window
      }
    }
    return nil
  }

  // MARK: Types

  /// The type that a metadata pointer stands for.
  func type(ofMetadata metadata: Address) -> MirrorType? {
    let reference = library.typeOfMetadata(context, metadata.bits)
    return reference == 0 ? nil : MirrorType(reference: reference)
  }

  /// The type with a mangled name that has no symbolic references (`15Synchronization5MutexVySiG`).
  func type(named name: String) -> MirrorType? {
    let reference = library.typeOfName(context, name, UInt64(name.utf8.count))
    return reference == 0 ? nil : MirrorType(reference: reference)
  }

  func layout(of type: MirrorType) -> MirrorLayout {
    MirrorLayout(library.infoOfType(context, type.reference))
  }

  func child(_ index: Int, of type: MirrorType) -> MirrorChild {
    MirrorChild(library.childOfType(context, type.reference, UInt32(truncatingIfNeeded: index)))
  }

  /// The own fields of a class, without those of its superclasses.
  func layout(ofClass metadata: Address) -> MirrorLayout {
    MirrorLayout(library.infoOfMetadata(context, metadata.bits))
  }

  func child(_ index: Int, ofClass metadata: Address) -> MirrorChild {
    MirrorChild(library.childOfMetadata(context, metadata.bits, UInt32(truncatingIfNeeded: index)))
  }

  /// The captures of a closure context, or the value of a box.
  func layout(ofInstance object: Address) -> MirrorLayout { MirrorLayout(library.infoOfInstance(context, object.bits)) }

  func child(_ index: Int, ofInstance object: Address) -> MirrorChild {
    MirrorChild(library.childOfInstance(context, object.bits, UInt32(truncatingIfNeeded: index)))
  }

  func genericArgument(_ index: Int, of type: MirrorType) -> MirrorType? {
    guard index < Int(library.argumentCount(type.reference)) else { return nil }
    let reference = library.argument(type.reference, UInt32(truncatingIfNeeded: index))
    return reference == 0 ? nil : MirrorType(reference: reference)
  }

  /// The mangled name (`$sBb`), or the name as Swift writes it.
  func name(of type: MirrorType, mangled: Bool) -> String? {
    guard let name = library.copyName(context, type.reference, mangled ? 1 : 0) else { return nil }
    defer { free(name) }
    return String(validatingCString: name)
  }

  // MARK: Enums

  /// The case that `bytes`, laid out as a value of `type`, hold. `nil`: no value of this type, or a layout unknown to the library.
  func enumCase(of bytes: UnsafeRawBufferPointer, type: MirrorType) -> Int? {
    reader.overlay = bytes
    defer { reader.overlay = UnsafeRawBufferPointer(start: nil, count: 0) }
    var index: Int32 = -1
    let found = library.projectEnum(context, MirrorMemory.overlayStart, type.reference, &index)
    return found != 0 && index >= 0 ? Int(index) : nil
  }
}

/// A type of the target, as the library numbers it: equal types have equal references.
struct MirrorType: Hashable {
  let reference: wm_type_ref
}

/// The layout of a value in memory.
struct MirrorLayout {
  let kind: UInt32
  let size: Int
  let alignment: Int
  let stride: Int
  let childCount: Int

  init(_ info: wm_type_info) {
    kind = info.kind
    size = Int(info.size)
    alignment = Int(info.alignment)
    stride = Int(info.stride)
    childCount = Int(info.field_count)
  }
}

/// A field, an enum's case or a closure's capture.
struct MirrorChild {
  let name: String
  /// From the start of what it is a child of.
  let offset: Int
  let kind: UInt32
  /// `nil`: a case without a payload, or a type that is not known.
  let type: MirrorType?

  init(name: String, offset: Int, kind: UInt32, type: MirrorType) {
    self.name = name
    self.offset = offset
    self.kind = kind
    self.type = type
  }

  init(_ info: wm_child_info) {
    name = info.name.flatMap { String(validatingCString: $0) } ?? ""
    offset = Int(info.offset)
    kind = info.kind
    type = info.type == 0 ? nil : MirrorType(reference: info.type)
  }
}
