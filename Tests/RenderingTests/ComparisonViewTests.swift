import BenchmarkReport
import RegressionCompare
import Testing

@testable import Rendering

/// What the renderings of a comparison promise whatever they show; the golden files of CommandTests have them in full.
struct ComparisonViewTests {
  /// A comparison of this many cases, of which each leaks more, by its number.
  private static func view(
    cases: Int, label prefix: String = "", name: (Int) -> String = { "swift/ring/weak/n=\($0)/p=0" }
  ) throws -> ComparisonView {
    func side(_ label: String, leak: Int64) -> ComparisonSide {
      ComparisonSide(
        label: label,
        cases: (0..<cases).map { index in
          ComparisonCase(
            name: name(index), samples: 6,
            values: [
              MetricValues(.leakedBytes, integers: Array(repeating: leak * Int64(index), count: 6)),
              MetricValues(.residentBuiltBytes, integers: (0..<6).map { leak * 100_000 + $0 * 4_096 }),
            ])
        }, environmentIDs: ["env"])
    }
    let today = try #require(CalendarDay("2026-11-23"))
    let outcome = try Comparison(today: today).outcome(
      base: side(prefix + "base.csv", leak: 0), new: side(prefix + "new.csv", leak: 48))
    return ComparisonView(outcome, policyName: "built-in")
  }

  @Test(arguments: [2, 50, 400, 5_000])
  func `markdown fits a pull request's comment and counts what it leaves out`(cases: Int) throws {
    let view = try Self.view(cases: cases)
    let markdown = view.markdown
    #expect(markdown.utf8.count <= ComparisonView.markdownLimit)
    #expect(markdown.contains("**Regressed**"))
    #expect(markdown.contains("left out to keep this short") == (cases >= 400))
    #expect(markdown.contains("**Exit status 1**"))
    let opened = markdown.ranges(of: "<details>").count
    #expect(opened == markdown.ranges(of: "</details>").count)
  }

  @Test(arguments: ["x", "|", "&", "e\u{301}", "👩‍👩‍👧", "`", "a\u{301}\u{302}\u{303}"])
  func `markdown fits whatever the length of the names`(_ unit: String) throws {
    let name = String(repeating: unit, count: 70_000)
    for cases in [1, 40] {
      let markdown = try Self.view(cases: cases, label: name) { "\(name)\($0)" }.markdown
      #expect(markdown.utf8.count <= ComparisonView.markdownLimit)
      #expect(markdown.contains("…"))
      #expect(markdown.contains("**Exit status "))
      #expect(markdown.ranges(of: "<details>").count == markdown.ranges(of: "</details>").count)
    }
  }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "abc…"), ("a&b", 6, "a&amp;…"), ("a&b", 5, "a…"), ("||", 3, "\\|…"), ("é", 1, "…"),
    ("", 0, ""), ("a_b", 3, "a_b"),
  ])
  func `a text is cut between characters after it was escaped`(_ text: String, _ limit: Int, _ cut: String) {
    #expect(Markdown.escaped(text, atMost: limit) == cut)
  }

  @Test func `a report's path stands between backquotes, cut likewise`() {
    #expect(Markdown.code("a`b\nc\u{7}|", atMost: 100) == "`a'b'c'|`")
    #expect(Markdown.code("abcd", atMost: 3) == "`abc…`")
  }

  @Test func `JSON has what the metrics come to`() throws {
    let json = try Self.view(cases: 3).json
    // Leaks of 0, 48 and 96 bytes are summed; the base of resident memory is about 0, and so is without a ratio.
    #expect(
      json.contains(
        """
          "summaries": [
            { "baseSum": 0, "metric": "leaked_bytes", "newSum": 144 },
            { "metric": "resident_built_bytes", "ratioCells": 0 }
          ],
        """))
  }

  @Test func `every table of a page has a caption, and every chart names of its own`() throws {
    let html = ComparePage(try Self.view(cases: 3) { "swift/a b/\($0)" }).html
    #expect(html.ranges(of: "<table").count == html.ranges(of: "<caption>").count)
    let ids = html.parts(between: " id=\"", and: "\"")
    #expect(Set(ids).count == ids.count)
    #expect(!ids.contains { $0.contains(" ") })
  }

  @Test func `no name of a case becomes markup`() throws {
    let view = try Self.view(cases: 3) { "<script>|\"&'`\u{7}\($0)" }
    #expect(!view.markdown.contains("<script>"))
    #expect(!view.junit.contains("<script>") && !view.junit.contains("\u{7}"))
    #expect(!ComparePage(view).html.contains("<script"))
    #expect(view.json.contains(#"<script>|\"&'`\u0007"#))
  }

  @Test func `a page of many cells lists those that changed and counts the rest`() throws {
    let html = ComparePage(try Self.view(cases: 3_000)).html
    #expect(html.contains("too many to list"))
    #expect(!html.contains("http://") || html.contains("xmlns"))
    let small = ComparePage(try Self.view(cases: 3)).html
    #expect(small.ranges(of: "<svg").count == 3)
    #expect(small.ranges(of: "</desc>").count == 3)
    #expect(small.ranges(of: "data-metric=\"leaked_bytes\"").count == 3)
  }

  @Test func `a field that a spreadsheet would take for a formula is none`() throws {
    let csv = try Self.view(cases: 1) { _ in "=1+1,\"x\"" }.csv
    #expect(csv.contains("\n\"'=1+1,\"\"x\"\"\",leaked_bytes,"))
    let lines = csv.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].split(separator: ",").count == 27)
  }
}
