package import LeakAnalysis
import AllocationStacks
import Recording

/// `weakspot heap --by stack` as text, JSON, CSV, and for flame graphs.
extension StackReport {
  /// - Parameter width: Characters that fit on a line; `nil` where nobody counts, in a pipe.
  package func text(width: Int?) -> String {
    let way = sampleMean.map { "a sample every \(Quantity.bytes(Double($0)))" } ?? "every block recorded"
    var text = wrap(
      "\(executable ?? "the program"), pid \(processID), \(way): \(total.sentence(isSampled: sampleMean != nil)) live.",
      width: width)
    text += "\n"
    for (index, row) in rows.enumerated() {
      let place = row.stack?.headline?.sentence ?? "no stack is known"
      text += "\n"
      text += wrap("\(index + 1). \(row.totals.sentence(isSampled: sampleMean != nil)), \(place)", width: width) + "\n"
      text += row.stack?.lines(width: width, indent: "     ") ?? ""
    }
    if rows.isEmpty { text += "\nNo live blocks from such a stack.\n" }
    if omitted > 0 {
      let rest = Quantity.counted(omitted, "more stack", "more stacks")
      text += "\n\(rest) (--limit): \(omittedTotals.sentence(isSampled: sampleMean != nil))\n"
    }
    return text
  }

  package var json: String {
    var json = JSONMembers()
    json.document { json in
      json.member("schemaVersion", integer: 1)
      json.member("target") { json in
        json.member("pid", integer: Int(processID))
        json.member("executable", text: executable)
      }
      if let sampleMean { json.member("sampleMeanBytes", integer: sampleMean) }
      json.member("total") { total.write(to: &$0) }
      json.member("stacks", list: rows) { row, json in
        row.totals.write(to: &json)
        if let stack = row.stack {
          json.member("endsEarly", flag: stack.endsEarly)
          json.member("frames", list: stack.frames) { $0.write(to: &$1) }
        }
      }
      json.member("warnings", texts: warnings)
    }
    return json.text
  }

  /// A line for each stack, outermost function first, and its live bytes or blocks: what flame graphs are drawn from.
  package func folded(by order: TypeRow.Order) -> String {
    var counts: [String: Double] = [:]
    for row in rows {
      var functions = row.stack?.frames.reversed().map { $0.label.replacing(";", with: ":") } ?? ["[no stack]"]
      if row.stack?.endsEarly == true { functions.insert("[ends early]", at: 0) }
      counts[functions.joined(separator: ";"), default: 0] += order == .bytes ? row.totals.bytes : row.totals.blocks
    }
    return counts.sorted { $0.key < $1.key }.map { "\($0.key) \(whole($0.value))\n" }.joined()
  }
}

extension RecordedTotals {
  /// `1.2 MiB in 1,000 blocks`; of samples an estimate with one standard error.
  func sentence(isSampled: Bool) -> String {
    let count = Quantity.counted(whole(blocks), "block", "blocks")
    guard isSampled else { return "\(Quantity.bytes(bytes)) in \(count)" }
    return "about \(Quantity.bytes(bytes)) ± \(Quantity.bytes(bytesError)) in \(count) "
      + "± \(Quantity.count(whole(blocksError)))"
  }

  func write(to json: inout JSONMembers) {
    json.member("bytes", number: bytes)
    json.member("blocks", number: blocks)
    json.member("bytesError", number: bytesError)
    json.member("blocksError", number: blocksError)
    json.member("samples", integer: samples)
  }
}

/// The nearest whole number. What a damaged recording makes of few blocks may be more than there can be.
private func whole(_ value: Double) -> Int { Int(exactly: value.rounded()) ?? .max }
