import HeapBlocks
import ProcessImage
import SwiftRuntime

/// The live blocks of a heap, counted by type.
package struct Census {
  /// One row per type, largest first.
  package let rows: [TypeRow]
  package let total: BlockTotals
  /// Of rows that are attributed (`TypeRow.isAttributed`).
  package let attributed: BlockTotals

  package init(_ inspection: Inspection) {
    let objects = inspection.objects
    let blocks = inspection.heap.blocks
    // Twice: those that are alive, and the dead ones that unowned references keep.
    var totals = [BlockTotals](repeating: BlockTotals(), count: objects.types.count * 2)
    // `nil` where an object's count cannot be told.
    var unowned = [Int?](repeating: 0, count: objects.types.count)
    for index in 0..<blocks.count {
      let type = Int(objects.type[index])
      let isDead = objects.flags[index].contains(.dead)
      let row = type * 2 + (isDead ? 1 : 0)
      totals[row].count += 1
      totals[row].bytes += blocks.chunkBytes(of: index)
      totals[row].usableBytes += blocks.usableBytes(of: index)
      guard isDead, let known = unowned[type] else { continue }
      let counts = ObjectCounts(ofObject: blocks.address(of: index), in: inspection.snapshot)
      unowned[type] = counts?.counts.unowned.map { known + Int($0) }
    }
    var rows: [TypeRow] = []
    var total = BlockTotals()
    for (row, totals) in totals.enumerated() where totals.count > 0 {
      let entry = objects.types[row / 2]
      let isDead = row % 2 == 1
      rows.append(
        TypeRow(
          name: entry.name, kind: isDead ? "zombie" : entry.kind.word, totals: totals,
          holder: entry.holder.map { TypeRow.Holder(name: $0.name, kind: $0.kind.rawValue) },
          unownedReferences: isDead ? unowned[row / 2] : nil))
      total += totals
    }
    self.rows = TypeRow.sorted(Self.merged(rows), by: .bytes)
    self.total = total
    attributed = rows.lazy.filter(\.isAttributed).reduce(into: BlockTotals()) { $0 += $1.totals }
  }

  /// Types that read the same are one row: a class's contexts that differ by nothing that a reader sees.
  private static func merged(_ rows: [TypeRow]) -> [TypeRow] {
    struct Key: Hashable {
      var name: String
      var kind: String
      var holder: TypeRow.Holder?
    }
    var merged: [TypeRow] = []
    var places: [Key: Int] = [:]
    for row in rows {
      let key = Key(name: row.name, kind: row.kind, holder: row.holder)
      if let place = places[key] {
        merged[place].totals += row.totals
        merged[place].unownedReferences = merged[place].unownedReferences.flatMap { known in
          row.unownedReferences.map { known + $0 }
        }
      } else {
        places[key] = merged.count
        merged.append(row)
      }
    }
    return merged
  }
}

extension TypeRow {
  package enum Order: String, CaseIterable, Sendable {
    case bytes, count
  }

  /// Largest first; equal ones by name.
  package static func sorted(_ rows: [TypeRow], by order: Order) -> [TypeRow] {
    rows.sorted { left, right in
      let (first, second) =
        order == .bytes ? (left.totals.bytes, right.totals.bytes) : (left.totals.count, right.totals.count)
      return first != second ? first > second : (left.name, left.kind) < (right.name, right.kind)
    }
  }
}

extension TypeRow {
  /// The blocks of one holder, which differ by nothing but their size, as one row: for people, who want to see who it is.
  package static func withoutSizes(_ rows: [TypeRow], by order: Order) -> [TypeRow] {
    var folded: [TypeRow] = []
    var places: [Holder: (place: Int, sizes: Int)] = [:]
    for row in rows {
      guard let holder = row.holder else {
        folded.append(row)
        continue
      }
      if let (place, sizes) = places[holder] {
        folded[place].totals += row.totals
        folded[place].name = "C blocks of \(sizes + 1) sizes (\(holder.name))"
        places[holder] = (place, sizes + 1)
      } else {
        places[holder] = (folded.count, 1)
        folded.append(row)
      }
    }
    return sorted(folded, by: order)
  }
}

extension BlockKind {
  /// As the census calls it.
  package var word: String {
    switch self {
    case .unknown: "C"
    case .instance: "class"
    case .closureContext: "closure"
    case .box: "box"
    case .errorBox: "error"
    case .arrayStorage: "array"
    case .dictionaryStorage: "dictionary"
    case .setStorage: "set"
    case .stringStorage: "string"
    case .managedBuffer: "buffer"
    case .task: "task"
    case .job: "job"
    case .taskSlab: "task memory"
    case .sideTable: "side table"
    case .runtimeData: "runtime"
    case .dispatchObject: "Dispatch"
    case .cppObject: "C++"
    }
  }

  /// Whether Swift programs and their runtime allocate it, and not C or C++.
  package var isSwift: Bool {
    switch self {
    case .unknown, .dispatchObject, .cppObject: false
    default: true
    }
  }
}
