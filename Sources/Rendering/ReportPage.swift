package import BenchmarkReport

/// A report as one HTML page: the answer, memory through the checkpoints, bytes and time per node, every case, and the
/// environment. Every number stands with its exact value in a `data-value`, and its case in a `data-case`.
package struct ReportPage {
  let series: ReportSeries
  let source: Source
  let notes: Notes
  let words: VerdictWords
  let panels: [ChartPanel]

  /// Where the numbers come from.
  package struct Source: Sendable {
    /// The file's name, without its folders.
    package var name: String
    package var suites: [String]
    package var runIDs: [String]
    package var envIDs: [String]
    package var meta: ReportMeta?
    package var warnings: [String]

    /// - Parameter warnings: Those of reading the report, also that its run did not end; the meta file's are shown as well.
    package init(
      name: String, suites: [String], runIDs: [String], envIDs: [String], meta: ReportMeta?, warnings: [String]
    ) {
      self.name = name
      self.suites = suites
      self.runIDs = runIDs
      self.envIDs = envIDs
      self.meta = meta
      self.warnings = warnings
    }
  }

  /// What a report cannot say itself.
  package struct Notes: Sendable {
    /// A word that the report uses, and what it means.
    package typealias Term = (word: String, meaning: String)

    package var topologies: [Term]
    package var backLinks: [Term]
    /// What is not like for like, by runtime.
    package var caveats: [String: String]

    package init(topologies: [Term] = [], backLinks: [Term] = [], caveats: [String: String] = [:]) {
      self.topologies = topologies
      self.backLinks = backLinks
      self.caveats = caveats
    }
  }

  package init(_ series: ReportSeries, source: Source, notes: Notes = Notes()) {
    self.series = series
    self.source = source
    self.notes = notes
    words = VerdictWords(series.cases.map(\.summary), caveats: notes.caveats)
    panels = ChartPanel.panels(series)
  }

  package var html: String {
    Page(title: "\(source.name) – Weakspot") { page in
      header(&page)
      page.element("main") { main in
        if !series.cases.isEmpty {
          staircases(&main)
          nodeBytes(&main)
          growth(&main)
          times(&main)
          verdicts(&main)
          if words.hasSeveralRuntimes { peers(&main) }
          glossary(&main)
        }
        environment(&main)
      }
    }.html
  }

  private func header(_ page: inout Markup) {
    page.element("header") { header in
      header.element("h1", "What back links cost")
      header.element("p", ["class": "source"], origin)
      let sentences = series.cases.isEmpty ? ["No samples."] : words.answer
      for (index, sentence) in sentences.enumerated() {
        header.element("p", ["class": index == 0 ? "answer" : "answer more"], sentence)
      }
      for text in warnings {
        header.element("p", ["class": "alert"]) { alert in
          alert.element("strong", "Warning: ")
          alert.write(text)
        }
      }
      contents(&header)
    }
  }

  private func contents(_ header: inout Markup) {
    guard !series.cases.isEmpty else { return }
    var entries = [
      ("#staircase", "Checkpoints"), ("#node-bytes", "Bytes per node"), ("#growth", "Growth"), ("#time", "Time"),
      ("#verdicts", "All cases"),
    ]
    if words.hasSeveralRuntimes { entries.append(("#peers", "Runtimes")) }
    entries += [("#words", "Words"), ("#environment", "Environment")]
    header.element("nav", ["aria-label": "Contents"]) { nav in
      nav.element("ul") { list in
        for (target, name) in entries {
          list.element("li") { $0.element("a", ["href": target], name) }
        }
      }
    }
  }

  private var origin: String {
    let samples = series.cases.reduce(0) { $0 + $1.summary.goodSamples + $1.summary.failures.count }
    var parts = [source.name]
    if !source.suites.isEmpty { parts.append("suite " + source.suites.joined(separator: ", ")) }
    if let start = source.meta?.startTime { parts.append(start) }
    parts.append(
      "\(Quantity.counted(series.cases.count, "case", "cases")), \(Quantity.counted(samples, "sample", "samples"))")
    return parts.joined(separator: " · ")
  }

  private var warnings: [String] { source.warnings + (source.meta?.warnings ?? []) }
}
