import BenchmarkReport
import GraphWorkloads
import Testing

@testable import BenchmarkRun

struct SampleInspectionTests {
  /// The nodes that the rehearsal leaves, and the graph's holder.
  private static let start = InspectorCounts(objects: 4, leaked: 3, sideTables: 1, inUseBytes: 1_000)

  private static func visit(_ inUse: Int, _ look: InspectorLook) throws -> SampleVisit {
    let bytes = [UInt8](repeating: 0, count: SampleRecord.byteCount)
    var visit = try #require(
      SampleVisit(number: 0, in: bytes + withUnsafeBytes(of: Int64(inUse)) { Array($0) }))
    visit.look = look
    return visit
  }

  /// A ring of 10 weak nodes that is all freed.
  private static func inspection(
    built: InspectorCounts, start: InspectorLook = .counted(start)
  ) throws -> SampleInspection {
    let visits = [
      try visit(1_500, start), try visit(2_460, .counted(built)), try visit(1_500, .counted(Self.start)),
      try visit(1_500, .counted(Self.start)),
    ]
    let readings = [0, 10, 0, 0].map { CheckpointReadings(liveObjects: $0) }
    return SampleInspection(
      visits, of: try GraphSpecification(topology: .ring, backLink: .weak, nodes: 10), readings: readings)
  }

  private static let built = InspectorCounts(objects: 14, leaked: 3, sideTables: 11, inUseBytes: 1_960)

  @Test func `counts are those since before, and agree`() throws {
    let inspection = try Self.inspection(built: Self.built)
    #expect(inspection.disagreements == [])
    #expect(inspection.counts.map { $0?.objects } == [0, 10, 0, 0])
    #expect(inspection.counts.map { $0?.leaked } == [0, 0, 0, 0])
    #expect(inspection.counts.map { $0?.sideTables } == [0, 10, 0, 0])
  }

  @Test(
    arguments: [
      (\InspectorCounts.objects, "finds 11 objects, expected 10"),
      (\InspectorCounts.leaked, "finds 1 leaked objects, expected 0"),
      (\InspectorCounts.sideTables, "finds 11 side tables, expected 10"),
      (\InspectorCounts.inUseBytes, "adds up 961 bytes more in use than at before, mallinfo2 960"),
    ] as [(any WritableKeyPath<InspectorCounts, Int> & Sendable, String)])
  func `each count that is one too many is told`(
    count: any WritableKeyPath<InspectorCounts, Int> & Sendable, text: String
  ) throws {
    var built = Self.built
    built[keyPath: count] += 1
    #expect(try Self.inspection(built: built).disagreements == ["at built weakspot \(text)"])
  }

  @Test func `without a look at before nothing is counted`() throws {
    let inspection = try Self.inspection(built: Self.built, start: .failed("no such process"))
    #expect(inspection.counts == [nil, nil, nil, nil])
    #expect(inspection.disagreements == ["at before it could not be inspected: no such process"])
  }

  @Test func `of the inspector's report the models' instances and leaks are counted`() throws {
    let json = """
      { "schemaVersion": 1, "inspected": { "objects": 90, "sideTables": 7, "blocks": 100, "bytes": 9, "inUseBytes": 12,
        "instances": [ { "module": "Swift", "count": 50 }, { "module": "GraphWorkloads", "count": 30 } ] },
        "leaks": [
          { "verdict": "proven", "members": [
            { "type": "GraphWorkloads.Subject<A, B>", "kind": "class", "count": 4 },
            { "type": "GraphWorkloads.Observer<A, B>", "kind": "class", "count": 6 },
            { "type": "[Int: GraphWorkloads.Handler] storage", "kind": "dictionary", "count": 4 } ] },
          { "verdict": "suspect", "members": [ { "type": "GraphWorkloads.Observer<A, B>", "kind": "class", "count": 9 } ] }
        ], "warnings": [] }
      """
    #expect(
      try InspectorCounts(json: Array(json.utf8))
        == InspectorCounts(objects: 30, leaked: 10, sideTables: 7, inUseBytes: 12))
    #expect(throws: (any Error).self) { try InspectorCounts(json: Array("weakspot".utf8)) }
  }
}

struct SampleVisitTests {
  @Test func `a stop is read when it is all there`() {
    let visit = [UInt8](repeating: 1, count: SampleRecord.byteCount) + [2, 0, 0, 0, 0, 0, 0, 0]
    #expect(SampleVisit(number: 0, in: Array(visit.dropLast())) == nil)
    #expect(SampleVisit(number: 0, in: visit)?.inUseBytes == 2)
    #expect(SampleVisit(number: 1, in: visit) == nil)
    #expect(SampleVisit(number: 1, in: visit + visit)?.record.count == SampleRecord.byteCount)
  }
}
