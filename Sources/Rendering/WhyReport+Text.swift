package import LeakAnalysis

extension WhyReport {
  /// - Parameter width: Characters that fit on a line; `nil` where nobody counts, in a pipe.
  package func text(width: Int?) -> String {
    var text = wrap(target.sentence, width: width) + "\n\n"
    let number = candidates > 1 ? ", one of \(Quantity.count(candidates))" : ""
    text += wrap("\(type) at \(hexadecimal(address))\(number)", width: width) + "\n"
    if let root {
      text += wrap("is kept alive from \(root):", width: width, indent: "  ") + "\n"
      for step in chain {
        let line = step.from.isEmpty ? "→ \(step.to)" : "\(step.from).\(step.field) → \(step.to)"
        text += wrap(
          line + (step.ownership == "unknown" ? "   by a word without a type" : ""), width: width, indent: "    ")
        text += "\n"
      }
    } else {
      text += wrap("nothing that was found keeps it alive: see weakspot leaks", width: width, indent: "  ") + "\n"
    }
    if let strongCount {
      var line = "strong count \(Quantity.count(strongCount)):"
      let shown = owners.prefix(20).map { "\($0.field)" + ($0.count > 1 ? " × \(Quantity.count($0.count))" : "") }
      line += shown.isEmpty ? " no owner seen" : " " + shown.joined(separator: ", ")
      if owners.count > shown.count { line += ", and \(owners.count - shown.count) more" }
      if let unseenOwners, unseenOwners > 0 {
        line +=
          "; \(Quantity.counted(unseenOwners, "owner", "owners")) unseen: on a stack, in a register, a global, C memory"
      }
      text += wrap(line, width: width, indent: "  ") + "\n"
    } else {
      text += wrap("its count says nothing: it is immortal, or no Swift object", width: width, indent: "  ") + "\n"
    }
    return text
  }
}
