import BenchmarkReport
import RegressionCompare
import SeededRandom

/// Compares random halves of one report.
struct SplitExperiment {
  struct Row {
    let name: String
    let wanted: String
    let found: Int
    let total: Int
    let isReached: Bool
  }

  struct Result {
    let rows: [Row]
  }

  /// Samples of each case.
  let runs: Int
  private let side: ComparisonSide
  private let splits: Int
  private let seed: UInt64

  /// A metric and what is added to its values.
  private enum Plant: CaseIterable {
    case exact, resident

    var metric: Metric { self == .exact ? .builtBytes : .residentBuiltBytes }

    func added(to value: Int64) -> Int64 { self == .exact ? value / 100 : 256 << 10 }
  }

  init(_ side: ComparisonSide, splits: Int, seed: UInt64) throws(ExperimentError) {
    guard let runs = side.cases.first?.samples, runs >= 2 * RunProjection.leastSamples, runs.isMultiple(of: 2) else {
      throw ExperimentError(
        "\(side.label): each case needs \(2 * RunProjection.leastSamples) good samples, or an even number more")
    }
    for entry in side.cases where entry.samples != runs || entry.failedSamples > 0 || !entry.isWhole {
      throw ExperimentError("\(side.label): \(entry.name) does not have \(runs) good samples with every reading")
    }
    self.runs = runs
    self.side = side
    self.splits = splits
    self.seed = seed
  }

  func run() throws -> Result {
    guard let today = CalendarDay(year: 2026, month: 1, day: 1) else { throw ExperimentError("no day") }
    let comparison = Comparison(today: today, seed: seed)
    var generator = SplitMix64(seed: seed)
    var alarms = 0
    var found: [Plant: Int] = [:]
    var elsewhere: [Plant: Int] = [:]
    for index in 0..<splits {
      let (first, second) = split(&generator)
      let base = half(first)
      if try comparison.outcome(base: base, new: half(second)).exitStatus() != .ok { alarms += 1 }
      let position = index % side.cases.count
      for plant in Plant.allCases {
        let outcome = try comparison.outcome(base: base, new: half(second, planting: plant, inCase: position))
        let regressed = outcome.cells.filter { $0.gated && $0.verdict == .regressed }
        let isPlanted = { (cell: ComparedCell) in
          cell.caseName == side.cases[position].name && cell.metric == plant.metric
        }
        if regressed.contains(where: isPlanted) { found[plant, default: 0] += 1 }
        if !regressed.allSatisfy(isPlanted) { elsewhere[plant, default: 0] += 1 }
      }
    }
    return Result(
      rows: [
        atMost("splits of one program that fail", alarms),
        atLeast("+1 % planted in built_bytes of one case: found there", found[.exact, default: 0]),
        atMost("… and something regressed elsewhere", elsewhere[.exact, default: 0]),
        atLeast("+256 KiB planted in resident_built_bytes of one case: found there", found[.resident, default: 0]),
        atMost("… and something regressed elsewhere", elsewhere[.resident, default: 0]),
      ])
  }

  private func atMost(_ name: String, _ count: Int) -> Row {
    Row(name: name, wanted: "at most 1 %", found: count, total: splits, isReached: count * 100 <= splits)
  }

  private func atLeast(_ name: String, _ count: Int) -> Row {
    Row(name: name, wanted: "at least 99 %", found: count, total: splits, isReached: count * 100 >= splits * 99)
  }

  private func split(_ generator: inout SplitMix64) -> (first: ArraySlice<Int>, second: ArraySlice<Int>) {
    var positions = Array(0..<runs)
    for index in positions.indices {
      positions.swapAt(index, index + generator.next(below: runs - index))
    }
    return (positions[..<(runs / 2)], positions[(runs / 2)...])
  }

  private func half(_ positions: ArraySlice<Int>, planting plant: Plant? = nil, inCase planted: Int = 0)
    -> ComparisonSide
  {
    var half = side
    half.warnings = []
    // That both halves are of one run is the experiment.
    half.runIDs = []
    for index in half.cases.indices {
      half.cases[index].samples = positions.count
      half.cases[index].values = half.cases[index].values.map { values in
        switch values.samples {
        case .reals(let reals): return MetricValues(values.metric, reals: positions.map { reals[$0] })
        case .integers(let integers):
          let isPlanted = plant?.metric == values.metric && index == planted
          return MetricValues(
            values.metric,
            integers: positions.map { integers[$0] + (isPlanted ? plant?.added(to: integers[$0]) ?? 0 : 0) })
        }
      }
    }
    return half
  }
}

extension ComparisonSide {
  /// Adds whole pages, up to `bytes` and now and then up to eight times as much, to each value of resident memory.
  mutating func stray(by bytes: Int, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    for item in cases.indices {
      for position in cases[item].values.indices {
        let values = cases[item].values[position]
        guard values.metric.metricClass == .quantised, case .integers(let integers) = values.samples else { continue }
        cases[item].values[position] = MetricValues(
          values.metric,
          integers: integers.map { value in
            let most = generator.next(below: 20) == 0 ? 8 * bytes : bytes
            return value + Int64(generator.next(below: most / 4_096 + 1)) * 4_096
          })
      }
    }
  }
}

extension ComparisonCase {
  /// Whether every metric has a value of every sample, so that a position names a sample.
  fileprivate var isWhole: Bool {
    values.count == Metric.compared.count
      && values.allSatisfy { values in
        switch values.samples {
        case .integers(let integers): integers.count == samples
        case .reals(let reals): reals.count == samples
        }
      }
  }
}

/// Why there is nothing to measure.
struct ExperimentError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
