import HeapBlocks
import ObjectGraph
import ProcessImage

/// The blocks in which code is at work: a register, a thread's stack or a task's memory holds an address in them.
///
/// Code that makes or moves values leaves words in between that own nothing. The elements of an array literal that are not made yet
/// hold what the memory held before; the place from which a sort has just moved an element still holds its address.
struct BlocksAtHand {
  private var blocks: NodeSet

  init(_ inspection: Inspection, _ graph: ObjectGraph) {
    let (table, snapshot) = (inspection.heap.blocks, inspection.snapshot)
    blocks = NodeSet(nodeCount: table.count)
    for thread in snapshot.threads {
      for word in thread.registers.words + thread.vectorWords { insert(word, table) }
    }
    for region in RootRegions(inspection).regions where region.kind == .stack {
      let start = Address((region.range.lowerBound.bits &+ 7) & ~7)
      let run = snapshot.bytes(from: start)
      for offset in stride(from: 0, through: min(run.count, region.range.upperBound.distance(from: start)) - 8, by: 8) {
        insert(run.loadUnaligned(fromByteOffset: offset, as: UInt64.self), table)
      }
    }
    for node in 0..<graph.nodeCount where graph.nodes.traits[node].contains(.passing) {
      for edge in graph.words.edges(of: node) { blocks.insert(graph.words.target(edge)) }
    }
  }

  private mutating func insert(_ word: UInt64, _ table: BlockTable) {
    if let block = table.index(containing: Address(word)) { blocks.insert(block) }
  }

  func contains(_ block: Int) -> Bool { blocks.contains(block) }
}
