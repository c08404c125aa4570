import Testing

@testable import BenchmarkReport
@testable import Rendering

@Suite("The page of a report")
struct ReportPageTests {
  @Test func `is written as recorded`() throws {
    try expectGolden(page(smallReport, warnings: ["small.csv:3: a warning of the reader"]), "small.html")
  }

  @Test func `is the same whenever it is written`() throws {
    #expect(try page(smallReport) == page(smallReport))
  }

  @Test func `has the exact numbers of the samples in the verdict table`() throws {
    let table = try samples(smallReport)
    let html = try page(smallReport)
    let rows = html.parts(between: "<section id=\"verdicts\"", and: "</section>").joined()
      .parts(between: "<tr ", and: "</tr>")
    let named = Dictionary(
      uniqueKeysWithValues: rows.compactMap { row in
        row.split(separator: "data-case=\"").last.flatMap { $0.split(separator: "\"").first }.map { ($0, row) }
      })
    #expect(named.count == table.cases.count)
    for (index, entry) in table.cases.enumerated() {
      let row = String(try #require(named[entry.identity.description[...]]))
      for metric in [
        Metric.leakedBytes, .leakedObjects, .keptBytes, .returnedBytes, .buildNanosecondsPerNode,
        .releaseNanosecondsPerNode,
      ] {
        let sorted = table.values(metric, ofCase: index).sorted()
        let shown = row.parts(between: "data-metric=\"\(metric.name)\" data-value=\"", and: "\"").map { Double($0) }
        #expect(shown == [sorted[(sorted.count - 1) / 2]], "\(entry.identity) \(metric.name)")
      }
    }
  }

  @Test(arguments: [("build", Metric.buildNanosecondsPerNode), ("release", .releaseNanosecondsPerNode)])
  func `draws a dot for each sample`(_ step: String, _ metric: Metric) throws {
    let table = try samples(smallReport)
    let html = try page(smallReport)
    for (index, entry) in table.cases.enumerated() {
      let group = "<g data-case=\"\(entry.identity)\" data-metric=\"\(metric.name)\">"
      let groups = html.parts(between: group, and: "</g>")
      #expect(groups.count == 1)
      let dots = groups.joined().parts(between: "<circle ", and: "/>").joined()
        .parts(between: "data-value=\"", and: "\"").map { Double($0) }
      #expect(dots == table.values(metric, ofCase: index), "\(entry.identity) \(step)")
    }
  }

  @Test func `draws steps that are as high as their bytes`() throws {
    let html = try page(leak(identity("strong", nodes: 100)) + clean(identity("weak", nodes: 100), bytesPerNode: 192))
    let bars = html.parts(between: "<rect class=\"heap\"", and: "/>").map(String.init)
    let heights = bars.filter { $0.contains("heap_built_bytes") }
      .flatMap { $0.parts(between: "height=\"", and: "\"") }.map { Double($0) }
    // The greatest step of all, resident memory included, is the weak ring's: 19,200 bytes and 32 units.
    #expect(heights == [8, 32])
  }

  @Test func `shows every string of a report as text`() throws {
    let hostile = "<script>alert(1)"
    let link = "\" onload='x' <img src=q>&amp;"
    var meta = meta
    meta.options = ["run", hostile, "it's"]
    meta.warnings = ["<b>w</b>"]
    meta.environment.cpuModel = "<svg onload=1>"
    let rows =
      smallReport
      + [10, 20].flatMap { clean(identity(link, nodes: $0, topology: hostile, runtime: "<i>")) }
      + [failed(identity("weak", nodes: 5, topology: "<!--"), .crashed)]
    let html = try page(rows, meta: meta, warnings: ["</style><u>"])
    let known: Set = [
      "!doctype", "a", "body", "caption", "circle", "code", "dd", "desc", "details", "div", "dl", "dt", "figcaption",
      "figure", "g", "h1", "h2", "h3", "h4", "head", "header", "html", "i", "li", "main", "meta", "nav", "p", "path",
      "rect", "section", "span", "strong", "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead",
      "title", "tr", "ul",
    ]
    for tag in html.split(separator: "<").dropFirst() {
      let name = tag.drop { $0 == "/" }.prefix { $0 != ">" && $0 != " " && $0 != "/" }
      #expect(known.contains(String(name)), "<\(tag.prefix(40))")
      // Whatever came from the report is behind a reference: no attribute that we did not write.
      #expect(!tag.prefix { $0 != ">" }.contains("onload='"), "<\(tag.prefix(80))")
    }
    #expect(html.parts(between: "<i", and: ">").allSatisfy { $0.hasPrefix(" class=\"") })
    #expect(html.contains("<h3>&lt;script&gt;alert(1)</h3>"))
    #expect(
      html.contains(
        "data-case=\"&lt;i&gt;/&lt;script&gt;alert(1)/&quot; onload=&#39;x&#39; &lt;img src=q&gt;&amp;amp;/n=10/p=0\""))
  }

