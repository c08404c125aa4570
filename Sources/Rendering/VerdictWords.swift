package import BenchmarkReport

/// What a report says in words: the one source for text, Markdown and pages.
package struct VerdictWords: Sendable {
  /// Stands for a figure that is not known.
  package static let absent = "–"
  /// The heading of the column of verdicts.
  package static let verdictTitle = "after the root's release"

  private let summaries: [CaseSummary]
  private let caveats: [String: String]

  /// - Parameter caveats: What is not like for like, by runtime, each a sentence without its full stop.
  package init(_ summaries: [CaseSummary], caveats: [String: String] = [:]) {
    self.summaries = summaries
    self.caveats = caveats
  }

  /// In alphabetical order.
  package var runtimes: [String] { Set(summaries.map(\.identity.runtime)).sorted() }

  /// Whether names of cases need the runtime to tell them apart.
  package var hasSeveralRuntimes: Bool { runtimes.count > 1 }

  package var hasPayloads: Bool { summaries.contains { $0.identity.payload != 0 } }

  /// What became of the case's objects, and how its failed samples ended.
  package static func verdict(of summary: CaseSummary) -> String {
    var parts: [String] = []
    if let objects = summary.leakedObjects, let leaked = summary.leakedBytes {
      if objects.median > 0 {
        let all = objects.least == Double(summary.identity.nodes)
        parts.append(all ? "leaks all objects" : "leaks \(Quantity.count(Int(objects.median))) objects")
      } else if leaked.median > 0 {
        parts.append("all deinited, heap not back")
      } else {
        parts.append("all freed")
      }
    }
    if let failures = failures(of: summary) { parts.append(failures) }
    return parts.isEmpty ? absent : parts.joined(separator: "; ")
  }

  /// The most of what is left after the root's release, in a few words; nil where no sample tells.
  package static func remainder(of summary: CaseSummary) -> String? {
    guard let leaked = summary.leakedBytes?.median else { return nil }
    if leaked > 0 { return Quantity.bytes(leaked) + " leaked" }
    guard let kept = summary.keptBytes?.median else { return nil }
    return kept > 0 ? Quantity.bytes(kept) + " kept" : "nothing kept"
  }

  /// `failed: 2 crashed, 1 oom`; nil if no sample failed.
  package static func failures(of summary: CaseSummary) -> String? {
    let counts = failureCounts(of: summary)
    return counts.isEmpty ? nil : "failed: " + counts.joined(separator: ", ")
  }

  /// The same in as few words as there are: `2 crashed`, or `3 failed` where they ended in several ways.
  package static func shortFailures(of summary: CaseSummary) -> String? {
    let counts = failureCounts(of: summary)
    return counts.count > 1 ? "\(Quantity.count(summary.failures.count)) failed" : counts.first
  }

  private static func failureCounts(of summary: CaseSummary) -> [String] {
    SampleStatus.allCases.compactMap { status in
      let count = summary.failures.count { $0 == status }
      return count == 0 ? nil : "\(Quantity.count(count)) \(status.name)"
    }
  }

  /// What the columns mean, and what the report says.
  package var notes: [String] {
    legend + [leaks, failures].compactMap(\.self) + likeness + [misleading].compactMap(\.self)
  }

  /// What the columns mean.
  package var legend: [String] {
    var notes = [
      "\(sampleRange.map { "Medians of \($0). " } ?? "")leaked: heap in use that the root's release did not give back; kept: freed, "
        + "but resident until malloc_trim; returned: given back to the system by then; ns: per node."
    ]
    if summaries.contains(where: \.isLeakTidied) {
      notes.append(
        "* every object was deinited; the rest of less than 4 KiB is what the allocator's thread cache keeps "
          + "(--exact: 0).")
    }
    return notes
  }

  /// How many cases leak, and how much; what failed; what resident memory alone would have said.
  package var answer: [String] { [leaks, failures, misleading].compactMap(\.self) }

  /// Where runtimes are not measured alike; nothing if there is only one.
  package var likeness: [String] {
    guard hasSeveralRuntimes else { return [] }
    return runtimes.compactMap { runtime in caveats[runtime].map { "Not like for like, \(runtime): \($0)." } }
  }

  private var leaks: String? {
    let leaking = summaries.filter { ($0.leakedObjects?.median ?? 0) > 0 }
    if leaking.isEmpty {
      let isKnown = !summaries.isEmpty && summaries.allSatisfy { $0.leakedObjects != nil }
      return isKnown ? "No case leaks." : nil
    }
    var text = "\(leaking.count) of \(summaries.count) cases leak"
    let bytes = leaking.compactMap { $0.leakedBytes?.median }
    if bytes.count == leaking.count { text += ", \(Quantity.bytes(bytes.reduce(0, +))) in all" }
    return text + ", with back links \(backLinks(of: leaking).joined(separator: ", "))."
  }

  private var failures: String? {
    let failed = summaries.reduce(0) { $0 + $1.failures.count }
    guard failed > 0 else { return nil }
    let all = summaries.reduce(failed) { $0 + $1.goodSamples }
    return "\(Quantity.count(failed)) of \(Quantity.count(all)) samples failed."
  }

  private var misleading: String? {
    let clean = summaries.filter { $0.leakedObjects?.median == 0 }
    guard let most = clean.max(by: { ($0.keptBytes?.median ?? 0) < ($1.keptBytes?.median ?? 0) }),
      let kept = most.keptBytes?.median, kept >= 1_048_576
    else { return nil }
    let identity = most.identity
    let runtime = hasSeveralRuntimes ? " in \(identity.runtime)" : ""
    return "Resident memory alone would mislead: \(identity.topology) with \(identity.backLink) back links\(runtime) "
      + "freed all \(Quantity.count(identity.nodes)) objects, and \(Quantity.bytes(kept)) stayed resident until "
      + "malloc_trim."
  }

  /// nil where there is no good sample.
  private var sampleRange: String? {
    let counts = summaries.map(\.goodSamples)
    guard let least = counts.min(), let most = counts.max(), most > 0 else { return nil }
    return least == most ? "\(most) sample\(most == 1 ? "" : "s") a case" : "\(least) to \(most) samples a case"
  }

  /// Each kind once, in the order of the cases.
  private func backLinks(of cases: [CaseSummary]) -> [String] {
    var names: [String] = []
    for summary in cases where !names.contains(summary.identity.backLink) { names.append(summary.identity.backLink) }
    return names
  }
}
