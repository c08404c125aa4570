/// The first word of Swift type metadata (include/swift/ABI/MetadataKind.def), as far as it can stand on a heap or in a type's name.
enum MetadataKind: UInt64 {
  case classType = 0
  case structType = 0x200
  case enumType = 0x201
  case optional = 0x202
  case foreignClass = 0x203
  case foreignReferenceType = 0x204
  case opaque = 0x300
  case tuple = 0x301
  case function = 0x302
  case existential = 0x303
  case metatype = 0x304
  case objectiveCClassWrapper = 0x305
  case existentialMetatype = 0x306
  case extendedExistential = 0x307
  case fixedArray = 0x308
  /// Closure contexts, boxes of captured variables, and boxes of indirect enum cases.
  case heapLocalVariable = 0x400
  /// Boxes of a value whose type the metadata names, those of existentials among them.
  case heapGenericLocalVariable = 0x500
  case errorObject = 0x501
  case task = 0x502
  case job = 0x503
}
