package import GraphWorkloads
import SeededRandom

/// What a user asked to be measured: a suite, and what stands in place of its lists.
package struct RunRequest: Sendable {
  package var suite: Suite
  package var topologies: [Topology]?
  package var backLinks: [BackLink]?
  package var nodes: [Int]?
  package var payloads: [Int]?
  package var runs: Int?
  /// The graphs' seed; it orders the run as well.
  package var seed: UInt64

  package init(
    suite: Suite, topologies: [Topology]? = nil, backLinks: [BackLink]? = nil, nodes: [Int]? = nil,
    payloads: [Int]? = nil, runs: Int? = nil, seed: UInt64 = 1
  ) {
    self.suite = suite
    self.topologies = topologies
    self.backLinks = backLinks
    self.nodes = nodes
    self.payloads = payloads
    self.runs = runs
    self.seed = seed
  }
}

/// The graphs to measure and the order of the samples.
package struct RunPlan: Sendable, Equatable {
  /// One sample to come: a graph, and which of its repetitions.
  package struct Sample: Sendable, Equatable {
    package let specification: GraphSpecification
    /// From 0.
    package let repetition: Int
  }

  /// The suite's name, or `custom` where a list stands in place of one of its own.
  package let suite: String
  package let seed: UInt64
  package let runs: Int
  /// The graphs, in the order of the lists.
  package let cases: [GraphSpecification]
  /// Every repetition of every graph, shuffled by the seed: what drifts while the run goes on hits all cases alike.
  package let samples: [Sample]

  /// Combinations that mean nothing are left out where the suite brought them up, and refused where the user named both
  /// the topology and the back link.
  package init(_ request: RunRequest) throws(RunError) {
    let suite = request.suite
    let lists: [Any?] = [request.topologies, request.backLinks, request.nodes, request.payloads]
    self.suite = lists.contains { $0 != nil } || request.runs.map { $0 != suite.runs } == true ? "custom" : suite.name
    seed = request.seed
    runs = request.runs ?? suite.runs
    guard (1...Self.mostRuns).contains(runs) else { throw .runs(runs) }
    let isNamed = request.topologies != nil && request.backLinks != nil
    var cases: [GraphSpecification] = []
    for topology in request.topologies ?? suite.topologies {
      for backLink in request.backLinks ?? suite.backLinks {
        if !isNamed, GraphSpecification.refusal(topology, backLink) != nil { continue }
        for nodes in request.nodes ?? suite.nodes {
          for payload in request.payloads ?? suite.payloads {
            do {
              let specification = try GraphSpecification(
                topology: topology, backLink: backLink, nodes: nodes, payload: payload, seed: request.seed)
              if !cases.contains(specification) { cases.append(specification) }
            } catch {
              throw .graph(error)
            }
          }
        }
      }
    }
    guard !cases.isEmpty else { throw .nothingToMeasure }
    self.cases = cases
    let runs = runs
    var samples = cases.flatMap { specification in
      (0..<runs).map { Sample(specification: specification, repetition: $0) }
    }
    var generator = SplitMix64(seed: request.seed)
    generator.shuffle(&samples)
    self.samples = samples
  }

  /// More runs of one case than anyone has time for are a slip of the finger.
  package static let mostRuns = 1_000_000

  /// The first graph that would not fit into `available` bytes; `nil` if all do.
  package func firstTooLarge(available: Int) -> (specification: GraphSpecification, estimate: Int?)? {
    for specification in cases {
      // The mapping of pages and what the process has besides the graph: 1 % and 16 MiB.
      guard let estimate = specification.estimatedBytes, estimate < Int.max / 2 else { return (specification, nil) }
      let need = estimate + estimate / 100 + 16 << 20
      if need > available { return (specification, estimate) }
    }
    return nil
  }
}

/// Why a run cannot start.
package enum RunError: Error, Equatable, CustomStringConvertible {
  case runs(Int)
  case graph(WorkloadError)
  case nothingToMeasure
  case tooLarge(caseText: String, estimate: Int?, available: Int)
  case memoryUnknown(String)
  case cannotStart(String)
  case notBenchmark(path: String, fact: String)
  case noInspector(path: String, fact: String)

  package var description: String {
    switch self {
    case .runs(let runs): "\(runs) runs: give a number from 1 to \(RunPlan.mostRuns)"
    case .graph(let error): error.description
    case .nothingToMeasure:
      "none of these topologies can have these back links; weakspot-bench list says which can"
    case .tooLarge(let caseText, let estimate, let available):
      "\(caseText) needs about \(estimate.map(Self.binary) ?? "more memory than can be counted"), and "
        + "\(Self.binary(available)) are available; ask for fewer nodes, or add --force"
    case .memoryUnknown(let fact):
      "the memory available cannot be told: \(fact); add --force to run without that check"
    case .cannotStart(let fact): "a sample's process cannot be started: \(fact)"
    case .notBenchmark(let path, let fact):
      "\(path) is no weakspot-bench that this one can measure: \(fact); give the path of a weakspot-bench of this version "
        + "or a later one"
    case .noInspector(let path, let fact):
      "--inspect needs the inspector beside weakspot-bench: \(path): \(fact); build it with swift build --product weakspot"
    }
  }

  private static func binary(_ bytes: Int) -> String {
    let mebibytes = (bytes + 1 << 20 - 1) >> 20
    return mebibytes < 10 << 10 ? "\(mebibytes) MiB" : "\(mebibytes >> 10) GiB"
  }
}
