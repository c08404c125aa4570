/// The names of the report's columns, in the contract's order.
package enum ColumnName: String, CaseIterable, Hashable, Sendable {
  case schemaVersion = "schema_version"
  case runID = "run_id"
  case envID = "env_id"
  case suite
  case caseID = "case_id"
  case runtime
  case topology
  case backLink = "back_link"
  case nodes = "nodes_count"
  case payload = "payload_bytes"
  case repetition
  case orderIndex = "order_index"
  case seed
  case phase
  case rss = "rss_bytes"
  case pss = "pss_bytes"
  case privateDirty = "private_dirty_bytes"
  case anonHuge = "anon_huge_bytes"
  case peakRSS = "peak_rss_bytes"
  case heapInUse = "heap_in_use_bytes"
  case heapFree = "heap_free_bytes"
  case heapArena = "heap_arena_bytes"
  case heapMmap = "heap_mmap_bytes"
  case heapTrimmable = "heap_trimmable_bytes"
  case usable = "usable_bytes"
  case liveObjects = "live_objects_count"
  case deinits = "deinit_count"
  case minorFaults = "minor_faults_count"
  case phaseNanoseconds = "phase_ns"
  case status
  case inspectedObjects = "inspected_objects_count"
  case inspectedLeaked = "inspected_leaked_count"
  case inspectedSideTables = "inspected_side_tables_count"
}

/// The type of a column, by its Table Schema name.
package enum ColumnType: String, Sendable {
  case integer, string
}

/// One field of a row before it is text.
package enum Cell: Sendable, Equatable {
  case missing
  case integer(Int64)
  case text(String)
  /// A value that the report cannot hold, as text for the error.
  case unrepresentable(String)
}

/// A column: its name, type, constraints and meaning, and how a row yields it.
package struct Column: Sendable {
  package let name: ColumnName
  package let type: ColumnType
  /// Whether a field of this column may be empty.
  package let required: Bool
  /// The least allowed value of an integer.
  package let minimum: Int64?
  /// The greatest allowed value of an integer.
  package let maximum: Int64?
  /// The words allowed in a string column; empty means any.
  package let allowed: [String]
  /// Unit and source.
  package let description: String
  let cell: @Sendable (ReportRow) -> Cell

  /// What a field of this column must be, for error messages.
  package var expectation: String {
    let value =
      if !allowed.isEmpty {
        allowed.count == 1
          ? allowed[0] : allowed.dropLast().joined(separator: ", ") + " or \(allowed[allowed.count - 1])"
      } else if type == .string {
        "printable text"
      } else if let maximum {
        "a whole number from \(minimum ?? 0) to \(maximum)"
      } else {
        "a whole number, \(minimum ?? 0) or more"
      }
    return required ? value : "\(value), or nothing"
  }

  static func integer(
    _ name: ColumnName, required: Bool = true, minimum: Int64 = 0, maximum: Int64? = nil, _ description: String,
    _ value: @escaping @Sendable (ReportRow) -> Cell
  ) -> Column {
    Column(
      name: name, type: .integer, required: required, minimum: minimum, maximum: maximum, allowed: [],
      description: description, cell: value)
  }

  static func text(
    _ name: ColumnName, allowed: [String] = [], _ description: String,
    _ value: @escaping @Sendable (ReportRow) -> String
  ) -> Column {
    Column(
      name: name, type: .string, required: true, minimum: nil, maximum: nil, allowed: allowed,
      description: description, cell: { .text(value($0)) })
  }

  /// The greatest reading that a report can hold, 2⁵³: up to there a Double, and so every statistic, keeps it exact.
  static let greatestReading: Int64 = 1 << 53

  /// A reading: empty where the checkpoint or the reading is missing.
  static func reading(
    _ name: ColumnName, _ description: String, _ value: any KeyPath<CheckpointReadings, Int64?> & Sendable
  ) -> Column {
    integer(name, required: false, maximum: greatestReading, description) { row in
      row.readings.flatMap { $0[keyPath: value] }.map(Cell.integer) ?? .missing
    }
  }
}
