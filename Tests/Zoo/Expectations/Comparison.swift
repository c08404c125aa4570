// A report compared with what the tables say.

extension LeakingCase {
  /// Everything that the report says otherwise; empty if it is as it should be. What is out of reach may be missed.
  package func mismatches(in report: LeaksReport, module: String = "ZooLeaking") -> [ZooMismatch] {
    let alarms = report.alarms
    guard !alarms.isEmpty else {
      return outOfReach == nil ? [ZooMismatch(aspect: .notFound, text: "\(name): no leak is reported")] : []
    }
    var found: [ZooMismatch] = []
    func note(_ aspect: ZooMismatch.Aspect, _ text: String) {
      found.append(ZooMismatch(aspect: aspect, text: "\(name): \(text)"))
    }

    let types = Set(alarms.flatMap(\.types).map(ZooNames.type))
    let missing = Set(leaked.keys).subtracting(types)
    if !missing.isEmpty { note(.types, "not named: \(missing.sorted())") }
    let surplus = types.filter { $0.hasPrefix(module + ".") }.subtracting(leaked.keys)
    if !surplus.isEmpty { note(.falseAlarm, "named, and not leaked: \(surplus.sorted())") }

    // What names none of the zoo's types hangs off the others, or is a block.
    let concerned = alarms.filter { leak in
      leaked.isEmpty || leak.types.contains { leaked[ZooNames.type($0)] != nil }
    }
    if verdict != .either {
      for leak in concerned where leak.verdict != verdict.rawValue {
        note(.verdict, "\(leak.verdict), expected \(verdict.rawValue)")
      }
    }
    for leak in concerned where !kinds.contains(leak.kind) {
      note(.kind, "\(leak.kind), expected \(kinds.joined(separator: " or "))")
    }
    noteCounts(of: alarms, concerned, note)
    noteCycles(of: concerned, module, note)
    return found
  }

  private func noteCounts(
    of alarms: [LeaksReport.Leak], _ concerned: [LeaksReport.Leak], _ note: (ZooMismatch.Aspect, String) -> Void
  ) {
    let objects = alarms.reduce(0) { $0 + $1.objects }
    let expected = leaked.values.reduce(0, +)
    if objects < expected { note(.objects, "\(objects) objects, expected at least \(expected)") }
    if alarms.allSatisfy({ $0.members != nil }) {
      var counts: [String: Int] = [:]
      for leak in alarms {
        for member in leak.members ?? [] { counts[ZooNames.type(member.type), default: 0] += member.count }
      }
      for (type, count) in leaked where counts[type] != count {
        note(.objects, "\(counts[type] ?? 0) of \(type), expected \(count)")
      }
    }
    let total = alarms.reduce(0) { $0 + $1.blocks }
    if let blocks, total < blocks { note(.objects, "\(total) blocks, expected at least \(blocks)") }
    if let instances, !concerned.contains(where: { $0.instances == instances }) {
      note(.objects, "no group of \(instances) instances, but of \(concerned.map(\.instances))")
    }
  }

  private func noteCycles(
    of concerned: [LeaksReport.Leak], _ module: String, _ note: (ZooMismatch.Aspect, String) -> Void
  ) {
    var right: [LeaksReport.Leak] = []
    for leak in concerned where !leak.cycle.isEmpty {
      guard let reported = ReportedCycle(leak.cycle, module: module) else {
        note(.cycle, "the cycle is not closed: \(Self.text(leak.cycle))")
        continue
      }
      if cycles?.contains(where: reported.matches) ?? true {
        right.append(leak)
      } else {
        note(.cycle, "not the expected cycle: \(Self.text(leak.cycle))")
      }
    }
    guard cycles != nil || (kinds == ["cycle"] && verdict == .proven) else { return }
    if right.isEmpty { note(.cycle, "no cycle is shown") }
    guard let weaken else { return }
    for leak in right {
      guard let first = leak.weaken.first else {
        note(.weaken, "nothing to weaken is named")
        continue
      }
      if !weaken.contains(where: { $0.matches(first, module: module) }) {
        note(.weaken, "\(first.type).\(first.field) stands first")
      }
    }
  }

  private static func text(_ cycle: [LeaksReport.Edge]) -> String {
    cycle.map { "\($0.from).\($0.field) → \($0.to)" }.joined(separator: ", ")
  }
}

extension LeakingCase.Weakening {
  func matches(_ reported: LeaksReport.Weakening, module: String) -> Bool {
    guard ZooNames.isField(reported.field, as: field) else { return false }
    let name = ZooNames.type(reported.type)
    guard let type else { return !name.hasPrefix(module + ".") }
    return name == type || ZooNames.isClosure(name, as: type)
  }
}

extension CleanCase {
  /// Every alarm, and every suspect among the zoo's types that there should not be. What is out of reach may be reported.
  package func mismatches(in report: LeaksReport, module: String = "ZooClean") -> [ZooMismatch] {
    guard outOfReach == nil else { return [] }
    var found = report.alarms.map {
      ZooMismatch(aspect: .falseAlarm, text: "\(name): \($0.verdict) \($0.kind) of \($0.types), \($0.blocks) blocks")
    }
    guard !suspectAllowed else { return found }
    for leak in report.leaks where leak.isSuspect && !leak.ignored {
      let named = leak.types.map(ZooNames.type).filter { $0.hasPrefix(module + ".") }
      if !named.isEmpty { found.append(ZooMismatch(aspect: .falseAlarm, text: "\(name): suspect \(named)")) }
    }
    return found
  }
}
