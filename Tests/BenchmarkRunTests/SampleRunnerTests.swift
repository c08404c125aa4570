import BenchmarkReport
import Glibc
import Subprocess
import Testing

@testable import BenchmarkRun

struct SampleRecordTests {
  private static let readings = CheckpointReadings(
    rssBytes: 1, pssBytes: 2, privateDirtyBytes: 3, anonHugeBytes: 4, peakRSSBytes: 5, heapInUseBytes: 6,
    heapFreeBytes: 7, heapArenaBytes: 8, heapMmapBytes: 9, heapTrimmableBytes: 10, usableBytes: 11, liveObjects: 12,
    deinits: 13, minorFaults: 14, phaseNanoseconds: 15)

  static func bytes(of records: [SampleRecord]) -> [UInt8] {
    records.flatMap { record in
      let words = record.encode()
      return words.indices.flatMap { index in withUnsafeBytes(of: words[index]) { Array($0) } }
    }
  }

  static func records(_ count: Int) -> [SampleRecord] {
    Phase.allCases.prefix(count).map { SampleRecord(phase: $0, readings: readings) }
  }

  @Test func `records are read back, missing readings as missing`() {
    var records = Self.records(4)
    records[0].readings.phaseNanoseconds = nil
    records[1].readings = CheckpointReadings()
    #expect(SampleRecord.decode(Self.bytes(of: records)) == records)
  }

  @Test func `a record's words are the phase and the readings in the report's order`() {
    let words = Self.records(1)[0].encode()
    #expect(words.indices.map { words[$0] } == Array(0...15))
  }

  @Test func `bytes that are no records are refused`() {
    let bytes = Self.bytes(of: Self.records(2))
    #expect(SampleRecord.decode(Array(bytes.dropLast())) == nil)
    #expect(SampleRecord.decode(Array(bytes.dropFirst(SampleRecord.byteCount))) == nil)
    #expect(SampleRecord.decode([UInt8](repeating: 0xFF, count: SampleRecord.byteCount)) == nil)
    #expect(SampleRecord.decode([])?.isEmpty == true)
  }
}

struct SampleOutcomeTests {
  private static let runner = SampleRunner(timeout: .seconds(1), memoryLimit: nil, tunables: nil)

  struct Ending: Sendable, CustomTestStringConvertible {
    let status: TerminationStatus
    let records: Int
    var complaint = ""
    let expected: SampleStatus

    var testDescription: String { "\(status), \(records) records, “\(complaint)”" }
  }

  @Test(arguments: [
    Ending(status: .exited(0), records: 4, expected: .ok),
    Ending(status: .exited(0), records: 3, expected: .crashed),
    Ending(status: .exited(2), records: 4, expected: .crashed),
    Ending(status: .exited(12), records: 1, expected: .oom),
    Ending(status: .signaled(SIGKILL), records: 1, expected: .oom),
    Ending(status: .signaled(SIGALRM), records: 2, expected: .timeout),
    Ending(status: .signaled(SIGSEGV), records: 0, expected: .crashed),
    Ending(
      status: .signaled(SIGABRT), records: 1, complaint: "Fatal error: failed to allocate 32 bytes\nmore",
      expected: .oom),
    Ending(status: .signaled(SIGILL), records: 1, complaint: "Fatal error: index", expected: .crashed),
  ])
  func `how a process ended is its sample's status`(ending: Ending) {
    let outcome = Self.runner.outcome(
      status: ending.status, output: SampleRecordTests.bytes(of: SampleRecordTests.records(ending.records)),
      complaint: ending.complaint)
    #expect(outcome.status == ending.expected)
    #expect(outcome.readings.count == ending.records)
    #expect((outcome.failure == nil) == (ending.expected == .ok))
    if let first = ending.complaint.split(separator: "\n").first {
      #expect(outcome.failure?.contains(first) == true)
      #expect(outcome.failure?.contains("more") == false)
    }
  }

  @Test func `output that is no record is a crash`() {
    let outcome = Self.runner.outcome(status: .exited(0), output: [1, 2, 3], complaint: "")
    #expect(outcome.status == .crashed)
  }
}
