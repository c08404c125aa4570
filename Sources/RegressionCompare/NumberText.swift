// Numbers as the sentences of verdicts write them: the same on every machine, without a locale.

import Glibc

package enum NumberText {
  /// `1234567` → `1,234,567`; what is not whole keeps two decimals; a number beyond 2⁵³ stands as Swift prints it.
  static func grouped(_ value: Double) -> String {
    guard value.isFinite, abs(value) <= 9_007_199_254_740_992 else { return "\(value)" }
    let whole = value.rounded(.towardZero)
    if value == whole { return grouped(Int64(whole)) }
    let hundredths = Int64((abs(value) * 100).rounded())
    let fraction = hundredths % 100
    let sign = value < 0 ? "−" : ""
    return sign + grouped(hundredths / 100) + "." + (fraction < 10 ? "0" : "") + String(fraction)
  }

  package static func grouped(_ value: Int64) -> String {
    let digits = Array(String(value.magnitude).utf8)
    var text = value < 0 ? "−" : ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position).isMultiple(of: 3) { text += "," }
      text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return text
  }

  /// With a plus sign where the number is positive.
  static func signed(_ value: Double) -> String { value > 0 ? "+" + grouped(value) : grouped(value) }

  /// A probability with two significant digits: `0.21`, `0.0019`, `1.1e-05`.
  static func probability(_ value: Double) -> String {
    guard value > 0, value < 1 else { return grouped(value) }
    var exponent = Int(log10(value).rounded(.down))
    var mantissa = (value / pow(10, Double(exponent)) * 10).rounded()
    if mantissa >= 100 {
      mantissa = 10
      exponent += 1
    }
    let digits = Int(mantissa)
    guard exponent < -4 else {
      if exponent >= 0 { return "1" }
      let zeros = String(repeating: "0", count: -exponent - 1)
      return "0." + zeros + (digits.isMultiple(of: 10) ? String(digits / 10) : String(digits))
    }
    let power = (exponent > -10 ? "0" : "") + String(-exponent)
    return "\(digits / 10).\(digits % 10)e-\(power)"
  }

  static func bytes(_ count: UInt64) -> String {
    "\(Int64(exactly: count).map { grouped($0) } ?? "\(count)") \(count == 1 ? "byte" : "bytes")"
  }

  /// A whole number of things: `1 case`, `1,000 cases`.
  package static func counted(_ count: Int, _ singular: String, _ plural: String) -> String {
    "\(grouped(Int64(count))) \(count == 1 ? singular : plural)"
  }
}
