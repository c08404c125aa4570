import Testing

@testable import BenchmarkReport
@testable import Rendering

@Suite("Verdicts in words")
struct VerdictTests {
  @Test func `text and Markdown are written as recorded`() throws {
    let table = VerdictTable(try summaries(smallReport))
    try expectGolden(table.text(width: nil), "small.txt")
    try expectGolden(table.text(width: 60), "small-narrow.txt")
    try expectGolden(table.markdown, "small.md")
  }

  @Test func `text, Markdown and the page say the same sentences`() throws {
    let summaries = try summaries(smallReport)
    let table = VerdictTable(summaries)
    let html = try page(smallReport)
    let text = table.text(width: nil).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for sentence in VerdictWords(summaries).notes {
      #expect(text.contains(sentence))
      #expect(table.markdown.contains(Markdown.escaped(sentence)))
      #expect(html.contains(Markup.escaped(sentence)))
    }
  }

  @Test func `a cell of Markdown cannot end its column or its row`() throws {
    let markdown = VerdictTable(try summaries(clean(identity("a|b*_c_`<u>", nodes: 10)))).markdown
    let lines = markdown.split(separator: "\n")
    #expect(lines[2].hasPrefix("| ring | a\\|b\\*\\_c\\_\\`&lt;u&gt; | 10 |"))
  }

  @Test(arguments: [
    ("unowned_unsafe", "unowned_unsafe"), ("_a_", "\\_a\\_"), ("a|b", "a\\|b"), ("a\\|b", "a\\\\\\|b"),
    ("a\r\nb", "a b"), ("<!--", "&lt;!--"), ("[x](y)", "\\[x\\](y)"), ("$a$", "\\$a\\$"), ("é–½", "é–½"),
  ])
  func `Markdown shows a text as it is`(_ text: String, _ escaped: String) {
    #expect(Markdown.escaped(text) == escaped)
  }

  @Test func `a leak of unknown size is not added up`() throws {
    var rows = leak(identity("strong", nodes: 10))
    for index in rows.indices where rows[index].phase == .built { rows[index].readings?.heapInUseBytes = nil }
    let summary = try #require(summaries(rows).first)
    #expect(VerdictWords([summary]).answer.first == "1 of 1 cases leak, 480 B in all, with back links strong.")
    #expect(VerdictFigure.bytesPerNode.text(of: summary) == "–")
  }

  @Test func `less heap than before is no leak`() throws {
    var rows = clean(identity("weak", nodes: 1000))
    for index in rows.indices where rows[index].phase == .before || rows[index].phase == .built {
      rows[index].readings?.heapInUseBytes? += 20_000
    }
    let summary = try #require(summaries(rows).first)
    #expect(summary.leakedBytes?.median == -19_760)
    #expect(VerdictWords.verdict(of: summary) == "all freed")
    #expect(VerdictWords.remainder(of: summary) == "85.8 KiB kept")
  }

  @Test func `failed samples have no medians`() throws {
    let words = VerdictWords(try summaries([failed(identity("weak", nodes: 10), .oom)]))
    #expect(words.legend.first?.hasPrefix("leaked: heap in use") == true)
  }

  @Test(arguments: [(48, "480 B"), (49, "480 B…490 B"), (500, "480 B…4.88 KiB")] as [(Int64, String)])
  func `leaked bytes that differ are a range`(_ bytesPerNode: Int64, _ text: String) throws {
    let small = identity("strong", nodes: 10)
    let rows = leak(small) + leak(small, bytesPerNode: bytesPerNode, repetition: 1)
    #expect(VerdictFigure.leaked.text(of: try #require(summaries(rows).first)) == text)
  }

  @Test func `leaked bytes that look the same and are not have a sign of it`() throws {
    let large = identity("strong", nodes: 1_000_000)
    var rows = leak(large) + leak(large, repetition: 1)
    for index in rows.indices where rows[index].repetition == 1 && rows[index].phase == .released {
      rows[index].readings?.heapInUseBytes? += 16
    }
    #expect(VerdictFigure.leaked.text(of: try #require(summaries(rows).first)) == "≈45.8 MiB")
  }

  @Test func `what is left is said in a few words`() throws {
    let cases = try summaries(smallReport)
    #expect(
      cases.map(VerdictWords.remainder) == ["46.9 KiB leaked", "85.8 KiB kept", "938 KiB leaked", "1.82 MiB kept"])
    #expect(
      VerdictWords.remainder(of: try #require(summaries([failed(identity("weak", nodes: 1), .oom)]).first)) == nil)
  }
}
