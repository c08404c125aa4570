package import BenchmarkReport

extension Policy.NoiseFloor {
  /// The noise floors that an A/A comparison shows (`calibrate`): for each metric of class quantised one floor for all
  /// cases, for each of class noisy one a case, as times a node differ from case to case. A floor is the farthest end of
  /// the intervals, so that the same A/A comparison under these floors gives "same" throughout. Metrics that could not
  /// be compared, and those without any noise, get none.
  package static func measured(
    by outcome: ComparisonOutcome, environmentID: String, on day: CalendarDay
  ) -> [Policy.NoiseFloor] {
    var floors: [Policy.NoiseFloor] = []
    for metric in Metric.compared {
      var shared = 0.0
      for cell in outcome.cells(of: metric) {
        guard let interval = cell.interval else { continue }
        // Rounded up to thousandths: a floor is read by people.
        let farthest = (max(abs(interval.lower), abs(interval.upper)) * 1000).rounded(.up) / 1000
        if cell.metricClass == .quantised {
          shared = max(shared, farthest)
        } else if farthest > 0 {
          floors.append(
            Policy.NoiseFloor(
              metric: metric.rawValue, cases: cell.caseName, floor: farthest, environmentID: environmentID,
              measured: day))
        }
      }
      if shared > 0 {
        floors.append(
          Policy.NoiseFloor(metric: metric.rawValue, floor: shared, environmentID: environmentID, measured: day))
      }
    }
    return floors
  }

  /// A metric of which a measured floor is above the policy's margin in gated cells.
  package struct Excess: Sendable, Equatable, CustomStringConvertible {
    package let metric: Metric
    package let cells: Int
    /// Of the cell whose floor is the greatest.
    package let floor: Double
    package let margin: Double

    package var description: String {
      "the noise floor of \(metric.rawValue) is up to \(NumberText.grouped(floor)) \(metric.unit.rawValue), above the "
        + "policy's margin of \(NumberText.grouped(margin)) in \(NumberText.counted(cells, "gated cell", "gated cells")): "
        + "what grows by less passes there; calibrate on a quieter machine, or with more --runs"
    }
  }

  /// Where `floors`, measured by `outcome`, loosen a gate. O(cells × floors of their metric).
  package static func excesses(of floors: [Policy.NoiseFloor], in outcome: ComparisonOutcome) -> [Excess] {
    Metric.compared.compactMap { metric in
      let known = floors.filter { $0.metric == metric.rawValue }
      var excess: Excess?
      for cell in outcome.cells(of: metric) where cell.gated && cell.metricClass != .exact {
        let matching = known.filter { $0.cases == "*" || $0.cases == cell.caseName }.map(\.floor)
        guard let floor = matching.max(), floor > cell.margin.value else { continue }
        let isWidest = floor > (excess?.floor ?? 0)
        excess = Excess(
          metric: metric, cells: (excess?.cells ?? 0) + 1, floor: isWidest ? floor : excess?.floor ?? floor,
          margin: isWidest ? cell.margin.value : excess?.margin ?? cell.margin.value)
      }
      return excess
    }
  }
}
