import GraphWorkloads
import SeededRandom

extension RunPlan {
  /// A sample to come, and which of two executables makes it: 0 for the base, 1 for the head.
  package struct Turn: Sendable, Equatable {
    package let side: Int
    package let sample: Sample
  }

  /// Every sample once for each of two executables, so that what drifts hits both alike: two repetitions of a case make
  /// a block A B B A, in which a steady drift cancels; a lone last repetition is A B. The seed shuffles the blocks and
  /// says which executable is A in each.
  package var balancedTurns: [Turn] {
    var blocks = cases.flatMap { specification in
      stride(from: 0, to: runs, by: 2).map { first in
        (first..<min(first + 2, runs)).map { Sample(specification: specification, repetition: $0) }
      }
    }
    var generator = SplitMix64(seed: seed)
    generator.shuffle(&blocks)
    return blocks.flatMap { block in
      let first = generator.next(below: 2)
      return block.enumerated().flatMap { position, sample in
        let sides = position.isMultiple(of: 2) ? [first, 1 - first] : [1 - first, first]
        return sides.map { Turn(side: $0, sample: sample) }
      }
    }
  }
}
