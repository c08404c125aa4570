package import ProcessImage
package import Recording

/// Where the blocks of a process were allocated, as its recording tells.
package final class AllocationSites {
  package let recording: Recording
  private let resolver: FrameResolver

  /// - Parameter process: The recorded process, if it still runs.
  package init(_ recording: Recording, process: Int32? = nil) {
    self.recording = recording
    resolver = FrameResolver(recording, process: process)
  }

  /// Index of the stack that allocated the block at `address`; `nil` if it was not recorded, or without a stack.
  package func stack(ofBlockAt address: Address) -> Int? { recording.block(at: address)?.stack }

  package func stack(_ index: Int) -> AllocationStack { resolver.stack(index) }

  /// Looks up many stacks together.
  package func resolve(_ indices: some Sequence<Int>) { resolver.resolve(indices) }

  /// What the recording does not tell, and what could not be named so far.
  package var warnings: [String] {
    recording.warnings.map(\.description)
      + resolver.lostImages.sorted().map {
        "\($0) is no longer the file that was loaded, so that its frames have no names"
      }
  }
}
