internal import Glibc

/// What the recorder is asked for, and how it is told: by its environment.
package struct RecorderSettings: Equatable, Sendable {
  /// Mean bytes between two samples; `nil`: every block.
  package var sampleMean: Int?
  /// A file for the recording; `nil`: a memfd, which goes with the program.
  package var output: String?
  /// Children are recorded as well, each on its own.
  package var recordsChildren: Bool

  package init(sampleMean: Int? = nil, output: String? = nil, recordsChildren: Bool = false) {
    self.sampleMean = sampleMean
    self.output = output
    self.recordsChildren = recordsChildren
  }

  /// `environment`, with what makes a program record itself. What it preloads already stays behind the recorder.
  package func applied(
    to environment: [String: String], library: String
  ) throws(RecorderLaunchError) -> [String: String] {
    guard !library.contains(where: { $0 == ":" || $0 == " " }) else { throw .unusablePath(library) }
    var result = environment.filter { !$0.key.hasPrefix("WEAKSPOT_RECORD_") }
    let others = environment["LD_PRELOAD"].map { $0.isEmpty ? "" : ":" + $0 } ?? ""
    result["LD_PRELOAD"] = library + others
    if let sampleMean { result["WEAKSPOT_RECORD_SAMPLE"] = String(sampleMean) }
    if let output { result["WEAKSPOT_RECORD_OUTPUT"] = output }
    if recordsChildren { result["WEAKSPOT_RECORD_CHILDREN"] = "1" }
    return result
  }

  /// Makes this process's own environment such that what it starts, or becomes, records itself.
  package func applyToThisProcess(library: String) throws(RecorderLaunchError) {
    let preloaded = getenv("LD_PRELOAD").map { ["LD_PRELOAD": String(cString: $0)] } ?? [:]
    let settings = try applied(to: preloaded, library: library)
    for name in ["SAMPLE", "OUTPUT", "CHILDREN", "UNWINDER"] { unsetenv("WEAKSPOT_RECORD_" + name) }
    for (name, value) in settings { setenv(name, value, 1) }
  }
}
