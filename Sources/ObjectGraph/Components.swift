/// The strongly connected components of a graph.
struct Components {
  /// The component of each node. An edge never leads from a lower number to a higher one: what a component reaches
  /// stands before it.
  var component: [UInt32]
  var count: Int
}

extension EdgeTable {
  /// Tarjan's components in the form of Pearce ("A space-efficient algorithm for finding strongly connected
  /// components", Information Processing Letters 116, 2016), without recursion: linear, 12 bytes a node.
  func components() -> Components {
    var component = [UInt32](repeating: 0, count: nodeCount)
    let count = component.withUnsafeMutableBufferPointer { component in
      offsets.withUnsafeBufferPointer { offsets in
        targets.withUnsafeBufferPointer { targets in
          Self.findComponents(offsets, targets, component)
        }
      }
    }
    return Components(component: component, count: count)
  }

  /// - Parameter lowest: Zeros, to be filled with each node's component.
  /// - Returns: How many components there are.
  private static func findComponents(
    _ offsets: UnsafeBufferPointer<UInt32>, _ targets: UnsafeBufferPointer<UInt32>,
    _ lowest: UnsafeMutableBufferPointer<UInt32>
  ) -> Int {
    // `lowest` holds a node's lowest index while it is open, from 1; its component, from nodeCount downwards, once
    // that is complete. Indices of open nodes are always below the numbers of complete components.
    let nodeCount = lowest.count
    // Both stacks in one buffer, since a node is never on both: the path from the left, nodes that wait for their
    // component from the right. `cursors` has the next edge of each node on the path. Safety: a place is read only
    // after it was written; memory that is never written is never made resident.
    let stacks = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: nodeCount)
    let cursors = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: nodeCount)
    defer {
      stacks.deallocate()
      cursors.deallocate()
    }
    var waiting = nodeCount
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
          let other = lowest[target]
          if other == 0 {
            stacks.initializeElement(at: depth, to: UInt32(truncatingIfNeeded: node))
            cursors.initializeElement(at: depth, to: edge)
            depth += 1
            node = target
            edge = offsets[node]
            lowest[node] = index
            index &+= 1
            isFirst.insert(node)
            continue
          }
          if other < lowest[node] {
            lowest[node] = other
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
          stacks.initializeElement(at: waiting, to: UInt32(truncatingIfNeeded: node))
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
    return Int(highest &- next)
  }
}
