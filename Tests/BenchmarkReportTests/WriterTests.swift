import Glibc
import TestSupport
import Testing

@testable import BenchmarkReport

@Suite("Writing a report")
struct WriterTests {
  let folder = ScratchFolder()

  @Test("a small report, its meta and its schema file are the golden ones")
  func golden() throws {
    let writer = try ReportWriter(path: folder["reports/today/small.csv"], force: false, meta: meta)
    for row in smallReport { try writer.append(row) }
    try writer.finish(meta: meta)
    try expectGolden(try text(of: folder["reports/today/small.csv"]), "small.csv")
    try expectGolden(try text(of: folder["reports/today/small.meta.json"]), "small.meta.json")
    try expectGolden(try text(of: folder["reports/today/small.schema.json"]), "small.schema.json")
    #expect(!File.exists(writer.files.partial))
    #expect(!File.exists(writer.files.partialMeta))
  }

  @Test("every row is on disk before the next is made, and a killed run keeps its environment")
  func killed() throws {
    let writer = try ReportWriter(path: folder["a.csv"], force: false, meta: meta)
    var lines = 1
    for row in smallReport {
      try writer.append(row)
      lines += 1
      #expect(try text(of: writer.files.partial).split(separator: "\n").count == lines)
    }
    #expect(!File.exists(writer.files.report))
    let report = try Report.read(path: writer.files.partial, columns: [])
    #expect(report.rowCount == smallReport.count)
    #expect(report.meta?.complete == false)
    #expect(report.meta?.environment == facts)
  }

  @Test("an existing file is not overwritten", arguments: ["a.csv", "a.meta.json", "a.schema.json"])
  func exists(name: String) throws {
    let path = try folder.write("precious", to: name)
    #expect(throws: ReportError.exists(path: path)) { _ = try ReportWriter(path: folder["a.csv"], force: false) }
    #expect(try text(of: path) == "precious")
    #expect(!File.exists(folder["a.csv.partial"]))
  }

  @Test("what a killed run left is not overwritten, and with force it is")
  func stalePartial() throws {
    let path = try folder.write("precious", to: "a.csv.partial")
    #expect(throws: ReportError.stalePartial(path: path)) {
      _ = try ReportWriter(path: folder["a.csv"], force: false)
    }
    #expect(try text(of: path) == "precious")
    _ = try ReportWriter(path: folder["a.csv"], force: true)
    #expect(try text(of: path) == ReportSchema.headerLine + "\n")
  }

  @Test("force leaves the older report whole until the new one is finished")
  func force() throws {
    let old = try folder.write("old", to: "a.csv")
    try folder.write("old meta", to: "a.meta.json")
    let writer = try ReportWriter(path: old, force: true, meta: meta)
    try writer.append(smallReport[0])
    #expect(try text(of: old) == "old")
    #expect(try text(of: folder["a.meta.json"]) == "old meta")
    try writer.finish(meta: meta)
    #expect(try text(of: old) == (try csv([smallReport[0]])))
    #expect(try ReportMeta.read(path: folder["a.meta.json"])?.rows == 1)
  }

  @Test(
    "a path that cannot be written is named with its cause",
    arguments: [
      ("/dev/null/a.csv", ENOTDIR), ("/proc/weakspot/a.csv", ENOENT), ("/proc/a.csv", ENOENT),
    ])
  func unwritable(path: String, cause: Int32) {
    #expect {
      _ = try ReportWriter(path: path, force: false)
    } throws: { error in
      guard case .unwritable(_, cause, nil) = error as? ReportError else { return false }
      return true
    }
  }

  @Test("a folder without permission to write is refused")
  func permission() async {
    await #expect(processExitsWith: .success) {
      let folder = ScratchFolder()
      chmod(folder.path, 0o555)
      // Root may write anywhere: be somebody else.
      if geteuid() == 0 { seteuid(65534) }
      #expect(throws: ReportError.unwritable(path: folder["a.csv.partial"], errno: EACCES, kept: nil)) {
        _ = try ReportWriter(path: folder["a.csv"], force: false)
      }
      if getuid() == 0 { seteuid(0) }
      chmod(folder.path, 0o755)
    }
  }

  @Test("a full disk keeps every whole row, and the file stays a report")
  func fullDisk() async {
    await #expect(processExitsWith: .success) {
      let folder = ScratchFolder()
      // A limit on the size of files stands in for a full disk: the write that crosses it is cut short, the next fails.
      signal(SIGXFSZ, SIG_IGN)
      let lines = try csv(smallReport).split(separator: "\n").map { $0.utf8.count + 1 }
      let size = rlim_t(lines[0...5].reduce(0, +) + 10)
      let writer = try ReportWriter(path: folder["a.csv"], force: false)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let unlimited = limit.rlim_cur
      limit.rlim_cur = size
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      var written = 0
      let error = #expect(throws: ReportError.self) {
        for row in smallReport {
          try writer.append(row)
          written += 1
        }
      }
      limit.rlim_cur = unlimited
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #expect(written == 5)
      let kept = ReportError.KeptRows(count: 5, path: folder["a.csv.partial"])
      #expect(error == .unwritable(path: folder["a.csv.partial"], errno: EFBIG, kept: kept))
      #expect(try text(of: folder["a.csv.partial"]) == (try csv(Array(smallReport[..<5]))))
      // With room again the run could go on.
      try writer.append(smallReport[5])
      #expect(try text(of: folder["a.csv.partial"]) == (try csv(Array(smallReport[...5]))))
    }
  }

  @Test("a full disk is told as such")
  func fullDiskText() {
    let kept = ReportError.KeptRows(count: 12, path: "a.csv.partial")
    #expect(
      "\(ReportError.unwritable(path: "a.csv.partial", errno: ENOSPC, kept: kept))"
        == "a.csv.partial: cannot be written: No space left on device; "
        + "the 12 rows written before are kept in a.csv.partial")
  }

  @Test("a value that a reader would refuse is not written")
  func unrepresentable() throws {
    let writer = try ReportWriter(path: folder["a.csv"], force: false)
    func refuse(_ column: ColumnName, _ change: (inout ReportRow) -> Void) {
      var row = smallReport[0]
      change(&row)
      #expect {
        try writer.append(row)
      } throws: { error in
        guard case .unwritableValue(column, _, _) = error as? ReportError else { return false }
        return true
      }
    }
    refuse(.seed) { $0.seed = .max }
    refuse(.suite) { $0.suite = "=1+1" }
    refuse(.suite) { $0.suite = "" }
    refuse(.runID) { $0.runID = "a\nb" }
    refuse(.caseID) { $0.identity.topology = "a/b" }
    refuse(.nodes) { $0.identity.nodes = 0 }
    refuse(.rss) { $0.readings?.rssBytes = -1 }
    refuse(.repetition) { $0.repetition = 1 << 40 }
    #expect(try text(of: writer.files.partial) == ReportSchema.headerLine + "\n")
  }

  @Test("the files of a report have their names from its path")
  func names() {
    let files = ReportFiles(path: "reports/a.csv.partial")
    #expect(files == ReportFiles(path: "reports/a.csv"))
    #expect(files.report == "reports/a.csv")
    #expect(files.meta == "reports/a.meta.json")
    #expect(files.schema == "reports/a.schema.json")
    #expect(ReportFiles(path: "a").meta == "a.meta.json")
  }
}
