import FoundationEssentials
import Testing
import ZooExpectations

/// The comparison of a report with the tables, on literal JSON.
struct ComparisonTests {
  private func report(_ leaks: String...) throws -> LeaksReport {
    let text = """
      { "schemaVersion": 1, "summary": { "leakedObjects": 1, "leakedBytes": 48, "groups": \(leaks.count) },
        "leaks": [\(leaks.joined(separator: ","))], "warnings": [] }
      """
    return try JSONDecoder().decode(LeaksReport.self, from: Data(text.utf8))
  }

  private func leak(
    verdict: String = "proven", kind: String = "cycle", ignored: Bool = false, instances: Int = 1, objects: Int = 2,
    types: String = #""ZooLeaking.Screen", "ZooLeaking.Download""#, cycle: String = Self.cycle,
    weaken: String = Self.weaken, besides: String = ""
  ) -> String {
    """
    { "verdict": "\(verdict)", "kind": "\(kind)", "signature": "s", "ignored": \(ignored), "instances": \(instances),
      "objects": \(objects), "blocks": 2, "bytes": 96, "retainedBytes": 96, "types": [\(types)],
      "cycle": [\(cycle)], "weaken": [\(weaken)], "pointedAtBy": [], "allocatedAt": []\(besides) }
    """
  }

  private static func edge(_ from: String, _ field: String, _ to: String) -> String {
    #"{ "from": "\#(from)", "field": "\#(field)", "ownership": "strong", "to": "\#(to)" }"#
  }

  private static func weakening(_ type: String, _ field: String) -> String {
    #"{ "type": "\#(type)", "field": "\#(field)", "freesObjects": 2, "freesBytes": 96, "reason": "a delegate" }"#
  }

  private static let cycle =
    edge("ZooLeaking.Screen", "download", "ZooLeaking.Download") + ","
    + edge("ZooLeaking.Download", "delegate", "ZooLeaking.Screen")
  private static let weaken = weakening("ZooLeaking.Download", "delegate")

  private func aspects(_ name: String, _ leaks: String...) throws -> [ZooMismatch.Aspect] {
    let expected = try #require(Zoo.leaking.cases.first { $0.name == name })
    let text = try leaks.isEmpty ? report() : report(leaks.joined(separator: ","))
    return expected.mismatches(in: text).map(\.aspect)
  }

  @Test func `the right report has no mismatch`() throws {
    #expect(try aspects("delegate-pair", leak()) == [])
  }

  @Test func `a cycle may start anywhere`() throws {
    let turned =
      Self.edge("ZooLeaking.Download", "delegate", "ZooLeaking.Screen") + ","
      + Self.edge("ZooLeaking.Screen", "download", "ZooLeaking.Download")
    #expect(try aspects("delegate-pair", leak(cycle: turned)) == [])
  }

  @Test func `what is wrong is told by its aspect`() throws {
    #expect(try aspects("delegate-pair") == [.notFound])
    #expect(try aspects("delegate-pair", leak(verdict: "suspect")) == [.notFound])
    #expect(try aspects("delegate-pair", leak(ignored: true)) == [.notFound])
    #expect(try aspects("delegate-pair", leak(verdict: "unreachable")) == [.verdict])
    #expect(try aspects("delegate-pair", leak(kind: "lost")) == [.kind])
    #expect(try aspects("delegate-pair", leak(objects: 1)) == [.objects])
    #expect(try aspects("delegate-pair", leak(types: #""ZooLeaking.Screen""#)) == [.types])
    #expect(try aspects("delegate-pair", leak(cycle: "")) == [.cycle])
    #expect(try aspects("delegate-pair", leak(weaken: "")) == [.weaken])
    let forward = Self.weakening("ZooLeaking.Screen", "download")
    #expect(try aspects("delegate-pair", leak(weaken: forward + "," + Self.weaken)) == [.weaken])
    #expect(try aspects("delegate-pair", leak(weaken: Self.weaken + "," + forward)) == [])
    let more = #""ZooLeaking.Screen", "ZooLeaking.Download", "ZooLeaking.Report""#
    #expect(try aspects("delegate-pair", leak(types: more)) == [.falseAlarm])
  }

