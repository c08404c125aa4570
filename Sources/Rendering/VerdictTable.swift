package import BenchmarkReport

/// The table that `weakspot-bench show` and `run` end in: a row per case, and in words what it means.
package struct VerdictTable {
  private let summaries: [CaseSummary]
  /// What is not like for like, by runtime.
  private let caveats: [String: String]

  package init(_ summaries: [CaseSummary], caveats: [String: String] = [:]) {
    self.summaries = summaries
    self.caveats = caveats
  }

  /// - Parameter width: Characters that fit on a line; `nil` where nobody counts, in a pipe. A terminal that is too
  ///   narrow for the table gets the same figures in a block per case.
  package func text(width: Int?) -> String {
    guard !summaries.isEmpty else { return "No samples.\n" }
    let table = table
    var text = table.text
    if let width, table.width > width { text = blocks(width: width) }
    return text + "\n" + notes.map { wrap($0, width: width ?? 100) + "\n" }.joined()
  }

  private var runtimes: Set<String> { Set(summaries.map(\.identity.runtime)) }

  private var table: TextTable {
    let hasRuntimes = runtimes.count > 1
    let hasPayloads = summaries.contains { $0.identity.payload != 0 }
    var columns: [TextTable.Column] = hasRuntimes ? [.init("runtime", .left)] : []
    columns += [.init("topology", .left), .init("back link", .left), .init("nodes")]
    if hasPayloads { columns.append(.init("payload")) }
    columns += [
      .init("B/node"), .init("leaked"), .init("kept"), .init("returned"), .init("build ns"), .init("release ns"),
      .init("after the root's release", .left),
    ]
    var table = TextTable(columns)
    for summary in summaries {
      let identity = summary.identity
      var row = hasRuntimes ? [identity.runtime] : []
      row += [identity.topology, identity.backLink, Quantity.count(identity.nodes)]
      if hasPayloads { row.append(Quantity.bytes(Double(identity.payload))) }
      table.append(row + figures(of: summary) + [verdict(of: summary)])
    }
    return table
  }

  /// One case after the other, for narrow terminals.
  private func blocks(width: Int) -> String {
    var text = ""
    for summary in summaries {
      let identity = summary.identity
      var title = "\(identity.topology), \(identity.backLink), \(Quantity.count(identity.nodes)) nodes"
      if runtimes.count > 1 { title = "\(identity.runtime): \(title)" }
      if identity.payload != 0 { title += ", payload \(Quantity.bytes(Double(identity.payload)))" }
      let names = ["B/node", "leaked", "kept", "returned", "build ns", "release ns"]
      let figures = zip(names, figures(of: summary)).map { "\($0) \($1)" }.joined(separator: ", ")
      text += title + ": " + verdict(of: summary) + "\n"
      text += wrap(figures, width: width, indent: "  ") + "\n"
    }
    return text
  }

  private func figures(of summary: CaseSummary) -> [String] {
    let leaked = summary.leakedBytes.map(bytes) ?? "–"
    return [
      summary.bytesPerNode.map { Quantity.fixed($0.median, digits: 1) } ?? "–",
      summary.isLeakTidied ? leaked + "*" : leaked,
      summary.keptBytes.map { Quantity.bytes($0.median) } ?? "–",
      summary.returnedBytes.map { Quantity.bytes($0.median) } ?? "–",
      summary.buildNanosecondsPerNode.map { Quantity.fixed($0.median, digits: 0) } ?? "–",
      summary.releaseNanosecondsPerNode.map { Quantity.fixed($0.median, digits: 0) } ?? "–",
    ]
  }

  /// One figure where all samples agree, which those of leaked bytes should; else the range.
  private func bytes(_ spread: CaseSummary.Spread) -> String {
    if spread.least == spread.greatest { return Quantity.bytes(spread.median) }
    return Quantity.bytes(spread.least) + "…" + Quantity.bytes(spread.greatest)
  }

  private func verdict(of summary: CaseSummary) -> String {
    var parts: [String] = []
    if let objects = summary.leakedObjects, let leaked = summary.leakedBytes {
      if objects.median > 0 {
        let all = objects.least == Double(summary.identity.nodes)
        parts.append(all ? "leaks all objects" : "leaks \(Quantity.count(Int(objects.median))) objects")
      } else if leaked.median != 0 {
        parts.append("all deinited, heap not back")
      } else {
        parts.append("all freed")
      }
    }
    if !summary.failures.isEmpty {
      let counts = SampleStatus.allCases.compactMap { status in
        let count = summary.failures.count { $0 == status }
        return count == 0 ? nil : "\(count) \(status.name)"
      }
      parts.append("failed: " + counts.joined(separator: ", "))
    }
    return parts.isEmpty ? "–" : parts.joined(separator: "; ")
  }

  /// What the columns mean, and what this report says in words.
  private var notes: [String] {
    var notes = [
      "Medians of \(sampleRange). leaked: heap in use that the root's release did not give back; kept: freed, "
        + "but resident until malloc_trim; returned: given back to the system by then; ns: per node."
    ]
    if summaries.contains(where: \.isLeakTidied) {
      notes.append(
        "* every object was deinited; the rest of less than 4 KiB is what the allocator's thread cache keeps (--exact: 0)."
      )
    }
    let leaking = summaries.filter { ($0.leakedObjects?.median ?? 0) > 0 }
    if !leaking.isEmpty {
      let links = orderedNames(of: leaking)
      let bytes = leaking.reduce(0.0) { $0 + ($1.leakedBytes?.median ?? .nan) }
      notes.append(
        "\(leaking.count) of \(summaries.count) cases leak, \(Quantity.bytes(bytes)) in all, with back links "
          + "\(links.joined(separator: ", ")).")
    } else if summaries.allSatisfy({ $0.leakedObjects != nil }) {
      notes.append("No case leaks.")
    }
    if runtimes.count > 1 {
      for runtime in runtimes.sorted() {
        if let caveat = caveats[runtime] { notes.append("Not like for like, \(runtime): \(caveat).") }
      }
    }
    let clean = summaries.filter { $0.leakedObjects?.median == 0 }
    if let most = clean.max(by: { ($0.keptBytes?.median ?? 0) < ($1.keptBytes?.median ?? 0) }),
      let kept = most.keptBytes?.median, kept >= 1_048_576
    {
      let identity = most.identity
      notes.append(
        "Resident memory alone would mislead: \(identity.topology) with \(identity.backLink) back links freed all "
          + "\(Quantity.count(identity.nodes)) objects, and \(Quantity.bytes(kept)) stayed resident until malloc_trim.")
    }
    return notes
  }

  private var sampleRange: String {
    let counts = summaries.map(\.goodSamples)
    let least = counts.min() ?? 0
    let most = counts.max() ?? 0
    return least == most ? "\(most) sample\(most == 1 ? "" : "s") a case" : "\(least) to \(most) samples a case"
  }

  private func orderedNames(of cases: [CaseSummary]) -> [String] {
    var names: [String] = []
    for summary in cases where !names.contains(summary.identity.backLink) { names.append(summary.identity.backLink) }
    return names
  }
}

/// Breaks a text at its blanks into lines of at most `width` characters, each behind `indent`.
package func wrap(_ text: String, width: Int, indent: String = "") -> String {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, indent.count + line.count + 1 + word.count > width {
      lines.append(indent + line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  return (lines + [indent + line]).joined(separator: "\n")
}
