package import LeakAnalysis

extension HeapReport {
  /// As JSON (DESIGN.md has the contract; Documentation/Inspecting.md the keys).
  ///
  /// - Parameter limit: Types at most; `nil` for all.
  package func json(limit: Int?) -> String {
    var json = JSONMembers()
    json.document { json in
      json.member("schemaVersion", integer: 1)
      json.member("target") { target.write(to: &$0) }
      json.member("total") { total.write(to: &$0) }
      json.member("attributed") { attributed.write(to: &$0) }
      json.member("types", list: Array(types.prefix(limit ?? types.count))) { row, json in
        json.member("name", text: row.name)
        json.member("kind", text: row.kind)
        row.totals.write(to: &json)
        json.member("holder", text: row.holder?.name)
        json.member("holderKind", text: row.holder?.kind)
        if let references = row.unownedReferences { json.member("unownedReferences", integer: references) }
      }
      json.member("resident") { resident.write(to: &$0) }
      json.member("arenas", list: resident.arenas) { $0.write(to: &$1) }
      if let pages {
        json.member("pages", list: pages) { holder, json in
          json.member("name", text: holder.name)
          json.member("kind", text: holder.kind)
          json.member("pages", integer: holder.pages)
          json.member("pagesAlone", integer: holder.pagesAlone)
          json.member("liveBytes", integer: holder.liveBytes)
        }
      }
      if let tasks {
        json.member("tasks", list: tasks) { task, json in
          json.member("address", text: hexadecimal(task.address))
          if let identifier = task.identifier { json.member("id", integer: Int(truncatingIfNeeded: identifier)) }
          json.member("state", text: task.state)
          json.member("backtrace", texts: task.backtrace)
        }
      }
      json.member("warnings", texts: warnings)
    }
    return json.text
  }
}

extension TargetFacts {
  /// What both reports say of the target.
  func write(to json: inout JSONMembers) {
    json.member("pid", integer: Int(pid))
    json.member("executable", text: executable)
    json.member("swift", text: swiftVersion)
    json.member("glibc", text: libcVersion)
    json.member("pauseMilliseconds", number: Double(pauseNanoseconds) / 1e6)
    json.member("analysisMilliseconds", number: Double(analysisNanoseconds) / 1e6)
    json.member("copiedBytes", integer: copiedBytes)
    switch ending {
    case .exited(let status)?:
      json.member("command") {
        $0.member("status", integer: Int(status))
        $0.null("signal")
      }
    case .killed(let signal)?:
      json.member("command") {
        $0.null("status")
        $0.member("signal", integer: Int(signal))
      }
    case nil: break
    }
  }
}

extension BlockTotals {
  func write(to json: inout JSONMembers) {
    json.member("count", integer: count)
    json.member("bytes", integer: bytes)
    json.member("usableBytes", integer: usableBytes)
  }
}

extension ResidentMemory {
  func write(to json: inout JSONMembers) {
    if let rssBytes { json.member("rssBytes", integer: rssBytes) }
    json.member("liveSwiftBytes", integer: liveSwiftBytes)
    json.member("liveOtherBytes", integer: liveOtherBytes)
    json.member("freeKeptBytes", integer: freeKeptBytes)
    json.member("trimmableBytes", integer: trimmableBytes)
    json.member("stackBytes", integer: stackBytes)
    json.member("fileBytes", integer: fileBytes)
    json.member("otherBytes", integer: otherBytes)
    if let differenceBytes { json.member("differenceBytes", integer: differenceBytes) }
  }
}

extension ArenaUse {
  func write(to json: inout JSONMembers) {
    json.member("name", text: name)
    json.member("systemBytes", integer: systemBytes)
    json.member("liveBlocks", integer: liveBlocks)
    json.member("liveBytes", integer: liveBytes)
    json.member("tcacheBytes", integer: tcacheBytes)
    json.member("fastbinBytes", integer: fastbinBytes)
    json.member("binBytes", integer: binBytes)
    json.member("topBytes", integer: topBytes)
    json.member("trimmableBytes", integer: trimmableBytes)
  }
}