  @Test func `asks for nothing from outside`() throws {
    let html = try page(smallReport)
    for word in ["http:", "https:", "src=", "<link", "<script", "@import", "url("] {
      #expect(!html.contains(word), "\(word)")
    }
    #expect(html.contains("content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;\""))
  }

  @Test func `says what failed and what is not known`() throws {
    let html = try page([failed(identity("weak", nodes: 10), .timeout)], meta: nil)
    #expect(html.contains("1 of 1 samples failed."))
    #expect(html.contains("failed: 1 timeout"))
    #expect(html.contains("no meta file of this run"))
    #expect(!html.contains("data-value"))
  }

  @Test func `of no samples has no charts`() throws {
    // A run that was killed in its first sample.
    let html = try page(Array(smallReport.prefix(2)), isPartial: true)
    #expect(html.contains("No samples."))
    #expect(!html.contains("<svg"))
  }

  @Test func `counts one case and one sample in the singular`() throws {
    #expect(try page(clean(identity("weak", nodes: 10))).contains(" · 1 case, 1 sample</p>"))
    #expect(try page(smallReport).contains(" · 4 cases, 13 samples</p>"))
  }

  @Test func `of failed samples only has no medians, and names the failure in full`() throws {
    let weak = identity("weak", nodes: 10)
    let html = try page([failed(weak, .crashed)])
    #expect(!html.contains("Medians of"))
    #expect(html.contains(">1 crashed</text>"))
    let both = try page([failed(weak, .crashed), failed(weak, .timeout, repetition: 1)])
    #expect(both.contains(">2 failed</text>"))
  }

  @Test func `of one size has no growth`() throws {
    #expect(try page(clean(identity("weak", nodes: 10))).contains("there is no growth to show"))
  }

  @Test func `puts runtimes side by side, and says what is not like for like`() throws {
    var meta = meta
    meta.runtimes = ["cpp": .init(version: "g++ 12.2", build: "-O2 <x>", notLikeForLike: "does <not>")]
    let html = try page(
      smallReport + leak(identity("strong", nodes: 1000, runtime: "cpp"), bytesPerNode: 64)
        + leak(identity("strong", nodes: 3, topology: "tree2", runtime: "cpp")), meta: meta)
    #expect(html.contains("<code>-O2 &lt;x&gt;</code>"))
    let peers = html.parts(between: "<section id=\"peers\"", and: "</section>").joined()
    #expect(peers.contains("<p>Not like for like, cpp: does &lt;not&gt;.</p>"))
    #expect(peers.contains("<p>Not like for like, swift: counts atomically.</p>"))
    #expect(peers.contains("data-case=\"cpp/ring/strong/n=1000/p=0\" data-metric=\"bytes_per_node\" data-value=\"64\""))
    #expect(
      peers.contains("data-case=\"swift/ring/strong/n=1000/p=0\" data-metric=\"bytes_per_node\" data-value=\"48\""))
    #expect(!peers.contains("n=20000"))
    #expect(!peers.contains("tree2"))
    #expect(try !page(smallReport).contains("Runtimes side by side"))
  }

  @Test func `of very many cases draws the times of the largest size, and says so`() throws {
    let rows = (1...401).flatMap { clean(identity("weak", nodes: $0)) }
    let html = try page(rows)
    let time = html.parts(between: "<section id=\"time\"", and: "</section>").joined()
    #expect(time.parts(between: "<circle ", and: "/>").count == 2)
    #expect(time.contains("n=401/"))
    #expect(time.contains("more than 400 cases"))
    #expect(html.parts(between: "<section id=\"verdicts\"", and: "</section>").joined().contains("n=7/"))
  }

  @Test func `of very many samples draws three of each case, and says so`() throws {
    let rows = (0..<10_001).flatMap { clean(identity("weak", nodes: 10), repetition: $0) }
    let html = try page(rows)
    let time = html.parts(between: "<section id=\"time\"", and: "</section>").joined()
    #expect(time.parts(between: "<circle ", and: "/>").count == 6)
    #expect(time.contains("more than 20,000 values"))
  }
}
