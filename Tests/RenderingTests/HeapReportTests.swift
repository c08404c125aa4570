import LeakAnalysis
import Testing

@testable import Rendering

struct HeapReportTests {
  private static let report: HeapReport = {
    var resident = ResidentMemory(rssBytes: 851_443_712)
    resident.liveSwiftBytes = 90_000_000
    resident.liveOtherBytes = 10_000_000
    resident.freeKeptBytes = 734_003_200
    resident.trimmableBytes = 671_088_640
    resident.stackBytes = 73_728
    resident.fileBytes = 9_000_000
    resident.otherBytes = 8_000_000
    resident.arenas = [
      ArenaUse(
        name: "main", systemBytes: 834_000_000, liveBytes: 100_000_000, liveBlocks: 2_000_000, tcacheBytes: 3_200,
        fastbinBytes: 9_600, binBytes: 733_000_000, topBytes: 990_400, trimmableBytes: 671_088_640)
    ]
    return HeapReport(
      target: TargetFacts(
        pid: 4711, executable: "/srv/app/server", swiftVersion: "6.3.1", libcVersion: "2.36",
        pauseNanoseconds: 9_120_000, analysisNanoseconds: 312_000_000, copiedBytes: 851_000_000),
      types: [
        TypeRow(
          name: "App.Node", kind: "class",
          totals: BlockTotals(count: 1_000_000, usableBytes: 40_000_000, bytes: 48_000_000)),
        TypeRow(
          name: "Dictionary<String, Array<App.Subscription<App.ConnectionEvent>>> storage", kind: "dictionary",
          totals: BlockTotals(count: 2, usableBytes: 2_000, bytes: 2_016)),
        TypeRow(
          name: "C block, 64 B (libcurl.so.4)", kind: "C", totals: BlockTotals(count: 3, usableBytes: 192, bytes: 240),
          holder: .init(name: "libcurl.so.4", kind: "image")),
        TypeRow(
          name: "App.Token", kind: "zombie", totals: BlockTotals(count: 1, usableBytes: 24, bytes: 32),
          unownedReferences: 2
        ),
      ],
      total: BlockTotals(count: 1_000_006, usableBytes: 40_002_216, bytes: 48_002_288),
      attributed: BlockTotals(count: 1_000_002, usableBytes: 40_001_000, bytes: 48_000_970), resident: resident,
      pages: [PageHolder(name: "App.Token", kind: "zombie", pages: 12, pagesAlone: 11, liveBytes: 384)],
      tasks: [
        TaskRow(
          address: 0x7f00_1234_5670, identifier: 3, state: "suspended", backtrace: ["App.Feed.next()", "App.main()"])
      ],
      warnings: ["one thing is \"odd\""])
  }()

  @Test(arguments: [nil, 100, 72, 40] as [Int?])
  func `text fits the terminal`(width: Int?) throws {
    let text = Self.report.text(limit: nil, width: width)
    try expectGolden(text, "heap-\(width.map(String.init) ?? "pipe").txt")
    if let width {
      // A name without a blank is not broken.
      for line in text.split(separator: "\n") { #expect(line.count <= width || !line.contains(" "), "\(line)") }
    }
  }

  @Test func `what the limit leaves out is counted`() {
    let text = Self.report.text(limit: 1, width: nil)
    #expect(text.contains("3 more types (--limit)"))
    #expect(!text.contains("App.Token  "))
  }

  @Test func `JSON has the contract's keys`() throws {
    try expectGolden(Self.report.json(limit: nil), "heap.json")
  }

  @Test func `CSV has a row per type`() throws {
    try expectGolden(Self.report.csv(limit: nil), "heap.csv")
  }
}

struct FittingTests {
  private static let table: TextTable = {
    var table = TextTable([.init("n"), .init("kind", .left), .init("type", .left)])
    table.append(["1,000", "class", "App.VeryLongName<App.Other>.Nested"])
    table.append(["7", "", "short"])
    return table
  }()

  @Test func `a table that fits stays as it is`() {
    #expect(Self.table.fitting(width: nil) == Self.table.text)
    #expect(Self.table.fitting(width: Self.table.width) == Self.table.text)
  }

  @Test func `a long last column is shortened in the middle`() {
    #expect(
      Self.table.fitting(width: 40) == """
            n  kind   type
        1,000  class  App.VeryLongN…ther>.Nested
            7         short

        """)
  }

  @Test func `where there is no room a row takes two lines`() {
    #expect(
      Self.table.fitting(width: 20) == """
        App.VeryLongName<App.Other>.Nested
          n 1,000, kind
          class
        short
          n 7

        """)
  }
}
