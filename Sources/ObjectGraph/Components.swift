/// The strongly connected components of a graph.
struct Components {
  /// The component of each node. An edge never leads from a lower number to a higher one: what a component reaches stands
  /// before it.
  var component: [UInt32]
  var count: Int
}

extension EdgeTable {
  /// Tarjan's components in the form of Pearce ("A space-efficient algorithm for finding strongly connected components",
  /// Information Processing Letters 116, 2016), without recursion: linear, 12 bytes a node.
  func components() -> Components {
    // A node's lowest index while it is open, from 1; its component, from nodeCount downwards, once that is complete. Indices
    // of open nodes are always below the numbers of complete components.
    var lowest = [UInt32](repeating: 0, count: nodeCount)
    // Both stacks in one array, since a node is never on both: the path from the left, nodes that wait for their component
    // from the right.
    var stacks = [UInt32](repeating: 0, count: nodeCount)
    var waiting = nodeCount
    var cursors: [UInt32] = []
    var isFirst = NodeSet(nodeCount: nodeCount)
    var index: UInt32 = 1
    var next = UInt32(truncatingIfNeeded: nodeCount)
    for start in 0..<nodeCount where lowest[start] == 0 {
      var node = start
      var depth = 0
      var edge = offsets[node]
      lowest[node] = index
      index &+= 1
      isFirst.insert(node)
      while true {
        if edge < offsets[node + 1] {
          let target = Int(targets[Int(edge)])
          if lowest[target] == 0 {
            stacks[depth] = UInt32(truncatingIfNeeded: node)
            if cursors.count == depth { cursors.append(edge) } else { cursors[depth] = edge }
            depth += 1
            node = target
            edge = offsets[node]
            lowest[node] = index
            index &+= 1
            isFirst.insert(node)
            continue
          }
          if lowest[target] < lowest[node] {
            lowest[node] = lowest[target]
            isFirst.remove(node)
          }
          edge &+= 1
          continue
        }
        if isFirst.contains(node) {
          index &-= 1
          while waiting < nodeCount, lowest[Int(stacks[waiting])] >= lowest[node] {
            lowest[Int(stacks[waiting])] = next
            waiting += 1
            index &-= 1
          }
          lowest[node] = next
          next &-= 1
        } else {
          waiting -= 1
          stacks[waiting] = UInt32(truncatingIfNeeded: node)
        }
        guard depth > 0 else { break }
        // Back to the edge that led here, which is now looked at as one to a known node.
        depth -= 1
        node = Int(stacks[depth])
        edge = cursors[depth]
      }
    }
    let highest = UInt32(truncatingIfNeeded: nodeCount)
    for node in 0..<nodeCount { lowest[node] = highest &- lowest[node] }
    return Components(component: lowest, count: Int(highest &- next))
  }
}
