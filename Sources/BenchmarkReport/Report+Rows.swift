// How the reader fills a report row by row, and the search for keys that occur twice.

extension Report {
  mutating func append(_ parser: borrowing RowParser) {
    caseIndex.append(parser.words[Position.caseID])
    runIndex.append(parser.words[Position.runID])
    repetition.append(Int32(truncatingIfNeeded: parser.integers[Position.repetition]))
    phase.append(UInt8(truncatingIfNeeded: parser.words[Position.phase]))
    status.append(UInt8(truncatingIfNeeded: parser.words[Position.status]))
  }

  mutating func reserve(_ rows: Int) {
    caseIndex.reserveCapacity(rows)
    runIndex.reserveCapacity(rows)
    repetition.reserveCapacity(rows)
    phase.reserveCapacity(rows)
    status.reserveCapacity(rows)
  }

  /// A key is a sample and a phase: with a bit for each phase, the samples alone need to be looked up.
  func refuseRepeatedKeys() throws(ReportError) {
    let capacity = rowCount / Phase.allCases.count
    var index = FlatIndex(capacity: capacity)
    var firsts: [Int32] = []
    var phases: [UInt8] = []
    firsts.reserveCapacity(capacity)
    phases.reserveCapacity(capacity)
    var sample = 0
    for row in 0..<rowCount {
      // The rows of a sample mostly follow each other.
      if row == 0 || !isSameSample(row, row - 1) {
        sample = Int(
          index.insert(
            Int32(firsts.count), hash: sampleHash(row), equals: { isSameSample(row, Int(firsts[Int($0)])) },
            hashOf: { sampleHash(Int(firsts[Int($0)])) }))
        if sample == firsts.count {
          firsts.append(Int32(row))
          phases.append(0)
        }
      }
      let bit: UInt8 = 1 << phase[row]
      if phases[sample] & bit != 0 { throw repeatedKey(row) }
      phases[sample] |= bit
    }
  }

  private func repeatedKey(_ row: Int) -> ReportError {
    let first = (0..<row).first { isSameSample($0, row) && phase[$0] == phase[row] } ?? row
    return .damaged(
      ReportPosition(file: path, line: line(ofRow: row), column: 1, field: nil),
      expected: "a run_id, case_id, repetition and phase that occur once", found: "those of line \(line(ofRow: first))")
  }

  @inline(__always)
  func sampleHash(_ row: Int) -> UInt64 {
    let key = UInt64(UInt32(bitPattern: caseIndex[row])) << 32 | UInt64(UInt32(bitPattern: repetition[row]))
    return mix(mix(key) ^ UInt64(UInt32(bitPattern: runIndex[row])))
  }

  @inline(__always)
  func isSameSample(_ a: Int, _ b: Int) -> Bool {
    caseIndex[a] == caseIndex[b] && repetition[a] == repetition[b] && runIndex[a] == runIndex[b]
  }

  /// Positions in `ReportSchema.columns` of what every row keeps.
  private enum Position {
    static let caseID = ReportSchema.position(of: .caseID)
    static let runID = ReportSchema.position(of: .runID)
    static let repetition = ReportSchema.position(of: .repetition)
    static let phase = ReportSchema.position(of: .phase)
    static let status = ReportSchema.position(of: .status)
  }
}
