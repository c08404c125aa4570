import TestSupport
import Testing

@testable import BenchmarkReport

@Suite("Reading a report")
struct ReaderTests {
  let folder = ScratchFolder()

  private func read(_ text: String, name: String = "a.csv", chunk: Int = 1 << 20) throws -> Report {
    try Report.read(path: folder.write(text, to: name), columns: allColumns, chunk: chunk)
  }

  private func expectSmall(_ report: Report) {
    #expect(report.rowCount == 9)
    #expect(report.cases == [ring, tree])
    #expect(report.caseIndex == [0, 0, 0, 0, 1, 0, 0, 0, 0])
    #expect(report.repetition == [0, 0, 0, 0, 0, 1, 1, 1, 1])
    #expect(report.phase == [0, 1, 2, 3, 1, 0, 1, 2, 3])
    #expect(report.status == [0, 0, 0, 0, 2, 0, 0, 0, 0])
    #expect(report.runIDs == [meta.runID])
    #expect(report.envIDs == [facts.envID])
    #expect(report.suite == ["quick"])
    let missing = Report.missing
    #expect(report[.rss]?.prefix(5) == [4_096_000, 4_296_000, 4_286_000, 4_100_096, missing])
    #expect(report[.usable]?.prefix(3) == [missing, 40_000, missing])
    #expect(report[.nodes] == [1000, 1000, 1000, 1000, 20, 1000, 1000, 1000, 1000])
    #expect(report[.orderIndex] == [0, 0, 0, 0, 1, 2, 2, 2, 2])
  }

  @Test("a finished report with its meta file reads without a warning")
  func finished() throws {
    let writer = try ReportWriter(path: folder["a.csv"], force: false)
    for row in smallReport { try writer.append(row) }
    try writer.finish(meta: meta)
    let report = try Report.read(path: folder["a.csv"], columns: allColumns)
    expectSmall(report)
    #expect(report.warnings.isEmpty)
    #expect(report.meta?.environment == facts)
    #expect(report.meta?.rows == 9)
    #expect(!report.isPartial)
  }

  @Test("a report whose run was interrupted, or did not end, reads with a warning", arguments: [true, false])
  func incomplete(isInterrupted: Bool) throws {
    var meta = meta
    meta.complete = false
    meta.interrupted = isInterrupted
    let writer = try ReportWriter(path: folder["a.csv"], force: false)
    for row in smallReport { try writer.append(row) }
    try writer.finish(meta: meta)
    let report = try Report.read(path: folder["a.csv"], columns: [])
    let ending = isInterrupted ? "was interrupted" : "did not end"
    #expect(
      report.warnings == ["\(folder["a.meta.json"]) says that the run \(ending): the report is not complete"])
  }

  @Test("only the columns that were asked for are kept")
  func someColumns() throws {
    let path = try folder.write(try csv(smallReport), to: "a.csv")
    let report = try Report.read(path: path, columns: [.rss, .phase])
    #expect(report[.rss]?.count == 9)
    #expect(report[.pss] == nil)
    #expect(report[.phase] == nil)
  }

  @Test("CRLF, a byte order mark, other orders and unknown columns change nothing")
  func tolerated() throws {
    let text = try csv(smallReport)
    expectSmall(try read(text.replacing("\n", with: "\r\n")))
    expectSmall(try read("\u{feff}" + text))
    let rows = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let reversed = rows.map { $0.reversed().joined(separator: ",") + "\n" }.joined()
    expectSmall(try read(reversed))
    let extended = rows.enumerated().map { index, fields in
      let extra = index == 0 ? "colour" : "\"red, \"\"very\"\"\nred\""
      return (fields[..<3] + [Substring(extra)] + fields[3...]).joined(separator: ",") + "\n"
    }
    let report = try read(extended.joined())
    expectSmall(report)
    // Every row took two lines.
    #expect(report.line(ofRow: 0) == 2)
    #expect(report.line(ofRow: 8) == 18)
    let quoted = rows.map { $0.map { "\"\($0)\"" }.joined(separator: ",") + "\n" }.joined()
    expectSmall(try read(quoted))
  }

  @Test("the size of the pieces that are read changes nothing", arguments: [640, 641, 700, 1024, 4096])
  func chunks(chunk: Int) throws {
    expectSmall(try read(try csv(smallReport), chunk: chunk))
  }

  @Test("a partial file reads with a warning where its last row was cut off")
  func partial() throws {
    let text = try csv(smallReport)
    let cut = String(text.dropLast(30))
    let report = try read(cut, name: "a.csv.partial")
    #expect(report.rowCount == 8)
    #expect(report.isPartial)
    let path = folder["a.csv.partial"]
    #expect(
      report.warnings == [
        "\(path):10: the last row was cut off while it was written, and is left out",
        "\(path) is a partial report: its run did not end",
        "\(folder["a.meta.json.partial"]) is missing: the environment of the report is known by its env_id only",
      ])
  }

  @Test("a report of failed samples only is a report")
  func failures() throws {
    let report = try read(try csv([failed(ring, .crashed, .built), failed(tree, .oom, .before)]))
    #expect(report.rowCount == 2)
    #expect(report[.heapInUse] == [Report.missing, Report.missing])
  }

  @Test("random rows come back as they were written", arguments: [1, 2, 3] as [UInt64])
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(state: seed)
    let rows = (0..<300).map { randomRow($0, &generator) }
    let report = try read(try csv(rows), chunk: 4096)
    let integers = ReportSchema.columns.filter { $0.type == .integer }
    for (index, row) in rows.enumerated() {
      #expect(report.cases[Int(report.caseIndex[index])] == row.identity)
      #expect(report.runIDs[Int(report.runIndex[index])] == row.runID)
      #expect(report.phase[index] == row.phase.rawValue)
      #expect(report.status[index] == row.status.rawValue)
      for column in integers {
        let expected =
          switch column.cell(row) {
          case .integer(let value): value
          default: Report.missing
          }
        #expect(report[column.name]?[index] == expected, "row \(index), \(column.name.rawValue)")
      }
    }
    #expect(Set(report.suite) == Set(rows.map(\.suite)))
  }

  private func randomRow(_ index: Int, _ generator: inout SeededGenerator) -> ReportRow {
    func reading() -> Int64? {
      switch UInt8.random(in: 0..<8, using: &generator) {
      case 0: nil
      case 1: Column.greatestReading
      case 2: 0
      default: Int64(generator.next() >> UInt64.random(in: 11..<64, using: &generator))
      }
    }
    let words = ["ring", "a,b", "say \"hi\"", "naïve 🌳", "\"", " x "]
    let identity = CaseIdentity(
      runtime: "swift", topology: words.randomElement(using: &generator)!,
      backLink: words.randomElement(using: &generator)!, nodes: Int.random(in: 1...3, using: &generator),
      payload: Int.random(in: 0...2, using: &generator))
    let readings = CheckpointReadings(
      rssBytes: reading(), pssBytes: reading(), peakRSSBytes: reading(), heapInUseBytes: reading(),
      liveObjects: reading(), phaseNanoseconds: reading())
    return ReportRow(
      runID: "run-\(words.randomElement(using: &generator)!)", envID: "env-1",
      suite: words.randomElement(using: &generator)!, identity: identity, repetition: index, orderIndex: index,
      seed: generator.next() >> 1, phase: Phase.allCases.randomElement(using: &generator)!, readings: readings,
      status: SampleStatus.allCases.randomElement(using: &generator)!, inspectedObjects: index % 2 == 0 ? index : nil)
  }
}
