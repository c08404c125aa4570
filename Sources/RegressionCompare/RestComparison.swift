import BenchmarkReport

/// Sums up over the cases what counts as 0 of the leaked bytes.
struct RestComparison {
  private var base: TidiedRests?
  private var new: TidiedRests?
  private var differing = 0
  private var widest: (caseName: String, base: UInt64, new: UInt64)?

  mutating func add(base baseCase: CheckedCase, new newCase: CheckedCase) {
    base = Self.sum(base, baseCase.tidied)
    new = Self.sum(new, newCase.tidied)
    let greatest = (base: baseCase.tidied?.greatest ?? 0, new: newCase.tidied?.greatest ?? 0)
    guard greatest.base != greatest.new else { return }
    differing += 1
    if let known = widest, Self.distance(known.base, known.new) >= Self.distance(greatest.base, greatest.new) { return }
    widest = (baseCase.name, greatest.base, greatest.new)
  }

  func note(_ found: inout Findings) {
    if base != nil || new != nil { found.warnings.append(.restsCountAsZero(base: base, new: new)) }
    if let widest {
      found.warnings.append(
        .restsDiffer(cases: differing, widest: widest.caseName, base: widest.base, new: widest.new))
    }
  }

  private static func distance(_ one: UInt64, _ other: UInt64) -> UInt64 { one > other ? one - other : other - one }

  private static func sum(_ one: TidiedRests?, _ other: TidiedRests?) -> TidiedRests? {
    guard let one, let other else { return one ?? other }
    return TidiedRests(samples: one.samples + other.samples, greatest: max(one.greatest, other.greatest))
  }
}
