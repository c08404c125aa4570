package import ProcessImage

/// How a field holds the object that it refers to.
package enum Ownership: UInt8, Sendable, CaseIterable {
  /// Counts: keeps the object alive.
  case strong
  /// `unowned`, also `unowned(safe)`: keeps the memory, not the object.
  case unowned
  /// `weak`: through a side table.
  case weak
  /// `Unmanaged` and `unowned(unsafe)`: no count at all.
  case unmanaged
}

/// A place in objects from which a reference starts: a path in Swift's own names, and its ownership.
///
/// Paths are relative to the object that holds the word: `children`, `mode.one`, `tuple.0`, `[]` and `[].left` in array and
/// set storage, `[key]` and `[value]` in dictionary storage, `onChange.context`, `capture[1]` in a closure's context, `value` in a box.
package struct ReferenceField: Hashable, Sendable {
  package var path: String
  package var ownership: Ownership
  /// Whether `weak` may stand before it: not in an enum's payload or a tuple, nor where a value of any type fits.
  package var takesWeak = true
  /// A closure: the path ends with `context`, as that of a property of this name may.
  package var isClosure = false
  /// An optional of a protocol's type, as delegates have.
  package var isOptionalProtocol = false
  /// A class's own reference to an object, and no optional.
  package var isRequired = false
  /// The class that declares the field, if it is a class's own: as many subclasses as may have it.
  package var declaration: FieldDeclaration?
}

/// A class as its source has it: its descriptor, which all specialisations of a generic class share.
package struct FieldDeclaration: Hashable, Sendable {
  package var descriptor: Address
  /// Of the class, or of one of its specialisations.
  package var metadata: Address
  /// The object is of a subclass.
  package var isInherited: Bool
}

/// All fields that were met, each once; their numbers are what references carry.
struct FieldTable {
  private(set) var fields: [ReferenceField] = []
  private var numbers: [ReferenceField: UInt32] = [:]

  mutating func number(_ path: String, _ ownership: Ownership) -> UInt32 {
    number(ReferenceField(path: path, ownership: ownership))
  }

  mutating func number(_ field: ReferenceField) -> UInt32 {
    if let number = numbers[field] { return number }
    let number = UInt32(truncatingIfNeeded: fields.count)
    fields.append(field)
    numbers[field] = number
    return number
  }
}
