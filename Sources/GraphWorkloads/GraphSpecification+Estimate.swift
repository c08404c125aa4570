/// How much memory a graph will take, from the sizes of the classes' fields on 64-bit Linux and glibc's chunks. A test
/// holds the estimate against what is measured, for every combination.
extension GraphSpecification {
  /// Heap bytes of the built graph, headers and side tables included; `nil` if the number overflows.
  package var estimatedBytes: Int? {
    let payloadChunk = payload == 0 ? 0 : Self.chunk(32 + payload)
    let (each, overflow) = bytesPerNode.addingReportingOverflow(payloadChunk)
    let (all, tooMany) = each.multipliedReportingOverflow(by: nodes)
    let (total, stillTooMany) = all.addingReportingOverflow(indexBytes)
    return overflow || tooMany || stillTooMany ? nil : total
  }

  /// Bytes of glibc's chunk for a request: an 8-byte header, steps of 16, 32 at least.
  private static func chunk(_ bytes: Int) -> Int { max(32, (bytes + 8 + 15) & ~15) }

  private var payloadField: Int { payload == 0 ? 0 : 8 }

  /// An instance's chunk: a 16-byte header, these words, the 8-byte value, the payload's field.
  private func instance(words: Int) -> Int { Self.chunk(16 + 8 * words + 8 + payloadField) }

  /// A weak reference gives its target a 32-byte side table.
  private var sideTable: Int { backLink == .weak ? Self.chunk(32) : 0 }

  /// A strong capture of one object needs no context of its own; a weak or unowned one does.
  private var closureContext: Int { backLink == .strong || backLink == .broken ? 0 : Self.chunk(24) }

  private var bytesPerNode: Int {
    if backLink == .index { return arenaWords * 8 + 8 + payloadField }
    switch topology {
    case .ring, .list: return instance(words: 2) + sideTable
    // Half of the nodes are parents; so is one node in 16.
    case .tree2: return instance(words: 3) + sideTable / 2
    case .tree16: return instance(words: 2) + (Self.chunk(32 + 16 * 8) + sideTable) / 16
    case .clique16: return instance(words: 16) + sideTable + 1
    case .random: return instance(words: 4) + sideTable + 8
    case .delegate: return instance(words: 1) + sideTable / 2 + 4
    case .closure: return instance(words: 2) + closureContext + sideTable + 8
    // One in 16 is a subject, whose dictionary has 32 slots of a key and a closure.
    case .observer:
      return instance(words: 1) + (closureContext + sideTable + 8) * 15 / 16 + Self.chunk(64 + 32 * 24) / 16
    // A listeners' array of one closure; one element in 8 has an array of children.
    case .document:
      return instance(words: 6) + Self.chunk(32 + 16) + closureContext + Self.chunk(32 + 64) / 8 + sideTable
    }
  }

  /// Words of an arena's element besides its value.
  private var arenaWords: Int {
    switch topology {
    case .ring, .list, .tree16: 2
    case .tree2: 3
    case .clique16: 16
    case .random: 4
    case .delegate, .closure, .observer, .document: 0
    }
  }

  /// The document's index: a power of two of slots, at most three quarters full, of a 16-byte name and a reference.
  private var indexBytes: Int {
    guard topology == .document, nodes < 1 << 50 else { return 0 }
    var slots = 1
    while slots * 3 < nodes * 4 { slots *= 2 }
    return slots * 24
  }
}
