internal import CRecorder
internal import Glibc
package import ProcessImage

/// The live blocks of a program with the stack that allocated each, as the preloaded recorder wrote them down.
///
/// Reading a recording neither stops nor disturbs its program. Of a running one it is no snapshot of a moment: a block that
/// was allocated or freed while the recording was read may be in it or not, and one that realloc moves may be missing;
/// every other block is there. What a block refers to is always complete (CSupport/CRecorder/include/CRecorder.h).
package struct Recording: Sendable {
  /// How blocks were chosen.
  package enum Mode: Equatable, Sendable {
    /// Every block was recorded.
    case full
    /// A sample every `mean` bytes, on average.
    case sampled(mean: Int)
  }

  package let processID: Int32
  /// Nanoseconds since 1970.
  package let startTime: UInt64
  package let mode: Mode
  /// The program went through `exit`. False while it runs, and for one that was killed.
  package let hasEnded: Bool
  /// By address.
  package let blocks: [RecordedBlock]
  package let stacks: [RecordedStack]
  package let images: [RecordedImage]
  package let warnings: [RecordingWarning]

  /// Reads the recording in a file, or in `/proc/PID/fd/N` of a running program.
  package static func open(path: String) throws(RecordingError) -> Recording {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(name: path, error: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    return try Recording(from: RecordingFile(descriptor: descriptor, name: path))
  }

  /// The process that the file at `path` is a recording of; `nil` if it is no recording of this version.
  package static func processID(ofRecordingAt path: String) -> Int32? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    do throws(RecordingError) {
      let header = try RecordingHeader(from: RecordingFile(descriptor: descriptor, name: path))
      return Int32(truncatingIfNeeded: header.fields.pid)
    } catch {
      return nil
    }
  }

  package init(from source: some RecordingSource) throws(RecordingError) {
    // In this order: what a word refers to was complete before the word was written.
    let shadow = try ShadowWords(from: source, header: RecordingHeader(from: source))
    let header = try RecordingHeader(from: source)
    var table = try StackTable(from: source, header: header)
    images = try RecordedImage.read(from: source, header: header)

    var blocks: [RecordedBlock] = []
    blocks.reserveCapacity(shadow.words.count)
    for (address, word) in zip(shadow.addresses, shadow.words) {
      let number = Int(word >> UInt64(WSR_STACK_SHIFT) & WSR_STACK_MASK)
      blocks.append(
        RecordedBlock(
          address: Address(address), size: Int(word >> UInt64(WSR_SIZE_SHIFT)), stack: table.index(ofNumber: number)))
    }
    blocks.sort { $0.address < $1.address }
    self.blocks = blocks
    stacks = table.stacks
    processID = Int32(truncatingIfNeeded: header.fields.pid)
    startTime = header.fields.start_time_ns
    mode = header.fields.sample_mean == 0 ? .full : .sampled(mean: Int(header.fields.sample_mean))
    hasEnded = header.fields.ended != 0
    warnings = RecordingWarning.all(
      header: header, damagedStacks: table.damaged, withoutStack: blocks.count { $0.stack == nil },
      stacks: table.stacks)
  }

  /// Mean bytes between samples; `nil` if every block was recorded.
  package var sampleMean: Double? {
    switch mode {
    case .full: nil
    case .sampled(let mean): Double(mean)
    }
  }

  /// The totals of all blocks.
  package func totals() -> RecordedTotals {
    var totals = RecordedTotals()
    let mean = sampleMean
    for block in blocks { totals.add(size: block.size, mean: mean) }
    return totals
  }

  /// The totals of each stack, in the order of `stacks`; at the end those of the blocks without one.
  package func totalsByStack() -> [RecordedTotals] {
    var totals = [RecordedTotals](repeating: RecordedTotals(), count: stacks.count + 1)
    let mean = sampleMean
    for block in blocks { totals[block.stack ?? stacks.count].add(size: block.size, mean: mean) }
    return totals
  }

  /// The block that begins at `address`.
  package func block(at address: Address) -> RecordedBlock? {
    var low = 0
    var high = blocks.count
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].address < address { low = middle + 1 } else { high = middle }
    }
    return low < blocks.count && blocks[low].address == address ? blocks[low] : nil
  }

  /// The program's path, as far as it can be told: the first image that is not named as a library.
  package var executable: String? {
    images.first { $0.path.map { !$0.contains(".so") } ?? false }?.path
  }

  /// Index of the image that a frame of a stack lies in, be it loaded or not by now.
  package func indexOfImage(of frame: Address, in stack: RecordedStack) -> Int? {
    images.firstIndex { $0.holds(frame - 1, generation: stack.generation) }
  }

  /// The image that a frame of a stack lies in.
  package func image(of frame: Address, in stack: RecordedStack) -> RecordedImage? {
    indexOfImage(of: frame, in: stack).map { images[$0] }
  }
}
