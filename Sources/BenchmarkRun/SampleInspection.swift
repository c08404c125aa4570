import BenchmarkReport
import GraphWorkloads

/// The inspector's looks at one sample, held against what the sample says of itself.
///
/// Counted is from `before` on, as the models count: the rehearsal may have left a few nodes by then, and the graph's
/// own holder is there all the time.
package struct SampleInspection: Sendable, Equatable {
  /// What the graph has at one checkpoint, by the inspector.
  package struct Counts: Sendable, Equatable {
    package var objects: Int
    package var leaked: Int
    package var sideTables: Int
  }

  /// By checkpoint; `nil` where the inspector could not look.
  package let counts: [Counts?]
  /// Where the inspector differs from the models' counts, the graph's shape or glibc's bytes, or could not look.
  package let disagreements: [String]

  init(_ visits: [SampleVisit], of specification: GraphSpecification, readings: [CheckpointReadings]) {
    var counts: [Counts?] = []
    var disagreements: [String] = []
    var start: InspectorCounts?
    for (phase, (visit, reading)) in zip(Phase.allCases, zip(visits, readings)) {
      switch visit.look {
      case .failed(let why):
        counts.append(nil)
        disagreements.append("at \(phase.name) it could not be inspected: \(why)")
      case .counted(let now):
        if phase == .before { start = now }
        guard let start else {
          counts.append(nil)
          continue
        }
        let found = Counts(
          objects: now.objects - start.objects, leaked: now.leaked - start.leaked,
          sideTables: now.sideTables - start.sideTables)
        counts.append(found)
        disagreements += Self.expected(specification, phase, reading).differences(from: found, phase)
        let (more, said) = (now.inUseBytes - start.inUseBytes, visit.inUseBytes - visits[0].inUseBytes)
        if more != said {
          disagreements.append(
            "at \(phase.name) weakspot adds up \(more) bytes more in use than at before, mallinfo2 \(said)")
        }
      }
    }
    self.counts = counts
    self.disagreements = disagreements
  }

  /// What must be there, by the models' counts and the graph's shape.
  private static func expected(
    _ specification: GraphSpecification, _ phase: Phase, _ reading: CheckpointReadings
  ) -> Counts {
    let live = Int(reading.liveObjects ?? 0)
    // The nodes of an arena are no objects; the arena is one.
    let objects = specification.backLink == .index ? min(live, 1) : live
    return switch phase {
    case .before: Counts(objects: objects, leaked: 0, sideTables: 0)
    case .built:
      Counts(
        objects: objects, leaked: 0, sideTables: specification.backLink == .weak ? specification.backLinkTargets : 0)
    // The root was the last that held them.
    case .released, .trimmed: Counts(objects: objects, leaked: objects, sideTables: 0)
    }
  }
}

extension SampleInspection.Counts {
  fileprivate func differences(from found: Self, _ phase: Phase) -> [String] {
    var texts: [String] = []
    func compare(_ what: String, _ found: Int, _ expected: Int) {
      if found != expected { texts.append("at \(phase.name) weakspot finds \(found) \(what), expected \(expected)") }
    }
    compare("objects", found.objects, objects)
    compare("leaked objects", found.leaked, leaked)
    compare("side tables", found.sideTables, sideTables)
    return texts
  }
}
