/// A function that a stack leads through, as far as symbols and debug information tell.
package struct SourceFrame: Hashable, Sendable {
  /// Whose code it is.
  package enum Role: Hashable, Sendable {
    /// The way into the allocator: malloc, operator new, the Swift runtime, a class's `__allocating_init`.
    case allocation
    /// The standard library's or the system's.
    case library
    /// The program's own, also what it links besides.
    case user
  }

  /// In Swift's or C++'s words; `nil` where no symbol covers the address.
  package var function: String?
  /// The loaded file, without its folder; `nil` where none lies at the address.
  package var image: String?
  /// Where no symbol covers it: an address in the calling instruction, as the file has it (for `addr2line -e`).
  package var address: UInt64?
  /// As the compiler was given it; `nil` without debug information.
  package var file: String?
  /// From 1.
  package var line: Int?
  /// Compiled into the next frame's function.
  package var isInlined: Bool
  package var role: Role

  package init(
    function: String?, image: String?, address: UInt64? = nil, file: String? = nil, line: Int? = nil,
    isInlined: Bool = false,
    role: Role = .user
  ) {
    self.function = function
    self.image = image
    self.address = address
    self.file = file
    self.line = line
    self.isInlined = isInlined
    self.role = role
  }
}

/// Where a block was allocated, in names.
package struct AllocationStack: Hashable, Sendable {
  /// Innermost first, without the way into the allocator.
  package var frames: [SourceFrame]
  /// It stops before its thread's first function.
  package var endsEarly: Bool

  /// - Parameter frames: Innermost first, as they were resolved.
  package init(frames: [SourceFrame], endsEarly: Bool = false) {
    let way = frames.prefix { $0.role == .allocation }
    // Where nothing but that is known, its last function says at least something.
    self.frames = way.count < frames.count ? Array(frames[way.count...]) : frames.suffix(1)
    self.endsEarly = endsEarly
  }

  /// The frame that says most: the innermost one of the program's own code.
  package var headline: SourceFrame? {
    frames.first { $0.role == .user && $0.function != nil } ?? frames.first { $0.role == .user } ?? frames.first
  }
}
