package import LeakAnalysis

/// `weakspot heap` as text: the census, where resident memory goes, and the verdict in one sentence.
extension HeapReport {
  /// - Parameters:
  ///   - limit: Rows of the census at most; `nil` for all.
  ///   - width: Characters that fit on a line; `nil` where nobody counts, in a pipe.
  package func text(limit: Int?, width: Int?) -> String {
    var text = wrap(target.sentence, width: width) + "\n\n"
    text += census(limit: limit, width: width)
    text += "\n" + wrap(resident.verdict, width: width) + "\n\n"
    text += resident.table(width: width)
    if let pages { text += "\n" + Self.table(of: pages, limit: limit, width: width) }
    if let tasks { text += "\n" + Self.text(of: tasks, width: width) }
    return text
  }

  private func census(limit: Int?, width: Int?) -> String {
    guard !types.isEmpty else { return "No live blocks of such a type.\n" }
    let shown = types.prefix(limit ?? types.count)
    var table = TextTable([
      .init("count"), .init("bytes"), .init("usable"), .init("mean"), .init("kind", .left), .init("type", .left),
    ])
    func append(_ totals: BlockTotals, mean: String, kind: String, name: String) {
      table.append([
        Quantity.count(totals.count), Quantity.bytes(Double(totals.bytes)),
        Quantity.bytes(Double(totals.usableBytes)), mean, kind, name,
      ])
    }
    for row in shown {
      append(row.totals, mean: Quantity.bytes(row.meanBytes), kind: row.kind, name: row.title)
    }
    let rest = types.dropFirst(shown.count)
    if !rest.isEmpty {
      var totals = BlockTotals()
      for row in rest { totals += row.totals }
      append(totals, mean: "", kind: "", name: "\(Quantity.counted(rest.count, "more type", "more types")) (--limit)")
    }
    append(total, mean: "", kind: "", name: "all live blocks")
    return table.fitting(width: width) + wrap(attributedShare, width: width) + "\n"
  }

  /// How much of the heap the names above stand for.
  private var attributedShare: String {
    guard total.bytes > 0 else { return "" }
    let isAll = attributed.bytes == total.bytes
    // Rounded down: what is not all is not 100 %.
    let thousandths = (Double(attributed.bytes) / Double(total.bytes) * 1000).rounded(.down)
    let share = isAll ? "All" : Quantity.fixed(thousandths / 10, digits: 1) + " %"
    return "\(share) of these bytes have a type, or are held by a type or an image that is known."
  }

  private static func table(of pages: [PageHolder], limit: Int?, width: Int?) -> String {
    guard !pages.isEmpty else {
      return wrap("No resident page is kept by a few blocks alone.", width: width) + "\n"
    }
    var text = wrap(
      "Pages that are at least three quarters free, and the types whose blocks keep them resident:", width: width)
    text += "\n"
    var table = TextTable([
      .init("pages"), .init("alone"), .init("bytes used"), .init("kind", .left), .init("type", .left),
    ])
    for holder in pages.prefix(limit ?? pages.count) {
      table.append([
        Quantity.count(holder.pages), Quantity.count(holder.pagesAlone), Quantity.bytes(Double(holder.liveBytes)),
        holder.kind, holder.name,
      ])
    }
    text += table.fitting(width: width)
    if let limit, pages.count > limit {
      text += "\(Quantity.counted(pages.count - limit, "more type", "more types")) (--limit)\n"
    }
    return text
  }

  private static func text(of tasks: [TaskRow], width: Int?) -> String {
    guard !tasks.isEmpty else { return "No tasks.\n" }
    var text = Quantity.counted(tasks.count, "task", "tasks") + "\n"
    for task in tasks {
      let identifier = task.identifier.map { " \($0)" } ?? ""
      text += "  task\(identifier) at \(hexadecimal(task.address)), \(task.state)\n"
      for function in task.backtrace { text += wrap(function, width: width, indent: "      ") + "\n" }
      if task.backtrace.isEmpty { text += "      nothing it waits for is known\n" }
    }
    return text
  }
}

extension TypeRow {
  /// The name, in which the holder stands already, and what keeps an object that is dead.
  var title: String {
    guard let unownedReferences else { return name }
    return name + ", dead, kept by \(Quantity.counted(unownedReferences, "unowned reference", "unowned references"))"
  }
}

/// An address as people compare it with a debugger's.
func hexadecimal(_ address: UInt64) -> String { "0x" + String(address, radix: 16) }
