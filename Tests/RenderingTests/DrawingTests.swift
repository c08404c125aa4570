import Glibc
import Testing

@testable import BenchmarkReport
@testable import Rendering

@Suite("Drawing")
struct DrawingTests {
  @Test(arguments: [1.0, 2, 0.001, 9.999, 48, 1e15, 123_456.789, .leastNonzeroMagnitude, .greatestFiniteMagnitude])
  func `the logarithm is that of the C library`(_ value: Double) {
    #expect(abs(decimalLogarithm(value) - log10(value)) < 1e-12 * max(1, abs(log10(value))))
  }

  @Test func `a logarithmic scale ends at round numbers and keeps what is beyond inside`() {
    let scale = LogarithmicScale(around: [24, 183.5], from: 100, to: 0)
    #expect((scale.lower, scale.upper) == (20, 200))
    #expect(scale.position(20) == 100)
    #expect(scale.position(200) == 0)
    #expect(scale.position(1e9) == 0)
    #expect(scale.position(-1) == 100)
    #expect(scale.ticks == [20, 50, 100, 200])
    #expect(LogarithmicScale(around: [30, 9000], from: 0, to: 1).ticks == [20, 100, 1000, 10_000])
  }

  @Test(arguments: [[], [0], [-5], [1e300], [.nan], [7], [.infinity]] as [[Double]])
  func `a scale of odd values is still a scale`(_ values: [Double]) {
    let scale = LogarithmicScale(around: values, from: 0, to: 100)
    #expect(scale.lower < scale.upper)
    #expect((0...100).contains(scale.position(5)))
  }

  @Test(
    arguments: [
      (0, "0"), (1.25, "1.3"), (-0.04, "0"), (-2.5, "-2.5"), (12, "12"), (.nan, "0"), (.infinity, "0"),
      (1e30, "1000000"),
    ] as [(Double, String)])
  func `a coordinate has one decimal and an ASCII minus`(_ value: Double, _ text: String) {
    #expect(px(value) == text)
  }

  @Test(
    arguments: [(0, "0"), (48, "48"), (48.024, "48.024"), (-240, "-240"), (0.1, "0.1"), (1e300, "1e+300")]
      as [(Double, String)])
  func `an exact value reads back as itself`(_ value: Double, _ text: String) {
    #expect(Markup.exact(value) == text)
    #expect(Double(text) == value)
  }

  @Test func `a label that is too long is cut`() {
    #expect(fitted("weak", width: 100, fontSize: 12) == "weak")
    let cut = fitted(String(repeating: "x", count: 500), width: 100, fontSize: 12)
    #expect(cut.hasSuffix("x…"))
    #expect(textWidth(cut, fontSize: 12) <= 100)
  }

  @Test func `text, values and control characters cannot become markup`() {
    var page = Markup()
    page.element("p", ["class": "\"><b>"], "a<b>&'\u{0}\u{1B}\u{85}")
    #expect(page.text == "<p class=\"&quot;&gt;&lt;b&gt;\">a&lt;b&gt;&amp;&#39;\u{FFFD}\u{FFFD}\u{FFFD}</p>\n")
  }

  @Test(arguments: [
    (7, "7"), (1000, "1k"), (1500, "1.5k"), (1001, "1,001"), (2_500_000, "2.5M"), (3_000_000_000, "3G"),
  ])
  func `a number of nodes is short`(_ value: Int, _ text: String) {
    #expect(shortCount(value) == text)
  }

  @Test func `a panel shows the largest size that all its rows have`() throws {
    let rows =
      [100, 1000, 5000].flatMap { leak(identity("strong", nodes: $0)) }
      + [100, 1000].flatMap { clean(identity("weak", nodes: $0)) } + [failed(identity("weak", nodes: 5000), .oom)]
    let panels = ChartPanel.panels(try series(rows))
    #expect(panels.map(\.nodes) == [1000])
    #expect(panels[0].rows.map(\.label) == ["strong", "weak"])
    #expect(panels[0].rows[0].cases.count == 3)
  }

  @Test func `a row names its runtime where Swift is not alone`() throws {
    let rows = [("strong", "swift"), ("strong", "cpp"), ("weak", "swift"), ("unowned", "rust")].flatMap {
      leak(identity($0.0, nodes: 10, runtime: $0.1))
    }
    let panel = try #require(ChartPanel.panels(series(rows)).first)
    #expect(panel.rows.map(\.label) == ["cpp strong", "swift strong", "weak", "rust unowned"])
  }
}
