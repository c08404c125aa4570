import HeapBlocks
import ProcessImage
import SwiftRuntime

/// Freed chunks that were in none of malloc's lists when the process was stopped: `malloc_consolidate` takes a whole list off before
/// it joins its chunks with their neighbours, and so does the end of a thread with its cache.
///
/// They look live, and nothing leads to them but the protected links in their first words. A live block of a chunk that came from a
/// list, and whose first word nobody has written, looks the same: as nothing is said of either, a lost one may be missed.
struct FreedInMotion {
  /// Ascending; without any where no thread can have been in the midst of it.
  private(set) var blocks: [Int] = []

  /// The largest chunk of a thread's cache.
  private static let largestChunk = 1040

  init(_ inspection: Inspection) {
    let (table, objects) = (inspection.heap.blocks, inspection.objects)
    guard
      inspection.snapshot.threads.contains(where: { $0.registers.systemCall == nil })
        || inspection.heap.arenas.contains(where: \.isBusy)
    else { return }
    let isUnknown = objects.types.map { $0.kind == .unknown }
    var cursor = MemoryCursor(inspection.snapshot)
    for block in 0..<table.count
    where isUnknown[Int(objects.type[block])] && table.chunkBytes(of: block) <= Self.largestChunk {
      let address = table.start(of: block)
      guard let word = cursor.word(at: Address(address)) else { continue }
      // The lists of arenas link headers, those of caches what malloc returned.
      let next = word ^ (address >> 12)
      if next == 0 || follows(next, block, table) || follows(next &+ 16, block, table) { blocks.append(block) }
    }
  }

  private func follows(_ next: UInt64, _ block: Int, _ table: BlockTable) -> Bool {
    guard let next = table.index(startingAt: next) else { return false }
    return table.chunkBytes(of: next) == table.chunkBytes(of: block)
  }
}
