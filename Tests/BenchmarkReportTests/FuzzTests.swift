import TestSupport
import Testing

@testable import BenchmarkReport

@Suite("Fuzzing the reader")
struct FuzzTests {
  /// Each seed is 300 mutations of a valid report: an error with a place, or a report that is consistent, never a trap.
  @Test("a mutated report reads or is refused at a place", arguments: 0..<10 as Range<UInt64>)
  func mutations(seed: UInt64) throws {
    let folder = ScratchFolder()
    var generator = SeededGenerator(state: seed)
    let original = Array(try csv(smallReport).utf8)
    var read = 0
    for round in 0..<300 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&bytes, &generator) }
      let path = try folder.write(bytes, to: round % 4 == 0 ? "a.csv.partial" : "a.csv")
      let whole = outcome(path, bytes, chunk: 1 << 20)
      // A header longer than a piece is refused by the small one only.
      if bytes.split(separator: 10, omittingEmptySubsequences: false).allSatisfy({ $0.count < 700 }) {
        let pieces = outcome(path, bytes, chunk: 4096)
        #expect(whole == pieces, "seed \(seed), round \(round)")
      }
      if whole == "read" { read += 1 }
    }
    // Mutations of digits read, the rest does not: a reader that refused or took everything would be no reader.
    #expect(read > 10 && read < 250, "\(read)")
  }

  private func outcome(_ path: String, _ bytes: [UInt8], chunk: Int) -> String {
    do throws(ReportError) {
      let report = try Report.read(path: path, columns: SampleTable.columns, chunk: chunk)
      expectConsistent(report)
      let table = try SampleTable(report)
      for metric in Metric.allCases {
        for index in table.cases.indices {
          let isFinite = table.values(metric, ofCase: index).allSatisfy { $0.isFinite }
          #expect(isFinite)
        }
      }
      return "read"
    } catch {
      switch error {
      case .damaged(let position, _, _), .newerSchema(let position, _):
        let lines = bytes.count { $0 == 10 } + 1
        #expect(position.file == path)
        #expect((1...lines).contains(position.line), "\(error)")
        #expect((1...bytes.count + 1).contains(position.column), "\(error)")
      default:
        Issue.record("no place in \(error)")
      }
      return error.description
    }
  }

  private func expectConsistent(_ report: Report) {
    let rows = report.rowCount
    #expect(rows > 0)
    #expect(report.runIndex.count == rows && report.repetition.count == rows)
    #expect(report.phase.count == rows && report.status.count == rows)
    #expect(report.caseIndex.allSatisfy { report.cases.indices.contains(Int($0)) })
    #expect(report.runIndex.allSatisfy { report.runIDs.indices.contains(Int($0)) })
    #expect(report.phase.allSatisfy { $0 < 4 } && report.status.allSatisfy { $0 < 4 })
    for column in SampleTable.columns {
      #expect(report[column]?.count == rows)
      #expect(report[column]?.allSatisfy { $0 >= 0 || $0 == Report.missing } == true)
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    if bytes.isEmpty { return }
    let position = Int.random(in: bytes.indices, using: &generator)
    let end = min(bytes.count, position + Int.random(in: 1...60, using: &generator))
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
    case 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 2: bytes.insert(Array(",\"\n\r\0-0 \u{ff}".utf8).randomElement(using: &generator)!, at: position)
    case 3: bytes.removeSubrange(position..<end)
    case 4: bytes.insert(contentsOf: bytes[position..<end], at: position)
    case 5: bytes.removeSubrange(position...)
    case 6: bytes.insert(contentsOf: Array("99999999999999999999".utf8.prefix(end - position)), at: position)
    case 7: bytes[position] = UInt8.random(in: 48...57, using: &generator)
    default: swapLines(&bytes, &generator)
    }
  }

  private func swapLines(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let (first, second) = (
      Int.random(in: lines.indices, using: &generator), Int.random(in: lines.indices, using: &generator)
    )
    lines.swapAt(first, second)
    bytes = Array(lines.joined(separator: [10]))
  }
}
