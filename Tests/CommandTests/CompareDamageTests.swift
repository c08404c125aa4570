import FoundationEssentials
import Subprocess
import TestSupport
import Testing

/// A report that is not what it should be never passes as “no regression”.
struct CompareDamageTests {
  private let scratch = ScratchFolder()

  private static let sound = ReportText(cases: [
    ("ring/weak", ReportText.samples()), ("ring/strong", ReportText.samples()),
  ]).text

  /// The report with one field of one row replaced.
  private static func replacing(_ column: String, ofLine line: Int, with value: String) -> String {
    var lines = sound.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var fields = lines[line - 1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let position = ReportText.header.dropLast().split(separator: ",").map(String.init).firstIndex(of: column)
    fields[position ?? 0] = value
    lines[line - 1] = fields.joined(separator: ",")
    return lines.joined(separator: "\n")
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    var status: Int32 = 2
    /// Where the report is damaged: file, line and column.
    let place: String

    init(_ name: String, _ text: String, status: Int32 = 2, at place: String) {
      self.init(name, bytes: Array(text.utf8), status: status, at: place)
    }

    init(_ name: String, bytes: [UInt8], status: Int32 = 2, at place: String) {
      (self.name, self.bytes, self.status, self.place) = (name, bytes, status, place)
    }

    var testDescription: String { name }
  }

  private static let damages = [
    Damage("empty", "", at: "bad.csv:1:1"),
    Damage("binary", bytes: (0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 37) }, at: "bad.csv:1:"),
    Damage("a header alone", ReportText.header, at: "bad.csv:2:1"),
    Damage("cut off in a row", String(sound.dropLast(40)), at: "bad.csv:81:"),
    Damage("cut off between the rows of a sample", lines(dropping: 1), at: "bad.csv:78:"),
    Damage("a key twice", sound + sound.split(separator: "\n")[5] + "\n", at: "bad.csv:82:1"),
    Damage("NaN", replacing("rss_bytes", ofLine: 7, with: "NaN"), at: "bad.csv:7:"),
    Damage("negative bytes", replacing("heap_in_use_bytes", ofLine: 9, with: "-1"), at: "bad.csv:9:"),
    Damage("20 digits", replacing("rss_bytes", ofLine: 3, with: "12345678901234567890"), at: "bad.csv:3:"),
    Damage("19 digits", replacing("heap_in_use_bytes", ofLine: 3, with: "9000000000000000000"), at: "bad.csv:3:"),
    Damage(
      "19 digits of objects", replacing("live_objects_count", ofLine: 4, with: "9000000000000000000"), at: "bad.csv:4:"),
    Damage("19 digits of time", replacing("phase_ns", ofLine: 4, with: "9000000000000000000"), at: "bad.csv:4:"),
    Damage("quotes inside quotes", replacing("suite", ofLine: 4, with: #""a"b""#), at: "bad.csv:4:"),
    Damage("an open quote", replacing("suite", ofLine: 4, with: #""a"#), at: "bad.csv:4:"),
    Damage("a decimal number", replacing("phase_ns", ofLine: 3, with: "1.5"), at: "bad.csv:3:"),
    Damage("an unknown status", replacing("status", ofLine: 3, with: "fine"), at: "bad.csv:3:"),
    Damage("a newer schema", sound.replacing("\n1,run-a", with: "\n2,run-a"), status: 3, at: "bad.csv:2:1"),
  ]

  private static func lines(dropping count: Int) -> String {
    sound.split(separator: "\n").dropLast(count).joined(separator: "\n") + "\n"
  }

  @Test(arguments: damages)
  func `damage is told with file, line and column on either side`(_ damage: Damage) async throws {
    try scratch.write(Self.sound, to: "sound.csv")
    try Data(damage.bytes).write(to: URL(filePath: scratch["bad.csv"]))
    for names in [["sound.csv", "bad.csv"], ["bad.csv", "sound.csv"], ["bad.csv", "bad.csv"]] {
      let execution = try await Executable.bench.shell(
        #"cd "$1"; exec "$0" compare "$2" "$3""#, [scratch.path] + names)
      #expect(execution.status == .exited(damage.status), "\(execution.out)\(execution.error)")
      #expect(execution.error.contains(damage.place), "\(execution.error)")
      #expect(execution.out == "")
    }
  }

  @Test func `what only looks different reads as the same report`() async throws {
    try scratch.write(Self.sound, to: "sound.csv")
    let rows = Self.sound.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let variants = [
      ("CRLF", Self.sound.replacing("\n", with: "\r\n")), ("BOM", "\u{FEFF}" + Self.sound),
      ("reordered columns", rows.map { $0.reversed().joined(separator: ",") + "\n" }.joined()),
      (
        "extra columns",
        rows.enumerated().map { ($1 + [$0 == 0 ? "note" : "\"a, b\""]).joined(separator: ",") + "\n" }.joined()
      ),
    ]
    for (name, text) in variants {
      // Of another run, as a run is not compared with itself.
      try scratch.write(text.replacing("run-a", with: "run-b"), to: "variant.csv")
      let execution = try await Executable.bench.shell(
        #"cd "$1"; exec "$0" compare sound.csv variant.csv"#, [scratch.path])
      #expect(execution.status == .exited(0), "\(name): \(execution.error)")
      #expect(execution.out.contains("nothing regressed in 10 gated cells"), "\(name)")
    }
  }

  @Test(arguments: ["missing.csv", "."])
  func `a report that cannot be read is exit status 2`(path: String) async throws {
    try scratch.write(Self.sound, to: "sound.csv")
    let execution = try await Executable.bench.shell(
      #"cd "$1"; exec "$0" compare sound.csv "$2""#, [scratch.path, path])
    #expect(execution.status == .exited(2))
    #expect(execution.error.contains("\(path): cannot be read"))
  }
}
