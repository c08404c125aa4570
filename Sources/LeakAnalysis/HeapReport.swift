import SwiftRuntime

/// What `weakspot heap` has to say: the census, and where resident memory goes.
package struct HeapReport: Equatable, Sendable {
  package var target: TargetFacts
  /// One row per type, in the order that was asked for, after the filter, before the limit.
  package var types: [TypeRow]
  /// All live blocks, whatever the filter.
  package var total: BlockTotals
  /// Those that have a kind of their own, or of which it is known which image's variables or which type's objects hold them.
  package var attributed: BlockTotals
  package var resident: ResidentMemory
  /// Which types keep otherwise empty pages resident; `nil` if it was not asked for.
  package var pages: [PageHolder]?
  /// Tasks with what they wait for; `nil` if it was not asked for.
  package var tasks: [TaskRow]?
  package var warnings: [String]

  package init(
    target: TargetFacts, types: [TypeRow], total: BlockTotals, attributed: BlockTotals, resident: ResidentMemory,
    pages: [PageHolder]? = nil, tasks: [TaskRow]? = nil, warnings: [String] = []
  ) {
    self.target = target
    self.types = types
    self.total = total
    self.attributed = attributed
    self.resident = resident
    self.pages = pages
    self.tasks = tasks
    self.warnings = warnings
  }
}

/// Counts of blocks.
package struct BlockTotals: Equatable, Sendable {
  package var count = 0
  /// What the program may use of them.
  package var usableBytes = 0
  /// Their chunks, header included.
  package var bytes = 0

  package init(count: Int = 0, usableBytes: Int = 0, bytes: Int = 0) {
    self.count = count
    self.usableBytes = usableBytes
    self.bytes = bytes
  }

  package static func += (left: inout BlockTotals, right: BlockTotals) {
    left.count += right.count
    left.usableBytes += right.usableBytes
    left.bytes += right.bytes
  }
}

/// The live blocks of one type.
package struct TypeRow: Equatable, Sendable {
  package struct Holder: Hashable, Sendable {
    package var name: String
    /// `image`, `type`, `thread` or `memory`.
    package var kind: String

    package init(name: String, kind: String) {
      self.name = name
      self.kind = kind
    }
  }

  package var name: String
  /// `class`, `closure`, `array`, … (Documentation/Inspecting.md has the list).
  package var kind: String
  package var totals: BlockTotals
  /// Who keeps blocks that have no type of their own. `name` says it too.
  package var holder: Holder?
  /// Unowned references that keep these objects' memory after their deinit; `nil` for objects that are alive, and if unknown.
  package var unownedReferences: Int?

  package init(
    name: String, kind: String, totals: BlockTotals, holder: Holder? = nil, unownedReferences: Int? = nil
  ) {
    self.name = name
    self.kind = kind
    self.totals = totals
    self.holder = holder
    self.unownedReferences = unownedReferences
  }

  /// Whether it is known what these blocks are, or which image or type holds them.
  package var isAttributed: Bool { kind != BlockKind.unknown.word || holder?.kind == "image" || holder?.kind == "type" }

  /// Usable bytes of one block on average.
  package var meanBytes: Double { totals.count == 0 ? 0 : Double(totals.usableBytes) / Double(totals.count) }
}

/// A type whose blocks lie on resident pages that are empty but for a few blocks.
package struct PageHolder: Equatable, Sendable {
  package var name: String
  package var kind: String
  /// Pages, at least three quarters of them free, that hold a block of this type.
  package var pages: Int
  /// Those of them on which no block of another type lies.
  package var pagesAlone: Int
  /// What its blocks use of these pages.
  package var liveBytes: Int

  package init(name: String, kind: String, pages: Int, pagesAlone: Int, liveBytes: Int) {
    self.name = name
    self.kind = kind
    self.pages = pages
    self.pagesAlone = pagesAlone
    self.liveBytes = liveBytes
  }
}

/// A Swift task, and the functions that it comes back to when it goes on, innermost first.
package struct TaskRow: Equatable, Sendable {
  package var address: UInt64
  package var identifier: UInt64?
  package var state: String
  package var backtrace: [String]

  package init(address: UInt64, identifier: UInt64?, state: String, backtrace: [String]) {
    self.address = address
    self.identifier = identifier
    self.state = state
    self.backtrace = backtrace
  }
}
