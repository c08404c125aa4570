import LeakAnalysis
import Testing

@testable import Rendering

struct LeakReportTests {
  private static let target = TargetFacts(
    pid: 4711, executable: "/srv/app/server", swiftVersion: "6.3.1", libcVersion: "2.36", pauseNanoseconds: 9_120_000,
    analysisNanoseconds: 312_000_000, copiedBytes: 851_000_000)

  private static let ring = Leak(
    verdict: .proven, kind: .cycle, signature: "cycle:App.Node.next", objects: 2, blocks: 2, bytes: 96,
    retainedBytes: 96, types: ["App.Node"])

  /// The lines below the sentence on the target.
  private func text(_ leaks: [Leak], type: String? = nil, others: Int = 0, width: Int? = nil) -> [Substring] {
    let report = LeakReport(
      target: Self.target, leaks: leaks, type: type, otherLeaks: others,
      inspected: InspectedTotals(objects: 0, sideTables: 0, blocks: 0, bytes: 0, inUseBytes: 0, instances: []))
    let text = report.text(width: width)
    return text.firstRange(of: "\n\n").map { text[$0.upperBound...].split(separator: "\n") } ?? []
  }

  @Test func `a type that takes part in no leak does not hide the others`() {
    #expect(text([]) == ["No leaks."])
    #expect(text([], type: "Nod") == ["No leaks that Nod takes part in."])
    #expect(text([], type: "Nod", others: 1) == ["No leaks that Nod takes part in; 1 other."])
    #expect(text([Self.ring]).first == "1 leak, 2 objects, 96 B")
    #expect(text([Self.ring], type: "Node").first == "1 leak that Node takes part in, 2 objects, 96 B")
    #expect(
      text([Self.ring], type: "Node", others: 1200).first
        == "1 leak that Node takes part in, 2 objects, 96 B; 1,200 others")
  }

  @Test func `JSON says how many others there are where not all was asked for`() {
    func json(type: String?) -> String {
      LeakReport(
        target: Self.target, leaks: [Self.ring], type: type, otherLeaks: 3,
        inspected: InspectedTotals(objects: 0, sideTables: 0, blocks: 0, bytes: 0, inUseBytes: 0, instances: [])
      ).json
    }
    #expect(json(type: "Node").contains(#""groups": 1, "otherGroups": 3,"#))
    #expect(!json(type: nil).contains("otherGroups"))
  }

  @Test(arguments: [24, 40, 72]) func `why fits the terminal`(width: Int) {
    let owners = (0..<5).map { WhyReport.Owner(field: "App.Owner\($0).child", count: $0 + 1) }
    let chain = [CycleStep(from: "App.Model", field: "root", ownership: "strong", to: "App.Node")]
    for (root, count) in [("model", 17), (nil, nil)] as [(String?, Int?)] {
      let report = WhyReport(
        target: Self.target, type: "App.Node", address: 0x7f00_1234_5670, candidates: 11, root: root, chain: chain,
        strongCount: count, owners: owners, unseenOwners: 2, warnings: [])
      for line in report.text(width: width).split(separator: "\n") { #expect(line.count <= width, "\(line)") }
    }
  }
}
