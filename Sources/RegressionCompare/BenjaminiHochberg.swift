/// The false-discovery rate over a family of tests (Benjamini & Hochberg 1995).
package enum BenjaminiHochberg {
  /// The adjusted p-values, in the order given: the least p·count/rank of this and every greater p, at most 1, as
  /// scipy.stats.false_discovery_control has it. A test is a discovery at level q when its adjusted p is at most q.
  /// Valid for independent and for positively dependent tests (Benjamini & Yekutieli 2001); the two resident metrics of
  /// one case are the latter. O(n log n).
  package static func adjusted(_ pValues: [Double]) -> [Double] {
    let ascending = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    var adjusted = [Double](repeating: 1, count: pValues.count)
    var least = 1.0
    for (position, index) in ascending.enumerated().reversed() {
      least = min(least, pValues[index] * Double(pValues.count) / Double(position + 1))
      adjusted[index] = least
    }
    return adjusted
  }
}
