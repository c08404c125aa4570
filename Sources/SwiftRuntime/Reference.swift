/// A word in an object that refers to another object.
package struct Reference: BitwiseCopyable, Sendable {
  /// Where it leads, without tag bits; for `weak`: the object, if its side table agrees.
  package var target: UInt64
  /// The number that the caller gave the object that holds the word.
  package var source: UInt32
  /// Path and ownership: an index into `LayoutTable.fields`.
  package var field: UInt32
}
