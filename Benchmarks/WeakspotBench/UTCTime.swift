import Glibc
import RegressionCompare

/// A moment in UTC, to the second.
struct UTCTime {
  private let fields: tm

  static func now() -> UTCTime {
    var seconds = time(nil)
    var fields = tm()
    gmtime_r(&seconds, &fields)
    return UTCTime(fields: fields)
  }

  /// `2026-11-23T06:34:00Z` (ISO 8601).
  var iso8601: String { text("%Y-%m-%dT%H:%M:%SZ") }

  /// `20261123T063400Z`: for a file's name.
  var compact: String { text("%Y%m%dT%H%M%SZ") }

  var day: CalendarDay {
    guard
      let day = CalendarDay(year: Int(fields.tm_year) + 1_900, month: Int(fields.tm_mon) + 1, day: Int(fields.tm_mday))
    else { fatalError("gmtime_r gave a day that no calendar has") }
    return day
  }

  private func text(_ format: String) -> String {
    var fields = fields
    var buffer = [CChar](repeating: 0, count: 64)
    let count = strftime(&buffer, buffer.count, format, &fields)
    return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
