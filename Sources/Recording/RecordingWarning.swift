internal import CRecorder

/// What a recording does not tell, though it could be read.
package enum RecordingWarning: Equatable, Sendable, CustomStringConvertible {
  /// Blocks beyond the address space that the recording covers.
  case lostBlocks(Int)
  /// Blocks whose stack is unknown.
  case withoutStack(Int)
  case lostStacks(Int)
  case lostImages(Int)
  case damagedStacks(Int)
  /// Stacks that end before their thread's first function, of so many.
  case endEarly(Int, of: Int)

  static func all(
    header: RecordingHeader, damagedStacks: Int, withoutStack: Int, stacks: [RecordedStack]
  ) -> [RecordingWarning] {
    let fields = header.fields
    var warnings: [RecordingWarning] = []
    if fields.lost_blocks > 0 { warnings.append(.lostBlocks(Int(clamping: fields.lost_blocks))) }
    if withoutStack > 0 { warnings.append(.withoutStack(withoutStack)) }
    if fields.lost_stacks > 0 { warnings.append(.lostStacks(Int(clamping: fields.lost_stacks))) }
    if fields.lost_images > 0 { warnings.append(.lostImages(Int(clamping: fields.lost_images))) }
    if damagedStacks > 0 { warnings.append(.damagedStacks(damagedStacks)) }
    let early = stacks.count { $0.end == .noTables || $0.end == .unreadable || $0.isGuessed }
    if early > 0 { warnings.append(.endEarly(early, of: stacks.count)) }
    return warnings
  }

  package var description: String {
    switch self {
    case .lostBlocks(let count):
      "\(count) blocks were not recorded: the recording had no room for their part of the address space"
    case .withoutStack(let count):
      "\(count) blocks have no stack: a signal handler allocated them, or there was no room for it"
    case .lostStacks(let count):
      "\(count) allocations found no room for their stack"
    case .lostImages(let count):
      "\(count) loaded libraries found no room; their frames have no names"
    case .damagedStacks(let count):
      "\(count) references to stacks lead nowhere: the program has overwritten its recording"
    case .endEarly(let count, let all):
      "\(count) of \(all) stacks end early or may miss a caller: they lead through code without unwind tables; "
        + "build it with frame pointers (swiftc -Xcc -fno-omit-frame-pointer, which is what SwiftPM does)"
    }
  }
}
