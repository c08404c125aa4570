package import AllocationStacks
package import Recording

/// What `weakspot heap --by stack` has to say: live memory by where it was allocated.
package struct StackReport: Sendable {
  package struct Row: Sendable {
    /// `nil`: the blocks whose stack is unknown.
    package var stack: AllocationStack?
    package var totals: RecordedTotals
  }

  package var processID: Int32
  /// The program, as far as its recording knows it.
  package var executable: String?
  /// Mean bytes between samples; `nil` if every block was recorded.
  package var sampleMean: Int?
  /// In the order that was asked for, after the filter and the limit.
  package var rows: [Row]
  /// What the limit leaves out.
  package var omitted: Int
  package var omittedTotals = RecordedTotals()
  /// All blocks, whatever the filter.
  package var total: RecordedTotals
  package var warnings: [String]

  /// - Parameters:
  ///   - limit: Stacks at most; `nil` for all. Only those that are shown are given names, unless a filter asks for them.
  ///   - filter: Only stacks that lead through a function of this name.
  package init(_ sites: AllocationSites, order: TypeRow.Order, limit: Int?, filter: Glob?) {
    let recording = sites.recording
    let totals = recording.totalsByStack()
    var indices = totals.indices.filter { totals[$0].samples > 0 }
    indices.sort { left, right in
      let (first, second) =
        order == .bytes ? (totals[left].bytes, totals[right].bytes) : (totals[left].blocks, totals[right].blocks)
      return first != second ? first > second : left < right
    }
    let unknown = recording.stacks.count
    if let filter {
      sites.resolve(indices.lazy.filter { $0 != unknown })
      indices = indices.filter { index in
        index != unknown
          && sites.stack(index).frames.contains { $0.function.map(filter.matches) ?? false }
      }
    }
    let shown = indices.prefix(limit ?? indices.count)
    sites.resolve(shown.lazy.filter { $0 != unknown })
    rows = shown.map { Row(stack: $0 == unknown ? nil : sites.stack($0), totals: totals[$0]) }
    omitted = indices.count - shown.count
    for index in indices.dropFirst(shown.count) { omittedTotals.add(totals[index]) }
    processID = recording.processID
    executable = recording.executable
    if case .sampled(let mean) = recording.mode { sampleMean = mean }
    total = recording.totals()
    warnings = sites.warnings
  }
}