  @Test func `a cycle that is not closed, or another one, is wrong`() throws {
    let open = Self.edge("ZooLeaking.Screen", "download", "ZooLeaking.Download")
    #expect(try aspects("delegate-pair", leak(cycle: open)) == [.cycle, .cycle])
    let other = Self.edge("ZooLeaking.Screen", "me", "ZooLeaking.Screen")
    #expect(try aspects("delegate-pair", leak(cycle: other)) == [.cycle, .cycle])
  }

  @Test func `instances are folded into one group`() throws {
    let cycle =
      Self.edge("ZooLeaking.Tenant", "apartment", "ZooLeaking.Apartment") + ","
      + Self.edge("ZooLeaking.Apartment", "tenant", "ZooLeaking.Tenant")
    let weaken = Self.weakening("ZooLeaking.Tenant", "apartment")
    let types = #""ZooLeaking.Tenant", "ZooLeaking.Apartment""#
    let folded = leak(instances: 10, objects: 20, types: types, cycle: cycle, weaken: weaken)
    #expect(try aspects("tenants-and-apartments", folded) == [])
    let single = leak(instances: 1, objects: 20, types: types, cycle: cycle, weaken: weaken)
    #expect(try aspects("tenants-and-apartments", single) == [.objects])
    let counts = #"""
      , "members": [{ "type": "ZooLeaking.Tenant", "count": 10 }, { "type": "ZooLeaking.Apartment", "count": 9 }]
      """#
    let counted = leak(instances: 10, objects: 20, types: types, cycle: cycle, weaken: weaken, besides: counts)
    #expect(try aspects("tenants-and-apartments", counted) == [.objects])
  }

  @Test(arguments: [
    ("closure #1 in Counter.start(by:)", true),
    ("closure #1 () -> () in ZooLeaking.Counter.start(by: Swift.Int) -> ()", true),
    ("partial apply forwarder for closure #1 () -> () in ZooLeaking.Counter.start(by: Swift.Int) -> ()", true),
    ("closure #2 in Counter.start(by:)", false),
    ("closure #1 in Counter.stop()", false),
  ])
  func `a closure's context stands between an object and itself`(_ name: String, _ isRight: Bool) throws {
    let cycle =
      Self.edge("ZooLeaking.Counter", "tick.context", name) + "," + Self.edge(name, "self", "ZooLeaking.Counter")
    let text = leak(types: #""ZooLeaking.Counter""#, cycle: cycle, weaken: Self.weakening(name, "self"))
    #expect(try aspects("closure-captures-self-and-value", text) == (isRight ? [] : [.cycle, .cycle]))
  }

  @Test func `a closure whose context is the object itself has no context of its own`() throws {
    let cycle = Self.edge("ZooLeaking.ViewModel", "onChange.context", "ZooLeaking.ViewModel")
    let weaken = Self.weakening("ZooLeaking.ViewModel", "onChange.context")
    #expect(
      try aspects("closure-captures-self", leak(types: #""ZooLeaking.ViewModel""#, cycle: cycle, weaken: weaken)) == [])
  }

  @Test func `arrays may be nodes or part of the path`() throws {
    let back = Self.edge("ZooLeaking.GridCell", "grid", "ZooLeaking.Grid")
    let types = #""ZooLeaking.Grid", "ZooLeaking.GridCell""#
    let weaken = Self.weakening("ZooLeaking.GridCell", "grid")
    let path = Self.edge("ZooLeaking.Grid", "cells[][]", "ZooLeaking.GridCell") + "," + back
    #expect(try aspects("nested-arrays", leak(objects: 20, types: types, cycle: path, weaken: weaken)) == [])
    let nodes =
      Self.edge("ZooLeaking.Grid", "cells", "Array<Array<ZooLeaking.GridCell>>") + ","
      + Self.edge("Array<Array<ZooLeaking.GridCell>>", "[]", "Array<ZooLeaking.GridCell>") + ","
      + Self.edge("Array<ZooLeaking.GridCell>", "[]", "ZooLeaking.GridCell") + "," + back
    #expect(try aspects("nested-arrays", leak(objects: 20, types: types, cycle: nodes, weaken: weaken)) == [])
    let wrong = Self.edge("ZooLeaking.Grid", "rows[][]", "ZooLeaking.GridCell") + "," + back
    #expect(
      try aspects("nested-arrays", leak(objects: 20, types: types, cycle: wrong, weaken: weaken)) == [.cycle, .cycle])
  }

  @Test func `names are compared without the standard library's and private declarations' places`() throws {
    let type = "ZooLeaking.(Laboratory in $55aa10).Sensor<(Swift.Int, Swift.Int)>"
    let probe = "ZooLeaking.Laboratory.Probe<(Swift.Int, Swift.Int)>"
    let closure = "closure #1 in ZooLeaking.Laboratory.Sensor.watch(from: A) -> ()"
    let cycle =
      Self.edge(type, "probe", probe) + "," + Self.edge(probe, "watchers[value].context", closure) + ","
      + Self.edge(closure, "self", type)
    let text = leak(
      types: "\"\(type)\", \"\(probe)\"", cycle: cycle, weaken: Self.weakening(closure, "self"))
    #expect(try aspects("observable-binding-generic", text) == [])
  }

  @Test func `a lazy property's storage is its property`() throws {
    let field = "$__lazy_storage_$_render.context"
    let cycle = Self.edge("ZooLeaking.Report", field, "ZooLeaking.Report")
    let text = leak(
      types: #""ZooLeaking.Report""#, cycle: cycle, weaken: Self.weakening("ZooLeaking.Report", field))
    #expect(try aspects("lazy-closure", text) == [])
  }

  @Test(arguments: [("primary.action.context", true), ("primary.1.context", true), ("primary.0.context", false)])
  func `a tuple's element has a label and a number`(_ field: String, _ isRight: Bool) throws {
    let cycle = Self.edge("ZooLeaking.Toolbar", field, "ZooLeaking.Toolbar")
    let weaken = Self.weakening("ZooLeaking.Toolbar", field)
    let text = leak(types: #""ZooLeaking.Toolbar""#, cycle: cycle, weaken: weaken)
    #expect(try aspects("closure-in-tuple", text) == (isRight ? [] : [.cycle, .cycle]))
  }

  @Test func `what is out of reach may be missed`() throws {
    #expect(try aspects("stale-word-of-over-retained") == [])
    let found = leak(
      verdict: "unreachable", kind: "overretained", types: #""ZooLeaking.Voucher""#, cycle: "", weaken: "")
    #expect(try aspects("stale-word-of-over-retained", found) == [])
  }

  @Test func `a clean program has no alarm, and a suspect only where it may`() throws {
    let alarm = leak(types: #""ZooClean.Transfer""#, cycle: "", weaken: "")
    let suspect = leak(verdict: "suspect", types: #""ZooClean.Transfer""#, cycle: "", weaken: "")
    let runtime = leak(verdict: "suspect", types: #""Swift._Cache""#, cycle: "", weaken: "")
    for expected in Zoo.clean.cases where expected.outOfReach == nil {
      #expect(expected.mismatches(in: try report()) == [])
      #expect(expected.mismatches(in: try report(runtime)) == [])
      #expect(expected.mismatches(in: try report(alarm)).map(\.aspect) == [.falseAlarm])
      let aspects: [ZooMismatch.Aspect] = expected.suspectAllowed ? [] : [.falseAlarm]
      #expect(expected.mismatches(in: try report(suspect)).map(\.aspect) == aspects)
    }
  }

  @Test func `a damaged table is refused with what is wrong in it`() {
    #expect(throws: ZooTableError.self) { try ZooTable<CleanCase>(json: Array("{ \"module\": 1 }".utf8)) }
  }
}
