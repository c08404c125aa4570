import BenchmarkReport

/// The cases that one chart draws: a topology and a payload, a row per back link and runtime.
struct ChartPanel {
  struct Row {
    /// The back link, behind the runtime where it is not Swift's alone.
    let label: String
    let runtime: String
    let backLink: String
    /// By number of nodes.
    let cases: [ReportSeries.Case]

    func entry(nodes: Int) -> ReportSeries.Case? { cases.first { $0.identity.nodes == nodes } }
  }

  let topology: String
  let payload: Int
  /// The size of what is drawn at one size: the largest that all rows have good samples of, else the largest.
  let nodes: Int
  let rows: [Row]

  /// `ring`, with a payload `ring, payload 512 B`.
  var name: String { Self.name(topology, payload) }

  /// The same with the size: for alternative texts.
  var nameWithSize: String { "\(name) at \(Quantity.count(nodes)) nodes" }

  /// The case of each row at `nodes`, nil where the report has none.
  var entries: [(label: String, entry: ReportSeries.Case?)] { rows.map { ($0.label, $0.entry(nodes: nodes)) } }

  static func name(_ topology: String, _ payload: Int) -> String {
    payload == 0 ? topology : "\(topology), payload \(Quantity.bytes(Double(payload)))"
  }

  /// The panels of a report in the order of its cases.
  static func panels(_ series: ReportSeries) -> [ChartPanel] {
    var order: [CaseIdentity] = []
    var groups: [CaseIdentity: [ReportSeries.Case]] = [:]
    for entry in series.cases {
      let identity = entry.identity
      let key = CaseIdentity(
        runtime: "", topology: identity.topology, backLink: "", nodes: 0, payload: identity.payload)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(entry)
    }
    return order.map { key in
      let cases = groups[key, default: []]
      return ChartPanel(
        topology: key.topology, payload: key.payload, nodes: sharedSize(of: cases),
        rows: rows(cases, order: series.backLinks))
    }
  }

  private static func rows(_ cases: [ReportSeries.Case], order: [String]) -> [Row] {
    order.flatMap { backLink in
      let ofLink = cases.filter { $0.identity.backLink == backLink }
      let runtimes = Set(ofLink.map(\.identity.runtime)).sorted()
      return runtimes.map { runtime in
        Row(
          label: label(backLink, runtime, of: runtimes), runtime: runtime, backLink: backLink,
          cases: ofLink.filter { $0.identity.runtime == runtime })
      }
    }
  }

  /// - Parameter runtimes: All that have the back link in this panel.
  private static func label(_ backLink: String, _ runtime: String, of runtimes: [String]) -> String {
    runtimes == [ownRuntime] ? backLink : "\(runtime) \(backLink)"
  }

  /// The runtime that needs no naming.
  private static let ownRuntime = "swift"

  private static func sharedSize(of cases: [ReportSeries.Case]) -> Int {
    var sizes: [CaseIdentity: Set<Int>] = [:]
    for entry in cases {
      var name = entry.identity
      name.nodes = 0
      if entry.summary.goodSamples > 0 { sizes[name, default: []].insert(entry.identity.nodes) }
    }
    let shared = sizes.values.reduce(sizes.values.first ?? []) { $0.intersection($1) }
    return shared.max() ?? cases.map(\.identity.nodes).max() ?? 0
  }
}
