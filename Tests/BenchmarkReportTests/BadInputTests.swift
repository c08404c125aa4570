import Glibc
import TestSupport
import Testing

@testable import BenchmarkReport

/// A way to damage a report, and where the reader must see it.
struct Damage: CustomTestStringConvertible, Sendable {
  let name: String
  let line: Int
  /// The byte column; nil is that of `field` in the damaged line.
  var column: Int?
  var field: String?
  /// Part of what the error expects or found.
  let says: String
  let edit: @Sendable (inout [String]) -> Void

  var testDescription: String { name }

  init(
    _ name: String, line: Int, column: Int? = nil, field: ColumnName? = nil, says: String,
    _ edit: @escaping @Sendable (inout [String]) -> Void
  ) {
    self.name = name
    self.line = line
    self.column = column
    self.field = field?.rawValue
    self.says = says
    self.edit = edit
  }
}

/// Replaces a field of a line, given by its 1-based number.
private func set(_ line: Int, _ column: ColumnName, _ value: String) -> @Sendable (inout [String]) -> Void {
  { lines in
    var fields = lines[line - 1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    fields[ReportSchema.position(of: column)] = value
    lines[line - 1] = fields.joined(separator: ",")
  }
}

private let damages: [Damage] = [
  Damage("an empty file", line: 1, column: 1, says: "an empty file") { $0 = [] },
  Damage("a header alone", line: 2, column: 1, says: "a row") { $0 = [$0[0], ""] },
  Damage("binary", line: 1, column: 5, says: "binary data") { $0 = ["\u{7f}ELF\0\u{1}", ""] },
  Damage("no header", line: 1, field: .schemaVersion, says: "the column schema_version") { $0.removeFirst() },
  Damage("a missing column", line: 1, field: .rss, says: "the column rss_bytes") {
    $0[0] = $0[0].replacing("rss_bytes,pss_bytes", with: "resident,pss_bytes")
  },
  Damage("a column twice", line: 1, column: 445, field: .suite, says: "each column once") { $0[0] += ",suite" },
  Damage("truncated in a row", line: 10, column: 40, field: .envID, says: "the end of the file") {
    $0 = Array($0[..<9]) + [String($0[9].prefix(39))]
  },
  Damage("a last row without a line end", line: 10, field: nil, says: "lacks its line end") { $0.removeLast() },
  Damage("an empty line", line: 4, column: 1, field: .schemaVersion, says: "nothing") { $0.insert("", at: 3) },
  Damage("an empty line at the end", line: 11, column: 1, field: .schemaVersion, says: "nothing") { $0.append("") },
  Damage("too few fields", line: 3, field: .inspectedLeaked, says: "33 fields") { $0[2].removeLast() },
  Damage("too many fields", line: 3, says: "33 fields") { $0[2] += ",1" },
  Damage("a repeated key", line: 11, column: 1, says: "those of line 4") { $0.insert($0[3], at: 10) },
  Damage("not a number", line: 3, field: .heapInUse, says: "NaN", set(3, .heapInUse, "NaN")),
  Damage("infinity", line: 3, field: .rss, says: "inf", set(3, .rss, "inf")),
  Damage("negative bytes", line: 5, field: .rss, says: "-4096", set(5, .rss, "-4096")),
  Damage("a plus sign", line: 5, field: .rss, says: "+1", set(5, .rss, "+1")),
  Damage("a fraction", line: 5, field: .rss, says: "1.5", set(5, .rss, "1.5")),
  Damage("an exponent", line: 5, field: .rss, says: "1E6", set(5, .rss, "1E6")),
  Damage("a blank", line: 5, field: .rss, says: "a whole number", set(5, .rss, " 1")),
  Damage("a hexadecimal number", line: 5, field: .seed, says: "0x10", set(5, .seed, "0x10")),
  Damage(
    "20 digits", line: 2, field: .phaseNanoseconds, says: "12345678901234567890",
    set(2, .phaseNanoseconds, "12345678901234567890")),
  Damage("2 to the 63", line: 2, field: .rss, says: "9223372036854775808", set(2, .rss, "9223372036854775808")),
  Damage("2 to the 53, and 1", line: 2, field: .rss, says: "9007199254740993", set(2, .rss, "9007199254740993")),
  Damage(
    "19 digits", line: 2, field: .heapInUse, says: "0 to 9007199254740992", set(2, .heapInUse, "9000000000000000000")),
  Damage(
    "19 digits of a time", line: 3, field: .phaseNanoseconds, says: "9000",
    set(3, .phaseNanoseconds, "9000000000000000000")),
  Damage("no nodes", line: 2, field: .nodes, says: "1 or more", set(2, .nodes, "0")),
  Damage("a repetition too far", line: 2, field: .repetition, says: "2147483647", set(2, .repetition, "2147483648")),
  Damage(
    "an unknown phase", line: 2, field: .phase, says: "before, built, released or trimmed", set(2, .phase, "after")),
  Damage("an unknown status", line: 6, field: .status, says: "timeout or oom", set(6, .status, "OK")),
  Damage("no run", line: 6, field: .runID, says: "nothing", set(6, .runID, "")),
  Damage("no status", line: 6, field: .status, says: "nothing", set(6, .status, "")),
  Damage("a control character", line: 6, field: .suite, says: "\\x1b", set(6, .suite, "qu\u{1b}ick")),
  Damage("a case that is none", line: 6, field: .caseID, says: "n=NODES", set(6, .caseID, "swift/ring")),
  Damage("another case than its link", line: 6, field: .backLink, says: "as in case_id", set(6, .backLink, "weak")),
  Damage("another case than its nodes", line: 6, field: .nodes, says: "20, as in case_id", set(6, .nodes, "21")),
  Damage("another case than its payload", line: 6, field: .payload, says: "as in case_id", set(6, .payload, "0")),
  Damage("another case than its topology", line: 6, field: .topology, says: "tree2", set(6, .topology, "ring")),
  Damage("another case than its runtime", line: 6, field: .runtime, says: "swift", set(6, .runtime, "cpp")),
  Damage("quotes inside a field", line: 4, field: .suite, says: "a quote inside it", set(4, .suite, "qu\"ic\"k")),
  Damage("text after quotes", line: 4, field: .suite, says: "after the closing quote", set(4, .suite, "\"qu\"ick")),
  Damage("an open quote", line: 4, field: .suite, says: "a closing quote", set(4, .suite, "\"quick")),
  Damage("a carriage return alone", line: 4, field: .suite, says: "a line feed", set(4, .suite, "qu\rick")),
  Damage("version 0", line: 4, field: .schemaVersion, says: "1 or more", set(4, .schemaVersion, "0")),
  Damage("an ok sample without built", line: 2, column: 1, field: .phase, says: "none for built") { $0.remove(at: 2) },
  Damage(
    "a failed row in an ok sample", line: 5, column: 1, field: .status, says: "crashed", set(5, .status, "crashed")),
]

@Suite("Damaged reports")
struct BadInputTests {
  let folder = ScratchFolder()

  @Test("is refused with file, line and column", arguments: damages)
  func damaged(damage: Damage) throws {
    var lines = try csv(smallReport).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    damage.edit(&lines)
    let path = try folder.write(lines.joined(separator: "\n"), to: "a.csv")
    let error = #expect(throws: ReportError.self) { _ = try SampleTable(Report.read(path: path, columns: allColumns)) }
    guard case .damaged(let position, let expected, let found) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(position.file == path)
    #expect(position.line == damage.line)
    #expect("\(expected); \(found)".contains(damage.says), "\(position): \(expected); \(found)")
    if let field = damage.field { #expect(position.field == field) }
    if let column = damage.column {
      #expect(position.column == column)
    } else if let field = damage.field, damage.line > 1, let name = ColumnName(rawValue: field) {
      let before = lines[damage.line - 1].split(separator: ",", omittingEmptySubsequences: false)
        .prefix(ReportSchema.position(of: name))
      #expect(position.column == before.reduce(1) { $0 + $1.utf8.count + 1 })
    } else {
      #expect(position.column == lines[damage.line - 1].utf8.count + (damage.name == "too many fields" ? 0 : 1))
    }
    #expect("\(error!)".hasPrefix("\(path):\(position.line):\(position.column): "))
  }

  @Test("UTF-16 is refused as binary")
  func utf16() throws {
    let units = try csv(smallReport).utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let path = try folder.write([0xff, 0xfe] + units, to: "a.csv")
    let error = #expect(throws: ReportError.self) { _ = try Report.read(path: path, columns: []) }
    #expect("\(error!)".hasPrefix("\(path):1:4: ") && "\(error!)".contains("binary data"), "\(error!)")
  }

  @Test("Latin-1 is refused where it is no UTF-8")
  func latin() throws {
    var bytes = Array(try csv(smallReport).utf8)
    // The first byte of the first run_id.
    bytes[ReportSchema.headerLine.utf8.count + 3] = 0xe9
    let path = try folder.write(bytes, to: "a.csv")
    let error = #expect(throws: ReportError.self) { _ = try Report.read(path: path, columns: []) }
    #expect("\(error!)".hasPrefix("\(path):2:3: run_id") && "\(error!)".contains("\\xe9un-"), "\(error!)")
  }

  @Test("a newer schema is its own error, whatever else changed with it", arguments: ["", ",colour"])
  func newer(extra: String) throws {
    var text = try csv(smallReport).replacing("\n1,", with: "\n2,")
    if !extra.isEmpty { text = text.replacing("rss_bytes", with: "resident_bytes") }
    let path = try folder.write(text, to: "a.csv")
    #expect(
      throws: ReportError.newerSchema(
        ReportPosition(file: path, line: 2, column: 1, field: "schema_version"), found: 2)
    ) { _ = try Report.read(path: path, columns: []) }
  }

  @Test("a newer row after older ones is a newer schema too")
  func newerLater() throws {
    var lines = try csv(smallReport).split(separator: "\n").map(String.init)
    lines[8] = "9" + lines[8].dropFirst()
    let path = try folder.write(lines.joined(separator: "\n") + "\n", to: "a.csv")
    let position = ReportPosition(file: path, line: 9, column: 1, field: "schema_version")
    #expect(throws: ReportError.newerSchema(position, found: 9)) { _ = try Report.read(path: path, columns: []) }
  }

  @Test("a row that never ends is refused, not kept in memory")
  func endless() throws {
    let text = try csv(smallReport) + "1," + String(repeating: "x", count: 5000)
    let path = try folder.write(text, to: "a.csv")
    let error = #expect(throws: ReportError.self) { _ = try Report.read(path: path, columns: [], chunk: 2048) }
    #expect("\(error!)".hasPrefix("\(path):11:3: ") && "\(error!)".contains("none within 2048 bytes"), "\(error!)")
  }

  @Test("a report that is not there says whether a partial one is")
  func absent() throws {
    let path = folder["a.csv"]
    #expect(throws: ReportError.unreadable(path: path, errno: ENOENT, partial: nil)) {
      _ = try Report.read(path: path, columns: [])
    }
    let partial = try folder.write(try csv(smallReport), to: "a.csv.partial")
    #expect(throws: ReportError.unreadable(path: path, errno: ENOENT, partial: partial)) {
      _ = try Report.read(path: path, columns: [])
    }
    #expect(throws: ReportError.unreadable(path: folder.path, errno: EISDIR, partial: nil)) {
      _ = try Report.read(path: folder.path, columns: [])
    }
  }

  @Test(
    "a damaged meta file is an error that names it",
    arguments: [
      ("", "the file is not JSON of a report"), ("{", "the file is not JSON of a report"),
      ("{}", "no schemaVersion in the file"), ("[]", "the file is not"), ("{\"schemaVersion\": 1}", "no "),
      ("{\"schemaVersion\": \"1\"}", "schemaVersion is not Int"),
    ])
  func damagedMeta(content: String, says: String) throws {
    let path = try folder.write(try csv(smallReport), to: "a.csv")
    let metaPath = try folder.write(content, to: "a.meta.json")
    let error = #expect(throws: ReportError.self) { _ = try Report.read(path: path, columns: []) }
    #expect("\(error!)".hasPrefix("\(metaPath): \(says)"), "\(error!)")
  }

  @Test("a newer meta file is a newer schema")
  func newerMeta() throws {
    let path = try folder.write(try csv(smallReport), to: "a.csv")
    let metaPath = try folder.write("{\"schemaVersion\": 3}", to: "a.meta.json")
    let position = ReportPosition(file: metaPath, line: 1, column: 1, field: "schemaVersion")
    #expect(throws: ReportError.newerSchema(position, found: 3)) { _ = try Report.read(path: path, columns: []) }
  }

  @Test("a report cut off between two rows is found by its meta file")
  func rowsMissing() throws {
    let writer = try ReportWriter(path: folder["a.csv"], force: false)
    for row in smallReport { try writer.append(row) }
    try writer.finish(meta: meta)
    let path = try folder.write(try csv(Array(smallReport[..<5])), to: "a.csv")
    let error = #expect(throws: ReportError.self) { _ = try Report.read(path: path, columns: []) }
    #expect("\(error!)".hasPrefix("\(path):7:1: expected 9 rows"), "\(error!)")
  }

  @Test("the meta file of another run is not used")
  func otherMeta() throws {
    let path = try folder.write(try csv(smallReport), to: "a.csv")
    var other = meta
    other.runID = "run-other"
    try folder.write(other.json(), to: "a.meta.json")
    let report = try Report.read(path: path, columns: [])
    #expect(report.meta == nil)
    #expect(report.warnings == ["\(folder["a.meta.json"]) belongs to another run, run-other, and is not used"])
  }
}
