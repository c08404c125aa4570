import BenchmarkReport

// What was built, where, and how it was asked for.

extension ReportPage {
  func glossary(_ main: inout Markup) {
    let topologies = Set(series.cases.map(\.identity.topology))
    let backLinks = Set(series.cases.map(\.identity.backLink))
    main.section(id: "words", heading: "Words") { section in
      section.element("h3", "Topologies: what owns what, and what points back")
      terms(notes.topologies.filter { topologies.contains($0.word) }, &section)
      section.element("h3", "Back links")
      terms(notes.backLinks.filter { backLinks.contains($0.word) }, &section)
    }
  }

  private func terms(_ terms: [Notes.Term], _ section: inout Markup) {
    section.element("dl") { list in
      for term in terms {
        list.element("dt", term.word)
        list.element("dd", term.meaning)
      }
    }
  }

  func environment(_ main: inout Markup) {
    main.section(id: "environment", heading: "Environment") { section in
      guard let meta = source.meta else {
        section.element(
          "p",
          "There is no meta file of this run beside the report: its environment is known by its hash alone, "
            + "\(source.envIDs.joined(separator: ", ")).")
        return
      }
      if source.runIDs.count > 1 {
        section.element(
          "p", "The report has \(source.runIDs.count) runs; this is the environment of \(meta.runID).")
      }
      facts(runFacts(meta), caption: "The run", &section)
      for (runtime, facts) in (meta.runtimes ?? [:]).sorted(by: { $0.key < $1.key }) {
        self.facts([("version", facts.version), ("build", facts.build)], caption: "Runtime \(runtime)", &section)
      }
      let facts = meta.environment.facts
      self.facts(
        facts.filter(\.changesMemory).map(described) + [("env_id", source.envIDs.joined(separator: ", "))],
        caption: "What changes memory, and makes the env_id", &section)
      self.facts(facts.filter { !$0.changesMemory }.map(described), caption: "The rest", &section)
    }
  }

  private func facts(_ facts: [(name: String, value: String)], caption: String, _ section: inout Markup) {
    section.scrollingTable(label: caption, class: "facts") { table in
      table.element("caption", caption)
      table.element("tbody") { body in
        for fact in facts {
          body.element("tr") { row in
            row.element("th", ["scope": "row"], fact.name)
            row.element("td") { $0.element("code", fact.value) }
          }
        }
      }
    }
  }

  private func runFacts(_ meta: ReportMeta) -> [(name: String, value: String)] {
    [
      ("Weakspot", meta.toolVersion),
      ("command line", commandLine(meta.options)),
      ("suite", meta.suite),
      ("seed", String(meta.seed)),
      ("run", meta.runID),
      ("begun", meta.startTime),
      ("ended", meta.endTime ?? "unknown"),
    ]
  }

  private func described(_ fact: EnvironmentFacts.Fact) -> (name: String, value: String) {
    let name = Self.names[fact.name] ?? fact.name
    guard let value = fact.value else { return (name, "not set or not known") }
    guard Self.byteFacts.contains(fact.name), let bytes = Int64(value) else { return (name, value) }
    return (name, "\(Quantity.bytes(Double(bytes))) (\(value) bytes)")
  }

  /// A report that another program wrote, as that of the peers, has its own command line.
  private func commandLine(_ options: [String]) -> String {
    ((options.first == "run" ? ["weakspot-bench"] : []) + options.map(Self.quoted)).joined(separator: " ")
  }

  /// As a shell reads it back.
  private static func quoted(_ argument: String) -> String {
    let isPlain =
      !argument.isEmpty
      && argument.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./,=:+@%".contains($0)) }
    return isPlain
      ? argument
      : "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static let byteFacts: Set = ["memoryBytes", "cgroupMemoryLimitBytes"]

  private static let names = [
    "glibcVersion": "glibc", "pageSize": "page size, bytes", "transparentHugePages": "transparent huge pages",
    "architecture": "architecture", "swiftVersion": "Swift", "optimization": "optimization",
    "kernelRelease": "kernel", "cpuModel": "processor", "cores": "processors", "memoryBytes": "memory",
    "cgroupMemoryLimitBytes": "memory limit of the cgroup", "operatingSystem": "operating system",
  ]
}
