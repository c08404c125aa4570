import BenchmarkReport

/// Collects the cases whose graphs were made with different seeds. Where the seed draws the graph, two seeds are two
/// programs; elsewhere it only ordered the run.
struct SeedComparison {
  private var seeded: (count: Int, first: String, difference: EnvironmentDifference)?
  private var others: EnvironmentDifference?

  /// A side whose seeds are not known agrees with everything.
  mutating func add(base: CheckedCase, new: CheckedCase) {
    guard !base.seeds.isEmpty, !new.seeds.isEmpty, base.seeds != new.seeds else { return }
    let difference = EnvironmentDifference(
      fact: "seed", base: Self.text(base.seeds), new: Self.text(new.seeds), changesMemory: base.isSeeded)
    if !base.isSeeded {
      others = others ?? difference
    } else if let known = seeded {
      seeded = (known.count + 1, known.first, known.difference)
    } else {
      seeded = (1, base.name, difference)
    }
  }

  /// The fact that differs, if one does.
  var difference: EnvironmentDifference? { seeded?.difference ?? others }

  func note(_ found: inout Findings) {
    if let (count, first, difference) = seeded {
      found.add(
        .environment,
        "the graphs of \(NumberText.counted(count, "case", "cases")) are drawn by a seed that differs, first "
          + "\(first); \(difference.description)")
    } else if let others {
      found.warnings.append(.environmentDiffers(others))
    }
  }

  private static func text(_ seeds: Set<Int64>) -> String {
    let most = 3
    return seeds.sorted().prefix(most).map(String.init).joined(separator: ", ") + (seeds.count > most ? ", …" : "")
  }
}
