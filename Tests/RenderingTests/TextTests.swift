import BenchmarkReport
import Testing

@testable import Rendering

struct QuantityTests {
  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "0.98 KiB"), (1024, "1.00 KiB"), (48_000, "46.9 KiB"), (-65_536, "−64.0 KiB"),
    (4_800_000, "4.58 MiB"), (1_073_741_824, "1.00 GiB"), (1e18, "888 PiB"),
  ])
  func `bytes have three digits and a binary unit`(bytes: Double, text: String) {
    #expect(Quantity.bytes(bytes) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "−1,234,567"), (100_000, "100,000")])
  func `counts have commas`(count: Int, text: String) {
    #expect(Quantity.count(count) == text)
  }

  @Test(arguments: [
    (48.0, 1, "48.0"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"), (-1.25, 2, "−1.25"), (1.995, 2, "2.00"), (3.007, 2, "3.01"),
    (12, 0, "12"), (.nan, 1, "nan"), (.infinity, 0, "inf"),
  ])
  func `decimals have a fixed number of digits`(value: Double, digits: Int, text: String) {
    #expect(Quantity.fixed(value, digits: digits) == text)
  }

  @Test(arguments: [(0.4, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (125, "2 min 05 s"), (4200, "1 h 10 min")])
  func `durations are said in two units`(seconds: Double, text: String) {
    #expect(Quantity.duration(seconds: seconds) == text)
  }
}

struct TextTableTests {
  @Test func `columns are aligned and no line ends in a blank`() {
    var table = TextTable([.init("name", .left), .init("n"), .init("note", .left)])
    table.append(["a", "1", "x"])
    table.append(["longer", "1,000", ""])
    #expect(table.text == "name        n  note\na           1  x\nlonger  1,000\n")
    #expect(table.width == 19)
  }

  @Test func `text is broken at blanks`() {
    #expect(wrap("one two three", width: 8) == "one two\nthree")
    #expect(wrap("one two three", width: 3, indent: "  ") == "  one\n  two\n  three")
    #expect(wrap("", width: 3) == "")
  }
}

struct ProgressLineTests {
  private func line(done: Int, of total: Int = 10, elapsed: Double = 10, width: Int) -> String {
    ProgressLine.text(
      done: done, total: total, fraction: Double(done) / Double(total), elapsed: elapsed, label: "ring", width: width)
  }

  @Test func `a line says how much is done and what is left`() {
    #expect(line(done: 5, width: 80) == "██████████░░░░░░░░░░ 5/10, 10 s left  ring")
    #expect(line(done: 10, width: 80) == "████████████████████ 10/10  ring")
    #expect(line(done: 0, width: 80) == "░░░░░░░░░░░░░░░░░░░░ 0/10  ring")
  }

  @Test(arguments: [1, 2, 10, 15, 30, 40, 41, 42])
  func `a line never fills the terminal's`(width: Int) {
    #expect(line(done: 5, width: width).count < width)
  }
}
