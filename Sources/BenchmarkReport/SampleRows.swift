/// The rows that make up one sample.
struct SampleRows {
  let caseIndex: Int32
  /// The first of its rows in the report.
  let first: Int32
  let status: SampleStatus
  /// The row of each phase, -1 where there is none.
  var rows: SIMD4<Int32> = SIMD4(repeating: -1)

  /// The samples of a report in order of first appearance, each complete or failed.
  static func collect(_ report: Report, _ warnings: inout [String]) throws(ReportError) -> [SampleRows] {
    var samples: [SampleRows] = []
    samples.reserveCapacity(report.rowCount / Phase.allCases.count + 1)
    var index = FlatIndex(capacity: report.rowCount / Phase.allCases.count)
    var number = 0
    for row in 0..<report.rowCount {
      let status = SampleStatus.allCases[Int(report.status[row])]
      // The rows of a sample mostly follow each other.
      if row == 0 || !report.isSameSample(row, row - 1) {
        number = Int(
          index.insert(
            Int32(samples.count), hash: report.sampleHash(row),
            equals: { report.isSameSample(row, Int(samples[Int($0)].first)) },
            hashOf: { report.sampleHash(Int(samples[Int($0)].first)) }))
      }
      if number == samples.count {
        samples.append(SampleRows(caseIndex: report.caseIndex[row], first: Int32(row), status: status))
      } else if samples[number].status != .ok || status != .ok {
        throw damaged(
          report, row, .status, expected: "one row for a failed sample, or ok in all rows of a sample",
          found: "\(status.name) after line \(report.line(ofRow: Int(samples[number].first)))")
      }
      samples[number].rows[Int(report.phase[row])] = Int32(row)
    }
    var complete: [SampleRows] = []
    complete.reserveCapacity(samples.count)
    for sample in samples {
      guard sample.status == .ok, let absent = Phase.allCases.first(where: { sample.rows[Int($0.rawValue)] < 0 }) else {
        complete.append(sample)
        continue
      }
      let identity = report.cases[Int(sample.caseIndex)]
      guard report.isPartial else {
        throw damaged(
          report, Int(sample.first), .phase, expected: "a row for each checkpoint of \(identity), as its status is ok",
          found: "none for \(absent.name)")
      }
      warnings.append(
        "\(report.path):\(report.line(ofRow: Int(sample.first))): \(identity) did not reach \(absent.name), "
          + "and this sample is left out")
    }
    return complete
  }

  private static func damaged(
    _ report: Report, _ row: Int, _ column: ColumnName, expected: String, found: String
  ) -> ReportError {
    let line = report.line(ofRow: row)
    let position = ReportPosition(file: report.path, line: line, column: 1, field: column.rawValue)
    return .damaged(position, expected: expected, found: found)
  }
}
