/// A place in a value that may hold references: what to read there, and what it means.
///
/// Slots of a type lie one behind the other in `LayoutTable`'s store, so that scanning an object is one loop over 16-byte
/// records.
struct LayoutSlot: BitwiseCopyable {
  enum Kind: UInt8 {
    /// A word that points to an object, or is null or an enum's spare value.
    case reference
    /// A BridgeObject (String, Dictionary, Set): nothing if bit 63 is set, else a pointer below spare bits.
    case bridge
    /// A function and its context, strong only if there is a function.
    case function
    /// The address of a side table.
    case weak
    /// Three words and a metadata pointer: a value in place, or a box.
    case existential
    /// An enum that must be projected; `detail` is its number in `LayoutTable.enums`.
    case enumeration
  }

  /// Bytes from the value's start.
  var offset: UInt32
  /// Number of the field in the table; an enumeration has none of its own.
  var field: UInt32
  var detail: UInt32
  var kind: Kind

  /// Bytes from `offset` that are read.
  var size: Int {
    switch kind {
    case .reference, .bridge, .weak: 8
    case .function: 16
    case .existential: 32
    case .enumeration: 0
    }
  }

  // Swift on x86-64 keeps these bits of a pointer for enums: 0xFF00…07. The lowest page is kept as well.
  static let pointerMask: UInt64 = 0x00FF_FFFF_FFFF_FFF8
  static let bridgeMask: UInt64 = 0x0FFF_FFFF_FFFF_FFF8
  static let leastPointer: UInt64 = 0x1000
}

/// Where the references of a type's instances are, computed once.
struct TypeLayout: BitwiseCopyable {
  enum Shape: UInt8, BitwiseCopyable {
    /// `slots` from the object's start; also values, from the value's start.
    case fields
    /// `_ContiguousArrayStorage`: `slots` for each element, `stride` apart.
    case array
    /// `_DictionaryStorage`: `keySlots` and `slots` for each occupied bucket.
    case dictionary
    /// `_SetStorage`: `slots` for each occupied bucket.
    case set
    /// The layout is found by more words than the metadata pointer: closures over generic values, error boxes.
    case perInstance
  }

  var shape = Shape.fields
  var slots = SlotRange.empty
  var keySlots = SlotRange.empty
  /// Bytes that an object (an element) must have for its slots to be read.
  var extent: UInt32 = 0
  var keyExtent: UInt32 = 0
  var stride: UInt32 = 0
  var keyStride: UInt32 = 0
}

/// Slots that lie together in the store.
struct SlotRange: BitwiseCopyable {
  var start: UInt32
  var count: UInt32
  static let empty = SlotRange(start: 0, count: 0)
}

/// Why some references of a type's instances are not known; the others are.
package enum LayoutGap: Hashable, Sendable {
  /// The image was built without reflection metadata, or the mirror does not know the type at all.
  case noReflection
  /// A field or capture whose layout is not known: its path.
  case unknownField(String)
  /// The elements of a `ManagedBuffer`, whose count only the program knows.
  case managedBufferElements
  /// C code lays the objects out (Core Foundation's strings, arrays, dictionaries).
  case foreignLayout
  /// The metadata or a descriptor is damaged.
  case damagedMetadata
}
