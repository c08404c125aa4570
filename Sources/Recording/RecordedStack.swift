internal import CRecorder
package import ProcessImage

/// Where a block was allocated.
package struct RecordedStack: Equatable, Sendable {
  /// Why a stack ends where it does.
  package enum End: Equatable, Sendable {
    /// At its thread's first function.
    case outermost
    /// It is deeper than the recorder keeps.
    case depth
    /// At code with neither unwind tables nor a frame pointer that leads on (`swiftc -O` leaves some).
    case noTables
    /// The next frame did not lie on the stack.
    case unreadable
  }

  /// Return addresses, innermost first. The call is in the instruction that holds `address - 1`, in every frame.
  package var frames: [Address]
  package var end: End
  /// A frame was found by its frame pointer alone: its caller may be missing.
  package var isGuessed: Bool
  /// Which images it goes with: those whose generations hold it.
  package var generation: UInt32

  package init(frames: [Address], end: End, isGuessed: Bool, generation: UInt32) {
    self.frames = frames
    self.end = end
    self.isGuessed = isGuessed
    self.generation = generation
  }
}

/// The stacks that blocks refer to, each once.
struct StackTable {
  /// By stack number: index into `stacks` plus one; 0: not yet looked at, `none`: there is none.
  private var indices: [UInt32]
  private let raw: [UInt64]
  private var known: [Key: UInt32] = [:]
  private(set) var stacks: [RecordedStack] = []
  /// Numbers that lead to nothing that could be a stack.
  private(set) var damaged = 0

  private static let none = UInt32.max

  /// Two threads may have entered one stack at the same time.
  private struct Key: Hashable {
    let frames: [UInt64]
    let end: UInt16
    let generation: UInt32
  }

  init(from source: some RecordingSource, header: RecordingHeader) throws(RecordingError) {
    let words = Int(header.fields.stacks_used) / 8
    raw = try source.array(of: UInt64.self, count: words, from: Int(header.fields.stacks_offset))
    indices = [UInt32](repeating: 0, count: words)
  }

  mutating func index(ofNumber number: Int) -> Int? {
    guard number >= Int(WSR_FIRST_STACK) else { return nil }
    guard number < indices.count else {
      damaged += 1
      return nil
    }
    if indices[number] == 0 { indices[number] = decode(number).map { $0 + 1 } ?? Self.none }
    return indices[number] == Self.none ? nil : Int(indices[number] - 1)
  }

  private mutating func decode(_ number: Int) -> UInt32? {
    guard let key = frames(from: number), let end = Self.end(Int(key.end) & Int(WSR_END_VALUES)) else {
      damaged += 1
      return nil
    }
    if let index = known[key] { return index }
    let index = UInt32(stacks.count)
    known[key] = index
    stacks.append(
      RecordedStack(
        frames: key.frames.map(Address.init), end: end, isGuessed: Int(key.end) & Int(WSR_END_GUESSED) != 0,
        generation: key.generation))
    return index
  }

  /// Puts a stack's parts together. Each lies before the one that refers to it, so that this ends.
  private func frames(from innermost: Int) -> Key? {
    let headerWords = MemoryLayout<wsr_stack>.size / 8
    var frames: [UInt64] = []
    var generation: UInt32?
    var number = innermost
    while true {
      guard number >= Int(WSR_FIRST_STACK), number + headerWords <= raw.count else { return nil }
      let part = raw.withUnsafeBytes { $0.load(fromByteOffset: number * 8, as: wsr_stack.self) }
      let first = number + headerWords
      let count = Int(part.count)
      guard count <= Int(WSR_PART_FRAMES), first + count <= raw.count, Int(part.parent) < number,
        frames.count + count <= Int(WSR_MAX_FRAMES)
      else { return nil }
      frames += raw[first..<first + count]
      // The images are those of the time when the innermost part was new; those further out may be much older.
      let newest = generation ?? part.generation
      if part.parent == 0 { return Key(frames: frames, end: part.end, generation: newest) }
      generation = newest
      number = Int(part.parent)
    }
  }

  private static func end(_ value: Int) -> RecordedStack.End? {
    switch value {
    case Int(WSR_END_OUTERMOST): .outermost
    case Int(WSR_END_DEPTH): .depth
    case Int(WSR_END_NO_TABLES): .noTables
    case Int(WSR_END_UNREADABLE): .unreadable
    default: nil
    }
  }
}
