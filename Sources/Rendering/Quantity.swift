import RegressionCompare

/// Numbers as people read them. The same everywhere: tables, pages, sentences.
package enum Quantity {
  /// Bytes in binary units with three digits: `0 B`, `912 B`, `46.9 KiB`, `1.24 GiB`; negative with a minus sign.
  package static func bytes(_ value: Double) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var magnitude = value.magnitude
    var unit = 0
    while magnitude >= 1000, unit < units.count - 1 {
      magnitude /= 1024
      unit += 1
    }
    let digits = unit == 0 || magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2
    return (value < 0 ? "−" : "") + fixed(magnitude, digits: digits) + " " + units[unit]
  }

  /// A whole number with commas: `1,000,000`.
  package static func count(_ value: Int) -> String { NumberText.grouped(Int64(value)) }

  /// A whole number of things: `1 case`, `1,000 cases`.
  package static func counted(_ value: Int, _ singular: String, _ plural: String) -> String {
    NumberText.counted(value, singular, plural)
  }

  /// A decimal with a fixed number of digits, rounded half up, never in exponent form.
  package static func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((value.magnitude * scale).rounded())
    let whole = String(scaled / Int64(scale))
    let sign = value < 0 && scaled != 0 ? "−" : ""
    guard digits > 0 else { return sign + whole }
    let rest = String(scaled % Int64(scale))
    return sign + whole + "." + String(repeating: "0", count: digits - rest.count) + rest
  }

  /// Seconds as a person says them: `8 s`, `2 min 05 s`, `1 h 10 min`.
  package static func duration(seconds: Double) -> String {
    let total = Int(seconds.rounded())
    if total < 60 { return "\(total) s" }
    func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if total < 3600 { return "\(total / 60) min \(twoDigits(total % 60)) s" }
    return "\(total / 3600) h \(twoDigits(total % 3600 / 60)) min"
  }
}
