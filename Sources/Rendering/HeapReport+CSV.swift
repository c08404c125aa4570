package import LeakAnalysis

extension HeapReport {
  /// One row per type (RFC 4180): `type,kind,holder,holder_kind,count,bytes,usable_bytes,unowned_references`; empty: none.
  ///
  /// - Parameter limit: Types at most; `nil` for all.
  package func csv(limit: Int?) -> String {
    var text = "type,kind,holder,holder_kind,count,bytes,usable_bytes,unowned_references\n"
    for row in types.prefix(limit ?? types.count) {
      let fields: [CSVField] = [
        .text(row.name), .text(row.kind), .text(row.holder?.name ?? ""), .text(row.holder?.kind ?? ""),
        .integer(row.totals.count), .integer(row.totals.bytes), .integer(row.totals.usableBytes),
        row.unownedReferences.map(CSVField.integer) ?? .text(""),
      ]
      text += fields.map(\.csv).joined(separator: ",") + "\n"
    }
    return text
  }
}
