// The JSON form of a policy, version 1. Writing is here; reading in Policy+Reading.swift.
//
//   { "schemaVersion": 1,
//     "rules": [ { "metrics": ["resident_*"], "cases": "swift/ring/*", "class": "quantised", "absoluteBytes": 65536,
//                  "hugePagesAbsoluteBytes": 2097152, "relative": 0.01, "gated": true, "test": "ranks" } ],
//     "waivers": [ { "metric": "built_bytes", "cases": "swift/tree/*", "owner": "…", "reason": "…",
//                    "expires": "2026-12-31" } ],
//     "noiseFloors": [ { "metric": "resident_built_bytes", "cases": "*", "floor": 28672, "environment": "…",
//                        "measured": "2026-11-23" } ] }
//
// In a rule only "metrics" is due. "absolute" is "absoluteBytes" in the metric's own unit, for objects and times.

import BenchmarkReport

extension Policy {
  /// The policy as JSON that `init(json:)` reads back as the same value; the same text on every machine.
  package var json: String {
    let parts = [
      ("rules", rules.map(\.json)), ("waivers", waivers.map(\.json)), ("noiseFloors", noiseFloors.map(\.json)),
    ]
    let lists = parts.map { name, entries in
      entries.isEmpty
        ? "  \"\(name)\": []" : "  \"\(name)\": [\n    " + entries.joined(separator: ",\n    ") + "\n  ]"
    }
    return "{\n  \"schemaVersion\": \(Policy.schemaVersion),\n" + lists.joined(separator: ",\n") + "\n}\n"
  }
}

/// One object on a line; members without a value are left out.
private func object(_ members: [(key: String, text: String?)]) -> String {
  let written = members.compactMap { member in member.text.map { "\"\(member.key)\": \($0)" } }
  return "{ " + written.joined(separator: ", ") + " }"
}

extension Policy.Rule {
  fileprivate var json: String {
    object([
      ("metrics", "[" + metrics.map(JSONText.quoted).joined(separator: ", ") + "]"),
      ("cases", JSONText.quoted(cases)),
      ("class", metricClass.map { JSONText.quoted($0.rawValue) }),
      ("absolute", absolute.map(JSONText.number)),
      ("hugePagesAbsolute", hugePagesAbsolute.map(JSONText.number)),
      ("relative", relative.map(JSONText.number)),
      ("gated", gated.map { $0 ? "true" : "false" }),
      ("test", test.map { JSONText.quoted($0.rawValue) }),
    ])
  }
}

extension Policy.Waiver {
  fileprivate var json: String {
    object([
      ("metric", JSONText.quoted(metric)), ("cases", JSONText.quoted(cases)), ("owner", JSONText.quoted(owner)),
      ("reason", JSONText.quoted(reason)), ("expires", JSONText.quoted(expires.description)),
    ])
  }
}

extension Policy.NoiseFloor {
  fileprivate var json: String {
    object([
      ("metric", JSONText.quoted(metric)), ("cases", JSONText.quoted(cases)), ("floor", JSONText.number(floor)),
      ("environment", JSONText.quoted(environmentID)), ("measured", JSONText.quoted(measured.description)),
    ])
  }
}
