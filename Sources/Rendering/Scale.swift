// Where numbers lie on a line, and which of them are written on it.

/// Powers of ten lie equally far apart.
struct LogarithmicScale {
  let lower: Double
  let upper: Double
  /// Where `lower` and `upper` lie.
  let start: Double
  let end: Double

  /// From the round number at or below the least value to the one at or above the greatest, of those from 0.001 on.
  init(around values: [Double], from start: Double, to end: Double) {
    let positive = values.filter { $0 >= Self.roundNumbers[0] }
    let least = positive.min() ?? 1
    let greatest = positive.max() ?? 10
    var lower = Self.roundNumbers.last { $0 <= least } ?? Self.roundNumbers[0]
    let upper =
      Self.roundNumbers.first { $0 >= greatest && $0 > lower } ?? Self.roundNumbers[Self.roundNumbers.count - 1]
    if lower >= upper { lower = upper / 10 }
    self.init(lower: lower, upper: upper, start: start, end: end)
  }

  init(lower: Double, upper: Double, start: Double, end: Double) {
    self.lower = lower
    self.upper = upper
    self.start = start
    self.end = end
  }

  /// Values beyond the ends lie on them.
  func position(_ value: Double) -> Double {
    let inside = min(max(value, lower), upper)
    let share =
      (decimalLogarithm(inside) - decimalLogarithm(lower)) / (decimalLogarithm(upper) - decimalLogarithm(lower))
    return start + share * (end - start)
  }

  /// The ends and the powers of ten between them; 1, 2 and 5 of each where that would be fewer than three powers.
  var ticks: [Double] {
    let inside = Self.roundNumbers.filter { $0 >= lower && $0 <= upper }
    let powers = Self.roundNumbers.enumerated().filter { $0.offset.isMultiple(of: 3) }.map(\.element)
    let coarse = powers.filter { $0 >= lower && $0 <= upper }
    return coarse.count >= 3 ? Set(coarse + [lower, upper]).sorted() : inside
  }

  /// 1, 2 and 5 of each power of ten from 10⁻³ to 10¹⁵.
  private static let roundNumbers: [Double] = {
    var numbers: [Double] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    var power = 1.0
    while power <= 1e15 {
      numbers += [power, 2 * power, 5 * power]
      power *= 10
    }
    return numbers
  }()
}

/// The logarithm to base 10 of a number above 0, to about 15 digits. The standard library has none, and this module
/// imports no C library.
func decimalLogarithm(_ value: Double) -> Double {
  guard value > 0, value.isFinite else { return 0 }
  // ln m = 2 artanh((m − 1) / (m + 1)); m is in 1..<2, so that the terms fall by a factor of 9 or more.
  let ratio = (value.significand - 1) / (value.significand + 1)
  var term = ratio
  var sum = 0.0
  for odd in stride(from: 1.0, through: 33, by: 2) {
    sum += term / odd
    term *= ratio * ratio
  }
  let ln2 = 0.693_147_180_559_945_3
  let ln10 = 2.302_585_092_994_045_7
  return (2 * sum + Double(value.exponent) * ln2) / ln10
}
