import FoundationEssentials
import Testing

@testable import BenchmarkReport

@Suite("The table of columns")
struct SchemaTests {
  @Test("the header is the contract's, column for column")
  func header() {
    let contract = """
      schema_version, run_id, env_id, suite, case_id, runtime, topology, back_link, nodes_count, payload_bytes, repetition, \
      order_index, seed, phase, rss_bytes, pss_bytes, private_dirty_bytes, anon_huge_bytes, peak_rss_bytes, \
      heap_in_use_bytes, heap_free_bytes, heap_arena_bytes, heap_mmap_bytes, heap_trimmable_bytes, usable_bytes, \
      live_objects_count, deinit_count, minor_faults_count, phase_ns, status, inspected_objects_count, \
      inspected_leaked_count, inspected_side_tables_count
      """
    #expect(ReportSchema.headerLine == contract.replacing(", ", with: ","))
    #expect(ReportSchema.columns.map(\.name) == ColumnName.allCases)
  }

  @Test("the Table Schema is the golden one")
  func tableSchema() throws {
    try expectGolden(ReportSchema.tableSchemaJSON(), "small.schema.json")
  }

  @Test("what a column expects is said in words")
  func expectations() {
    func expectation(_ name: ColumnName) -> String {
      ReportSchema.columns[ReportSchema.position(of: name)].expectation
    }
    #expect(expectation(.phase) == "before, built, released or trimmed")
    #expect(expectation(.nodes) == "a whole number, 1 or more")
    #expect(expectation(.rss) == "a whole number from 0 to 9007199254740992, or nothing")
    #expect(expectation(.repetition) == "a whole number from 0 to 2147483647")
  }

  @Test("a case identity reads what it writes", arguments: [ring, tree])
  func identity(identity: CaseIdentity) {
    #expect(CaseIdentity(identity.description) == identity)
  }

  @Test(
    "what is not a case identity is refused",
    arguments: [
      "", "swift/ring/weak", "swift/ring/weak/n=1/p=0/", "swift//weak/n=1/p=0", "swift/ring/weak/n=-1/p=0",
      "swift/ring/weak/n=+1/p=0", "swift/ring/weak/n=01/p=0", "swift/ring/weak/n=1/p=", "swift/ring/weak/p=1/n=0",
      "swift/ring/weak/n=99999999999999999999/p=0", "swift/ring/weak/n=1e3/p=0",
    ])
  func notAnIdentity(text: String) {
    #expect(CaseIdentity(text) == nil)
  }

  @Test("phases and statuses have the contract's names")
  func names() {
    #expect(Phase.allCases.map(\.name) == ["before", "built", "released", "trimmed"])
    #expect(SampleStatus.allCases.map(\.name) == ["ok", "crashed", "timeout", "oom"])
    #expect(Phase(name: "trimmed") == .trimmed)
    #expect(Phase(name: "Trimmed") == nil)
    #expect(SampleStatus(name: "oom") == .oom)
    #expect(SampleStatus(name: "") == nil)
  }
}

@Suite("The documentation of the columns")
struct ReportDocumentationTests {
  @Test("Documentation/Report.md says of each column what the schema says")
  func documentationIsTheSchema() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Documentation/Report.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
    #expect(rows == ReportSchema.columns.map { "| `\($0.name.rawValue)` | \($0.type.rawValue) | \($0.description) |" })
  }
}
