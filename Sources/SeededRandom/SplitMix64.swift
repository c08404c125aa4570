/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): 64 random bits a step from a 64-bit seed. Our own, because the
/// standard library promises no sequence: a seed must give the same graph, order and p in every release of Swift.
package struct SplitMix64: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// An integer in `0..<bound`, by the high word of a product; its bias is below bound / 2⁶⁴.
  package mutating func next(below bound: Int) -> Int {
    precondition(bound > 0, "a bound is positive")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Puts the elements into a random order (Fisher and Yates).
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, next(below: last + 1))
    }
  }
}
