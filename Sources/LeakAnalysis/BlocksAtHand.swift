import HeapBlocks
import ObjectGraph
import ProcessImage

/// The blocks in which code is at work: a register, a thread's stack or a task's memory holds an address in them.
///
/// Code that makes or moves values leaves words in between that own nothing. The elements of an array literal that are not made yet
/// hold what the memory held before; the place from which a sort has just moved an element still holds its address.
struct BlocksAtHand {
  private var blocks: NodeSet

  init(_ inspection: Inspection, _ heap: HeapGraph) {
    let (table, snapshot) = (inspection.heap.blocks, inspection.snapshot)
    blocks = NodeSet(nodeCount: table.count)
    for thread in snapshot.threads {
      for word in thread.registers.words + thread.vectorWords { insert(word, table) }
    }
    for region in heap.regions.regions where region.kind == .stack {
      region.forEachWord(in: snapshot) { word, _ in insert(word, table) }
    }
    let graph = heap.graph
    for node in 0..<graph.nodeCount where graph.nodes.traits[node].contains(.passing) {
      for edge in graph.words.edges(of: node) { blocks.insert(graph.words.target(edge)) }
    }
  }

  private mutating func insert(_ word: UInt64, _ table: BlockTable) {
    if let block = table.index(containing: Address(word)) { blocks.insert(block) }
  }

  func contains(_ block: Int) -> Bool { blocks.contains(block) }
}
