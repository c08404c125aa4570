// The columns of the report, once: the header, the Table Schema, the row encoder and the reader come from this table.

/// The version in `schema_version`; readers refuse a higher one.
package let reportSchemaVersion = 1

package enum ReportSchema {
  /// The columns in the order in which they are written.
  package static let columns: [Column] = identityColumns + readingColumns + outcomeColumns

  /// The columns whose values together occur once in a report.
  package static let primaryKey: [ColumnName] = [.runID, .caseID, .repetition, .phase]

  /// The header row, without its line end.
  package static let headerLine = columns.map(\.name.rawValue).joined(separator: ",")

  /// The position of a column in `columns`.
  static func position(of name: ColumnName) -> Int { positions[name.rawValue]! }

  /// The same, by name in the file.
  static let positions: [String: Int] = Dictionary(
    uniqueKeysWithValues: columns.enumerated().map { ($1.name.rawValue, $0) })

  private static let identityColumns: [Column] = [
    .integer(
      .schemaVersion, minimum: 1, "Version of these columns. Readers refuse a higher one.",
      { _ in .integer(Int64(reportSchemaVersion)) }),
    .text(.runID, "The run that made the row.") { $0.runID },
    .text(.envID, "Hash of the facts of the environment that change memory; the facts are in the meta file.") {
      $0.envID
    },
    .text(.suite, "The suite that was run.") { $0.suite },
    .text(.caseID, "runtime/topology/back_link/n=nodes_count/p=payload_bytes.") { $0.identity.description },
    .text(.runtime, "The language whose objects make the graph: swift, or cpython, cpp, rust for the peers.") {
      $0.identity.runtime
    },
    .text(.topology, "The shape of the graph.") { $0.identity.topology },
    .text(.backLink, "The kind of reference under test.") { $0.identity.backLink },
    .integer(.nodes, minimum: 1, "Objects in the graph, every instance of the model's classes.") {
      .integer(Int64($0.identity.nodes))
    },
    .integer(.payload, "Bytes of the byte array in each node; 0 where there is none.") {
      .integer(Int64($0.identity.payload))
    },
    .integer(.repetition, maximum: Int64(Int32.max), "Which of the repetitions of the case.") {
      .integer(Int64($0.repetition))
    },
    .integer(.orderIndex, "Position of the sample in the order in which the run took them.") {
      .integer(Int64($0.orderIndex))
    },
    .integer(.seed, "Seed of the graph, the same in every repetition; it orders the run.") {
      Int64(exactly: $0.seed).map(Cell.integer) ?? .unrepresentable(String($0.seed))
    },
    .text(
      .phase, allowed: Phase.allCases.map(\.name),
      "The checkpoint; in the row of a failed sample the one that it did not reach.",
      { $0.phase.name }),
  ]

  private static let readingColumns: [Column] = [
    .reading(.rss, "Bytes, absolute: Rss of /proc/self/smaps_rollup.", \.rssBytes),
    .reading(.pss, "Bytes, absolute: Pss of /proc/self/smaps_rollup.", \.pssBytes),
    .reading(.privateDirty, "Bytes, absolute: Private_Dirty of /proc/self/smaps_rollup.", \.privateDirtyBytes),
    .reading(.anonHuge, "Bytes, absolute: AnonHugePages of /proc/self/smaps_rollup.", \.anonHugeBytes),
    .reading(.peakRSS, "Bytes: VmHWM of /proc/self/status since its last reset.", \.peakRSSBytes),
    .reading(.heapInUse, "Bytes, absolute: uordblks + hblkhd of mallinfo2(3).", \.heapInUseBytes),
    .reading(.heapFree, "Bytes, absolute: fordblks of mallinfo2(3).", \.heapFreeBytes),
    .reading(.heapArena, "Bytes, absolute: arena of mallinfo2(3).", \.heapArenaBytes),
    .reading(.heapMmap, "Bytes, absolute: hblkhd of mallinfo2(3).", \.heapMmapBytes),
    .reading(.heapTrimmable, "Bytes, absolute: keepcost of mallinfo2(3).", \.heapTrimmableBytes),
    .reading(.usable, "Bytes: sum of malloc_usable_size(3) over the graph's live objects.", \.usableBytes),
    .reading(.liveObjects, "Objects created and not yet deinited, by the model's own counters.", \.liveObjects),
    .reading(.deinits, "Objects deinited, by the model's own counters.", \.deinits),
    .reading(.minorFaults, "Page faults without input or output so far: ru_minflt of getrusage(2).", \.minorFaults),
    .reading(.phaseNanoseconds, "Nanoseconds of the step that led here, by CLOCK_MONOTONIC.", \.phaseNanoseconds),
  ]

  private static let outcomeColumns: [Column] = [
    .text(.status, allowed: SampleStatus.allCases.map(\.name), "How the process of the sample ended.") {
      $0.status.name
    },
    .integer(
      .inspectedObjects, required: false, "Nodes that weakspot found, less those at before; empty without --inspect."
    ) {
      count($0.inspectedObjects)
    },
    .integer(
      .inspectedLeaked, required: false,
      "Leaked nodes that weakspot found, less those at before; empty without --inspect."
    ) {
      count($0.inspectedLeaked)
    },
    .integer(
      .inspectedSideTables, required: false,
      "Side tables that weakspot found, less those at before; empty without --inspect."
    ) {
      count($0.inspectedSideTables)
    },
  ]

  private static func count(_ value: Int?) -> Cell { value.map { .integer(Int64($0)) } ?? .missing }
}
