/// A cycle by its edge classes: `turns` times the runs, in the rotation that comes first by the classes' keys.
///
/// A ring of a million equal steps is one run of one class, turned a million times.
package struct Cycle: Sendable, Equatable {
  /// Some classes in a row, `times` times.
  package struct Run: Sendable, Equatable {
    /// Places in `Leaks.classes`.
    package var classes: [UInt32]
    package var times: Int
  }

  package var runs: [Run]
  package var turns: Int
  /// How many objects the cycle goes through.
  package var length: Int
  /// At most so many such cycles, counted by the rarest of its edges; exact for lengths 1 and 2 where no edge stands
  /// twice.
  package var occurrences: Int
  /// The objects of the first turn, at most 16, as places in `Leaks.nodes`.
  package var example: [UInt32]

  static let longestExample = 16

  /// Each class once, ascending: the same however often the steps repeat and wherever the cycle begins.
  package var distinctClasses: [UInt32] { Set(runs.flatMap(\.classes)).sorted() }

  /// - Parameter nodes: Where each step begins.
  init(classes: [UInt32], nodes: [UInt32], occurrences: Int) {
    let start = Self.leastRotation(classes)
    let rotated = Array(classes[start...] + classes[..<start])
    let period = Self.period(rotated)
    runs = Self.fold(rotated[..<period])
    turns = classes.count / period
    length = classes.count
    self.occurrences = occurrences
    example = (0..<min(period, Self.longestExample)).map { nodes[(start + $0) % nodes.count] }
  }

  /// Where the least rotation of a sequence begins; linear.
  static func leastRotation(_ values: [UInt32]) -> Int {
    let count = values.count
    var (one, other, equal) = (0, 1, 0)
    while one < count, other < count, equal < count {
      let left = values[one + equal < count ? one + equal : one + equal - count]
      let right = values[other + equal < count ? other + equal : other + equal - count]
      if left == right {
        equal += 1
        continue
      }
      if left > right { one += equal + 1 } else { other += equal + 1 }
      if one == other { other += 1 }
      equal = 0
    }
    return min(one, other)
  }

  /// The length of the shortest piece of which a sequence is a whole number of copies; linear for each divisor.
  static func period(_ values: [UInt32]) -> Int {
    let count = values.count
    var divisor = 1
    while divisor * 2 <= count {
      if count % divisor == 0, (divisor..<count).allSatisfy({ values[$0] == values[$0 - divisor] }) { return divisor }
      divisor += 1
    }
    return count
  }

  /// Folds what repeats at once: at each place the shortest piece, up to four classes, that stands there at least
  /// twice.
  static func fold(_ values: ArraySlice<UInt32>) -> [Run] {
    var runs: [Run] = []
    var place = values.startIndex
    while place < values.endIndex {
      var (size, times) = (1, 1)
      for piece in 1...4 where place + 2 * piece <= values.endIndex {
        var end = place + piece
        while end < values.endIndex, values[end] == values[end - piece] { end += 1 }
        let copies = (end - place) / piece
        if copies > 1 {
          (size, times) = (piece, copies)
          break
        }
      }
      let piece = Array(values[place..<place + size])
      if times == 1, let last = runs.indices.last, runs[last].times == 1 {
        runs[last].classes += piece
      } else {
        runs.append(Run(classes: piece, times: times))
      }
      place += size * times
    }
    return runs
  }
}
