import TestSupport

/// Tests/ProcessImageTarget: a process to be captured.
struct TestTarget {
  let process: TestProcess
  var pid: Int32 { process.pid }

  struct Health: Equatable {
    var isUnchanged: Bool
    var faults: Int
    var hasNoChild: Bool
    var counters: [Int]
  }

  init(_ kind: String = "multi") throws {
    process = try TestProcess(TestProcess.path("ProcessImageTarget"), [kind])
    guard process.line()?.hasPrefix("ready") == true else { throw TestFailure("no target") }
  }

  /// What the target says of itself; it answers only if it runs.
  func health() throws -> Health {
    process.write("check")
    let words = (process.line() ?? "").split(separator: " ")
    guard words.count == 9, let faults = Int(words[1]) else {
      throw TestFailure("the target does not answer: \(words)")
    }
    return Health(
      isUnchanged: words[0] == "same", faults: faults, hasNoChild: words[2] == "1",
      counters: words[3...].compactMap { Int($0) })
  }
}
