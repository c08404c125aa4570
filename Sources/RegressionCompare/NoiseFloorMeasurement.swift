import BenchmarkReport

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
}
