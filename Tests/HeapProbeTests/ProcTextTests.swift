@testable import HeapProbe
import Testing

struct ProcTextTests {
  static let text = """
    Name:\tswift
    VmHWM:\t    1234 kB
    SwapPss:               9 kB
    Pss:                  77 kB
    Empty:
    Word:                 kB
    Huge: 99999999999999999999 kB
    Last:  5 kB
    """

  @Test(arguments: [
    ("VmHWM:", 1234 * 1024 as Int?), ("Pss:", 77 * 1024), ("SwapPss:", 9 * 1024), ("Last:", 5 * 1024),
    ("Empty:", nil), ("Word:", nil), ("Huge:", nil), ("Missing:", nil), ("Name:", nil),
  ])
  func `a field of a proc text is found at the start of a line only`(field: String, bytes: Int?) {
    #expect(read(field, in: Self.text) == bytes)
  }

  @Test func `an empty text has no field`() {
    #expect(read("Pss:", in: "") == nil)
    #expect(read("Pss:", in: "Ps") == nil)
    #expect(read("Pss:", in: "\n\n") == nil)
  }

  /// The function takes a literal; these are the ones that the tests ask for.
  private func read(_ field: String, in text: String) -> Int? {
    let literals: [StaticString] = [
      "VmHWM:", "Pss:", "SwapPss:", "Last:", "Empty:", "Word:", "Huge:", "Missing:", "Name:",
    ]
    let bytes = Array(text.utf8)
    let literal = literals.first { "\($0)" == field }!
    return kilobyteField(literal, in: bytes.span)
  }
}
