/// The exact null distribution of the rank sum with ties (Lehmann, Nonparametrics, 1975, section 1.4): over every split
/// of the pooled sample, how many give a U at most, and at least, the observed one.
///
/// U is counted doubled, so that a tied pair, which counts a half, is a whole number. With i values placed in ascending
/// order, k of them on the first side, the doubled U among them is 0 ... 2k(i − k): a table of that length for every k.
/// A group of s equal values with j on the first side adds 2·j·(i − k) + j·(s − j), in C(s, j) ways. The pooled sample
/// is cut in two near the middle, a table is built for either half, and the halves are met: values of the high half beat
/// those of the low one whatever happens within. For 20 + 20 values in 8 groups: 24,000 steps, and 62,000 without the cut.
struct TiedRankTails {
  /// One half: for every size k of the first side within it, the ways to reach each doubled U.
  private struct Half {
    var items = 0
    var ways: [Double] = [1]
    /// `starts[k]`: where the table of k begins; k that cannot be have no length.
    var starts: [Int] = [0, 1]

    func range(_ k: Int) -> Range<Int> { starts[k]..<starts[k + 1] }
  }

  let first: Int
  let second: Int

  /// The share of all splits with a doubled U at most, and at least, `observed`. `groups` are the sizes of the pooled
  /// sample's groups of equal values in ascending order; they add up to first + second, both at least 1.
  /// Exact to a relative error of about 1e-14, also in the far tail.
  func tails(groups: [Int], observed: Int) -> (atMost: Double, atLeast: Double) {
    // A tail above the middle is read as the mirrored one below it, which is a sum without a subtraction.
    guard observed <= first * second else {
      let mirrored = tails(groups: groups.reversed(), observed: 2 * first * second - observed)
      return (mirrored.atLeast, mirrored.atMost)
    }
    let cut = middle(of: groups)
    let low = table(groups[..<cut])
    var high = table(groups[cut...])
    for k in 0...high.items {
      for index in high.range(k).dropFirst() { high.ways[index] += high.ways[index - 1] }
    }
    var total = 0.0
    var atMost = 0.0
    var below = 0.0
    for k in 0...low.items where first >= k && first - k <= high.items {
      let lows = low.range(k)
      let partners = high.range(first - k)
      guard !partners.isEmpty, !lows.isEmpty else { continue }
      let rest = observed - 2 * (first - k) * (low.items - k)
      let met = Self.met(low.ways[lows], high.ways[partners], rest: rest)
      total += met.all
      atMost += met.atMost
      below += met.below
    }
    return (atMost / total, (total - below) / total)
  }

  /// Pairs every U of the low half with the cumulated ways of the high one: those that add up to anything, to at most
  /// `rest`, and to less. Neither is empty.
  private static func met(
    _ ways: ArraySlice<Double>, _ cumulated: ArraySlice<Double>, rest: Int
  ) -> (all: Double, atMost: Double, below: Double) {
    // Safety: u runs where 0 ≤ rest − u < count, and for `below` where 0 ≤ rest − 1 − u < count.
    ways.withUnsafeBufferPointer { ways in
      cumulated.withUnsafeBufferPointer { cumulated in
        let everything = cumulated[cumulated.count - 1]
        let sum = ways.reduce(0, +)
        func within(_ rest: Int) -> Double {
          let free = min(max(0, rest - cumulated.count + 1), ways.count)
          var paired = 0.0
          for u in stride(from: 0, to: free, by: 1) { paired += ways[u] }
          paired *= everything
          // Four sums side by side: one alone waits for each addition before the next.
          let end = min(ways.count, rest + 1)
          var u = free
          var lanes = SIMD4<Double>.zero
          while u + 4 <= end {
            let partners = SIMD4(
              cumulated[rest - u], cumulated[rest - u - 1], cumulated[rest - u - 2], cumulated[rest - u - 3])
            lanes += SIMD4(ways[u], ways[u + 1], ways[u + 2], ways[u + 3]) * partners
            u += 4
          }
          paired += lanes.sum()
          while u < end {
            paired += ways[u] * cumulated[rest - u]
            u += 1
          }
          return paired
        }
        return (sum * everything, within(rest), within(rest - 1))
      }
    }
  }

  /// The boundary between groups that lies nearest to half of the values.
  private func middle(of groups: [Int]) -> Int {
    let size = first + second
    var placed = 0
    for (index, group) in groups.enumerated() {
      if 2 * placed + group >= size { return index }
      placed += group
    }
    return groups.count
  }

  private func table(_ groups: ArraySlice<Int>) -> Half {
    var half = Half()
    for size in groups { half = extended(half, by: size) }
    return half
  }

  private func extended(_ half: Half, by size: Int) -> Half {
    let items = half.items + size
    var next = Half(items: items, ways: [], starts: [0])
    next.starts.reserveCapacity(items + 2)
    var length = 0
    for k in 0...items {
      if k <= first, items - k <= second { length += 2 * k * (items - k) + 1 }
      next.starts.append(length)
    }
    next.ways = [Double](repeating: 0, count: length)
    let starts = next.starts
    let choices = (0...size).map { Combinations.count(choosing: $0, of: size) }
    // Safety: the doubled U within the old values is at most 2k(i − k), and with what the group adds at most that of
    // (k + j) of (i + s): source and target lie within their tables.
    half.ways.withUnsafeBufferPointer { old in
      next.ways.withUnsafeMutableBufferPointer { new in
        for k in 0...half.items where !half.range(k).isEmpty {
          let source = UnsafeBufferPointer(rebasing: old[half.range(k)])
          for j in 0...size where starts[k + j] < starts[k + j + 1] {
            let start = starts[k + j] + 2 * j * (half.items - k) + j * (size - j)
            let target = UnsafeMutableBufferPointer(rebasing: new[start..<start + source.count])
            let factor = choices[j]
            for index in source.indices { target[index] += factor * source[index] }
          }
        }
      }
    }
    return next
  }
}
