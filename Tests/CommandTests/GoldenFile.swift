import FoundationEssentials
import Testing

/// Compares what a command printed with a file under Golden/: stdout, stderr and exit status together. With
/// WEAKSPOT_RECORD=1 the file is written anew, and the test fails, so that a recording run never passes.
func expectGolden(
  _ name: String, _ execution: Execution, replacing replacements: [(String, String)] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var text = "status: \(execution.status)\n--- stdout\n\(execution.out)--- stderr\n\(execution.error)"
  for (from, to) in replacements { text = text.replacing(from, with: to) }
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).txt")
  if ProcessInfo.processInfo.environment["WEAKSPOT_RECORD"] == "1" {
    try text.write(to: file, atomically: true, encoding: .utf8)
    Issue.record("recorded \(name): read it, and run again without WEAKSPOT_RECORD", sourceLocation: sourceLocation)
    return
  }
  let expected = try String(contentsOf: file, encoding: .utf8)
  #expect(text == expected, sourceLocation: sourceLocation)
}
