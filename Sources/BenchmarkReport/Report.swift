/// A report in memory, a flat array for each column that was asked for.
package struct Report: Sendable {
  /// What a numeric column holds where the field is empty.
  package static let missing = Int64.min

  package let path: String
  /// Whether this is the partial file of a run that did not end.
  package let isPartial: Bool
  /// The distinct cases, in order of first appearance.
  package internal(set) var cases: [CaseIdentity] = []
  /// Per row, the position of its case in `cases`.
  package internal(set) var caseIndex: [Int32] = []
  /// Per row, the position of its run in `runIDs`.
  package internal(set) var runIndex: [Int32] = []
  package internal(set) var repetition: [Int32] = []
  /// Per row, the raw value of its `Phase`.
  package internal(set) var phase: [UInt8] = []
  /// Per row, the raw value of its `SampleStatus`.
  package internal(set) var status: [UInt8] = []
  /// The distinct runs, in order of first appearance; so are the environments and the suites.
  package internal(set) var runIDs: [String] = []
  package internal(set) var envIDs: [String] = []
  package internal(set) var suite: [String] = []
  /// From the meta file beside the report; nil, with a warning, if there is none or it belongs to another run.
  package internal(set) var meta: ReportMeta?
  package internal(set) var warnings: [String] = []

  var columns: [ColumnName: [Int64]] = [:]
  /// The line of the first row.
  var firstLine = 2
  /// Rows after which line numbers run ahead of row numbers, because of line feeds inside quotes.
  var lineSteps: [(row: Int, shift: Int)] = []

  init(path: String) {
    self.path = path
    isPartial = path.hasSuffix(".partial")
  }

  package var rowCount: Int { caseIndex.count }

  /// A numeric column that was asked for, a value per row, `Report.missing` where the field is empty; nil if it was not.
  package subscript(_ column: ColumnName) -> [Int64]? { columns[column] }

  /// The physical line on which a row begins, 1-based.
  package func line(ofRow row: Int) -> Int {
    firstLine + row + (lineSteps.last { $0.row < row }?.shift ?? 0)
  }
}
