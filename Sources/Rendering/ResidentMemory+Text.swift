import LeakAnalysis

extension ResidentMemory {
  /// What is live, and what glibc keeps, in one sentence.
  var verdict: String {
    let live = Quantity.bytes(Double(liveSwiftBytes + liveOtherBytes))
    let whole = Quantity.bytes(Double(rssBytes ?? sum))
    var text = "\(whole) resident: \(live) live, \(Quantity.bytes(Double(freeKeptBytes))) freed and kept by glibc"
    text +=
      trimmableBytes > 0
      ? ", of which \(Quantity.bytes(Double(trimmableBytes))) would go with malloc_trim" : ""
    return text + "; the rest is stacks, files and other memory."
  }

  func table(width: Int?) -> String {
    var table = TextTable([.init("resident"), .init("", .left)])
    func append(_ bytes: Int, _ title: String) { table.append([Quantity.bytes(Double(bytes)), title]) }
    append(liveSwiftBytes, "live, Swift")
    append(liveOtherBytes, "live, C and C++")
    append(freeKeptBytes, "freed, kept by the allocator")
    append(stackBytes, "stacks")
    append(fileBytes, "file mappings")
    append(otherBytes, "other: writable data of images, anonymous memory")
    append(sum, "sum")
    if let rssBytes, let differenceBytes {
      append(rssBytes, "as the kernel says it")
      append(differenceBytes, "difference")
    }
    return table.fitting(width: width) + "\n" + arenaTable(width: width)
  }

  private func arenaTable(width: Int?) -> String {
    var table = TextTable([
      .init("arena", .left), .init("blocks"), .init("live"), .init("tcache"), .init("fastbins"), .init("bins"),
      .init("top"), .init("trimmable"), .init("from the system"),
    ])
    for arena in arenas {
      let figures = [
        arena.liveBytes, arena.tcacheBytes, arena.fastbinBytes, arena.binBytes, arena.topBytes, arena.trimmableBytes,
        arena.systemBytes,
      ]
      table.append(
        [arena.name, Quantity.count(arena.liveBlocks)] + figures.map { Quantity.bytes(Double($0)) })
    }
    return table.fitting(width: width)
  }
}
