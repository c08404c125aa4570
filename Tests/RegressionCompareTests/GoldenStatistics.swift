import FoundationEssentials
import Testing

/// What SciPy 1.17.1 says: `Golden/statistics.json`, written by `Tests/Tools/golden_statistics.py`.
struct GoldenStatistics: Decodable, Sendable {
  struct TwoSample: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let base: [Double]
    let new: [Double]
    let ranks: Double
    let means: Double
    let shift: Double
    let lower: Double?
    let upper: Double?

    var testDescription: String { name }
  }

  struct Tested: Decodable, Sendable {
    let base: [Double]
    let new: [Double]
    let p: Double
  }

  struct Discoveries: Decodable, Sendable {
    let p: [Double]
    let adjusted: [Double]
  }

  struct Line: Decodable, Sendable {
    let x: [Double]
    let y: [Double]
    let slope: Double
    let intercept: Double
    let lower: Double
    let upper: Double
  }

  struct GeometricMean: Decodable, Sendable {
    let values: [Double]
    let mean: Double
  }

  let twoSamples: [TwoSample]
  let asymptotic: [Tested]
  let untied: [Tested]
  let discoveries: [Discoveries]
  let lines: [Line]
  let geometricMeans: [GeometricMean]

  /// A missing or broken file ends the tests: there is nothing to compare with.
  static let recorded: GoldenStatistics = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/statistics.json")
    do {
      return try JSONDecoder().decode(GoldenStatistics.self, from: Data(contentsOf: file))
    } catch {
      fatalError("\(file.path): \(error)")
    }
  }()
}

/// Equal up to a relative error of 1e-10.
func agrees(_ value: Double, _ expected: Double) -> Bool {
  value == expected || abs(value - expected) <= 1e-10 * max(abs(value), abs(expected))
}
