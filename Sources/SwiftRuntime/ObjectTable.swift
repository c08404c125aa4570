/// What each block of a heap is: flat columns beside the heap's own, five bytes a block.
package struct ObjectTable: Sendable {
  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Deinit has begun: a dead object whose memory unowned references keep, unless it is being destroyed at this moment.
    package static let dead = Flags(rawValue: 1)
    package static let immortal = Flags(rawValue: 2)
    /// Its counts are in a side table that leads back to it.
    package static let sideTable = Flags(rawValue: 4)
  }

  /// For each block, an index into `types`; 0 for free blocks and unknown ones.
  package internal(set) var type: [UInt32]
  package internal(set) var flags: [Flags]
  package internal(set) var types: [TypeEntry]

  package func entry(_ block: Int) -> TypeEntry { types[Int(type[block])] }
}
