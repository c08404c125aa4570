import AllocationStacks
package import LeakAnalysis

extension LeakReport {
  /// As JSON (DESIGN.md has the contract; Documentation/Inspecting.md the keys).
  package var json: String {
    var json = JSONMembers()
    json.document { json in
      json.member("schemaVersion", integer: 1)
      json.member("target") { target.write(to: &$0) }
      json.member("summary") { json in
        json.member("leakedObjects", integer: leakedObjects)
        json.member("leakedBytes", integer: leakedBytes)
        json.member("groups", integer: counted.count)
        if type != nil { json.member("otherGroups", integer: otherLeaks) }
        json.member("pauseMilliseconds", number: Double(target.pauseNanoseconds) / 1e6)
        json.member("analysisMilliseconds", number: Double(target.analysisNanoseconds) / 1e6)
      }
      json.member("inspected") { inspected.write(to: &$0) }
      json.member("leaks", list: leaks) { $0.write(to: &$1) }
      json.member("warnings", texts: warnings)
    }
    return json.text
  }
}

extension InspectedTotals {
  func write(to json: inout JSONMembers) {
    json.member("objects", integer: objects)
    json.member("sideTables", integer: sideTables)
    json.member("blocks", integer: blocks)
    json.member("bytes", integer: bytes)
    json.member("inUseBytes", integer: inUseBytes)
    json.member("instances", list: instances) { row, json in
      json.member("module", text: row.module)
      json.member("count", integer: row.count)
    }
  }
}

extension Leak {
  func write(to json: inout JSONMembers) {
    json.member("verdict", text: verdict.rawValue)
    json.member("kind", text: kind.rawValue)
    json.member("signature", text: signature)
    json.member("ignored", flag: ignored != nil)
    json.member("ignoredBecause", text: ignored)
    json.member("instances", integer: instances)
    json.member("objects", integer: objects)
    json.member("blocks", integer: blocks)
    json.member("bytes", integer: bytes)
    json.member("retainedBytes", integer: retainedBytes)
    json.member("types", texts: types)
    json.member("members", list: members) { member, json in
      json.member("type", text: member.type)
      json.member("kind", text: member.kind)
      json.member("count", integer: member.count)
    }
    json.member("cycle", list: cycle) { $0.write(to: &$1) }
    json.member("cycleLength", integer: cycleLength)
    json.member("otherCycles", lists: otherCycles) { $0.write(to: &$1) }
    json.member("weaken", list: weaken) { weakening, json in
      json.member("type", text: weakening.fields.first?.type)
      json.member("field", text: weakening.fields.first?.field)
      json.member("declaredIn", text: weakening.fields.first?.declaredIn)
      json.member("together", list: Array(weakening.fields.dropFirst())) { field, json in
        json.member("type", text: field.type)
        json.member("field", text: field.field)
        json.member("declaredIn", text: field.declaredIn)
      }
      json.member("freesObjects", integer: weakening.freesObjects)
      json.member("freesBytes", integer: weakening.freesBytes)
      json.member("reason", text: weakening.reason.sentence)
    }
    json.member("pointedAtBy", texts: pointedAtBy)
    json.member("allocatedAt", list: allocations.first?.stack.frames ?? []) { $0.write(to: &$1) }
    json.member("allocations", list: allocations) { allocation, json in
      json.member("type", text: allocation.type)
      json.member("objects", integer: allocation.objects)
      json.member("frames", list: allocation.stack.frames) { $0.write(to: &$1) }
    }
  }
}

extension CycleStep {
  func write(to json: inout JSONMembers) {
    json.member("from", text: from)
    json.member("field", text: field)
    json.member("ownership", text: ownership)
    json.member("to", text: to)
  }
}
